import { hashKey, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { type OwnAccount } from "../../shared/account.ts";
import { toParleyError } from "../sdk/index.ts";

export const accountKey = ["account"];

/** Tries again what may succeed by itself, and notices when the session has ended. */
export function createQueries(): QueryClient {
  const onError = (error: unknown) => {
    if (toParleyError(error).reason === "NOT_SIGNED_IN") {
      forgetAccount(queries);
    }
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && toParleyError(error).retryable,
        // The app is its own server's page: what is offline for the browser may be near for us.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return queries;
}

/** Nobody is signed in any more: whoever is next sees nothing of what the last one saw. */
export function forgetAccount(queries: QueryClient): void {
  queries.setQueryData<OwnAccount | null>(accountKey, null);
  const kept = hashKey(accountKey);
  queries.removeQueries({ predicate: ({ queryHash }) => queryHash !== kept });
}
