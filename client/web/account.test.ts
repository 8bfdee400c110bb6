import { expect, it } from "vitest";
import { ParleyError } from "../sdk/index.ts";
import { accountQuery } from "./account.ts";
import { createQueries } from "./queries.ts";

it("asks a server that is away who is signed in until it is back", async () => {
  let failures = 0;
  const restore = () => {
    if (failures === 10) return Promise.resolve(undefined);
    failures += 1;
    return Promise.reject(new ParleyError("CONNECTION_LOST", "for programs"));
  };
  const query = { ...accountQuery({ restore }), retryDelay: 0 };
  expect(await createQueries().fetchQuery(query)).toBeNull();
  expect(failures).toBe(10);
});
