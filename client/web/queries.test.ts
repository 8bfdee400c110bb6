import { QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { ParleyError } from "../sdk/index.ts";
import { accountKey, createQueries, forgetAccount, hasSessionEnded } from "./queries.ts";

it("forgets all that somebody saw once their session has ended", async () => {
  const queries = createQueries();
  queries.setQueryData(accountKey, { id: "ann" });
  queries.setQueryData(["account", "rooms"], ["a private room"]);
  queries.setQueryData(["room", "search"], []);
  const ended = new ParleyError("NOT_SIGNED_IN", "for programs");
  const refused = new QueryObserver(queries, {
    queryKey: ["chat", "unread"],
    queryFn: () => Promise.reject(ended),
    retry: false,
  });
  await refused.refetch();
  const kept = queries.getQueryCache().getAll();
  expect(kept.map(({ state }) => state.data)).toEqual([null, true]);
  expect(queries.getQueryData(accountKey)).toBeNull();
  expect(hasSessionEnded(queries)).toBe(true);
  // Who leaves by themselves is told nothing.
  forgetAccount(queries);
  expect(hasSessionEnded(queries)).toBe(false);
});
