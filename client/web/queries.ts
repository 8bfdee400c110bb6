import { hashKey, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import type { OwnAccount } from "../../shared/account.ts";
import { toParleyError } from "../sdk/index.ts";

export const accountKey = ["account"];

/** Tries again what may succeed by itself, and notices when the session has ended. */
export function createQueries(): QueryClient {
  const onError = (error: unknown) => {
    if (toParleyError(error).reason === "NOT_SIGNED_IN") {
      endSession(queries);
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

const endedKey = ["session", "ended"];

/** Somebody was signed out, and not by their own doing: the entry says so. */
export function endSession(queries: QueryClient): void {
  const wasSignedIn = Boolean(queries.getQueryData(accountKey)) || hasSessionEnded(queries);
  forgetAccount(queries);
  if (wasSignedIn) queries.setQueryData(endedKey, true);
}

export function hasSessionEnded(queries: QueryClient): boolean {
  return queries.getQueryData(endedKey) === true;
}

/** Nobody is signed in any more: whoever is next sees nothing of what the last one saw. */
export function forgetAccount(queries: QueryClient): void {
  queries.setQueryData<OwnAccount | null>(accountKey, null);
  const kept = hashKey(accountKey);
  queries.removeQueries({ predicate: ({ queryHash }) => queryHash !== kept });
}
