import { expect, it, vi } from "vitest";
import type { AccessToken } from "../../shared/account.ts";
import { Credentials } from "./credentials.ts";
import { ParleyError } from "./parley-error.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const MINUTE = 60_000;

function setUp() {
  let now = 0;
  let count = 0;
  const trade = vi.fn(async (_session: string): Promise<AccessToken> => {
    count += 1;
    return { token: `access ${count}`, expiresAt: "", lifetimeSeconds: 600 };
  });
  const credentials = new Credentials(trade, () => now);
  return { credentials, trade, pass: (ms: number) => void (now += ms) };
}

it("are none without a session: the cookie goes by itself", async () => {
  const { credentials, trade } = setUp();
  expect(await credentials.token()).toBeUndefined();
  expect(trade).not.toHaveBeenCalled();
});

it("are one access token for all, however many ask for it at once", async () => {
  const { credentials, trade } = setUp();
  credentials.setSession("session");
  const tokens = await Promise.all([credentials.token(), credentials.token()]);
  expect(tokens).toEqual(["access 1", "access 1"]);
  expect(await credentials.token()).toBe("access 1");
  expect(trade.mock.calls).toEqual([["session"]]);
});

it("are renewed while the old ones serve, so that nobody waits", async () => {
  const { credentials, trade, pass } = setUp();
  credentials.setSession("session");
  await credentials.token();
  pass(8.5 * MINUTE);
  expect(await credentials.token()).toBe("access 1");
  await eventually(async () => expect(await credentials.token()).toBe("access 2"));
  expect(trade).toHaveBeenCalledTimes(2);
});

it("are waited for when the old ones have expired", async () => {
  const { credentials, pass } = setUp();
  credentials.setSession("session");
  await credentials.token();
  pass(20 * MINUTE);
  expect(await credentials.token()).toBe("access 2");
});

it("are the session's own while there can be no access token", async () => {
  const { credentials, trade } = setUp();
  credentials.setSession("session");
  trade.mockRejectedValueOnce(new ParleyError("CONNECTION_LOST", "away"));
  expect(await credentials.token()).toBe("session");
  expect(await credentials.token()).toBe("access 1");
});

it.each(["NOT_SIGNED_IN", "FORBIDDEN"] as const)(
  "are what was given when it buys no other: %s",
  async (reason) => {
    const { credentials, trade } = setUp();
    credentials.setSession("given");
    trade.mockRejectedValue(new ParleyError(reason, "no"));
    expect(await credentials.token()).toBe("given");
    expect(await credentials.token()).toBe("given");
    expect(trade).toHaveBeenCalledTimes(1);
    trade.mockResolvedValue({ token: "access", expiresAt: "", lifetimeSeconds: 600 });
    credentials.setSession("another");
    expect(await credentials.token()).toBe("access");
  },
);

it("are replaced when the server does not take them", async () => {
  const { credentials } = setUp();
  credentials.setSession("session");
  const token = (await credentials.token()) ?? "";
  expect(credentials.refused("another")).toBe(false);
  expect(credentials.refused(token)).toBe(true);
  expect(await credentials.token()).toBe("access 2");
});

it("never outlive the session that they were bought with", async () => {
  const { credentials, trade } = setUp();
  credentials.setSession("old");
  const { promise, resolve } = Promise.withResolvers<AccessToken>();
  trade.mockReturnValueOnce(promise);
  const early = credentials.token();
  credentials.setSession("new");
  resolve({ token: "of the old one", expiresAt: "", lifetimeSeconds: 600 });
  await early;
  expect(await credentials.token()).toBe("access 1");
  credentials.setSession(undefined);
  expect(await credentials.token()).toBeUndefined();
});
