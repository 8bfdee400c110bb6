import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Account } from "../../shared/account.ts";
import { accountKey } from "./queries.ts";
import { useServices } from "./services.ts";

/** Who is signed in: `undefined` while that is found out, `null` when nobody is. */
export function useAccount() {
  const { parley } = useServices();
  const { data, error, refetch } = useQuery({
    queryKey: accountKey,
    queryFn: async () => (await parley.restore()) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return { account: data, error, retry: () => void refetch() };
}

export function useSignIn() {
  const { parley } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: { name: string; language: string }) => parley.signIn(input),
    onSuccess: (account) => queries.setQueryData<Account | null>(accountKey, account),
  });
}

export function useSignOut() {
  const { parley } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => parley.signOut(),
    onSuccess: () => {
      queries.setQueryData<Account | null>(accountKey, null);
      queries.removeQueries({ queryKey: ["room"] });
    },
  });
}
