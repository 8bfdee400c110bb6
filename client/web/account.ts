import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { OwnAccount } from "../../shared/account.ts";
import { type Parley, toParleyError } from "../sdk/index.ts";
import { accountKey, forgetAccount } from "./queries.ts";
import { useServices } from "./services.ts";

const MOST_RETRY_MS = 5000;

/** Nothing is shown without the account, so a server that is away is asked until it is back. */
export function accountQuery(parley: Pick<Parley, "restore">) {
  return {
    queryKey: accountKey,
    queryFn: async () => (await parley.restore()) ?? null,
    retry: (_failures: number, thrown: Error) => toParleyError(thrown).retryable,
    retryDelay: (failures: number) => Math.min(1000 * 2 ** failures, MOST_RETRY_MS),
    staleTime: Number.POSITIVE_INFINITY,
  };
}

/** Who is signed in: `undefined` while that is found out, `null` when nobody is. */
export function useAccount() {
  const { parley } = useServices();
  const { data, error, failureCount, failureReason, refetch } = useQuery({
    ...accountQuery(parley),
    refetchOnWindowFocus: false,
  });
  const shown = error ?? (failureCount > 1 ? failureReason : null);
  return { account: data, error: shown, retry: () => void refetch() };
}

/** Something that gives the account as it is afterwards, which every screen then shows. */
export function useAccountChange<Input = void>(change: (input: Input) => Promise<OwnAccount>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (account) => queries.setQueryData<OwnAccount | null>(accountKey, account),
  });
}

export function useSignIn() {
  const { parley } = useServices();
  return useAccountChange((input: Parameters<Parley["signIn"]>[0]) => parley.signIn(input));
}

export function useRegister() {
  const { parley } = useServices();
  return useAccountChange((input: Parameters<Parley["register"]>[0]) => parley.register(input));
}

export function useLogIn() {
  const { parley } = useServices();
  return useAccountChange((input: Parameters<Parley["logIn"]>[0]) => parley.logIn(input));
}

export function useSignOut() {
  const { parley } = useServices();
  return useFarewell(() => parley.signOut());
}

export function useRemoveAccount() {
  const { parley } = useServices();
  return useFarewell((input: Parameters<Parley["removeAccount"]>[0]) =>
    parley.removeAccount(input),
  );
}

/** Something after which nobody is signed in, and nothing that was seen is remembered. */
function useFarewell<Input = void>(leave: (input: Input) => Promise<void>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: leave,
    onSuccess: () => forgetAccount(queries),
  });
}
