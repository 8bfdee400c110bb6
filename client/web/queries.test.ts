import { QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { ParleyError } from "../sdk/index.ts";
import { accountKey, createQueries } from "./queries.ts";

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
  expect(queries.getQueryCache().getAll()).toHaveLength(1);
  expect(queries.getQueryData(accountKey)).toBeNull();
});
