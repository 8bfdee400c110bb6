import { expect, it, vi } from "vitest";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { deleteExpiredLinks, findLink, insertLink, takeLink } from "./account-link-store.ts";
import { createAccounts } from "./accounts.ts";
import { createLuciaSessions } from "./lucia-sessions.ts";

describeEachDialect("accounts", (open) => {
  async function setUp() {
    const { db } = await open();
    for (const id of ["ann", "ben"]) await insertSampleAccount(db, id);
    const sessions = createLuciaSessions({ db, bus: new EmbeddedBus() });
    const ports = {
      useAvatar: vi.fn(async (_accountId: string, uploadId: string | null) =>
        uploadId === null ? null : `/uploads/${uploadId}`,
      ),
      roomsOf: vi.fn(async () => ({ items: [] })),
      onChanged: vi.fn(),
      erasers: [vi.fn(async (_accountId: string) => {}), vi.fn(async (_accountId: string) => {})],
    };
    const accessTokens = createAccessTokens(new Uint8Array(32));
    return {
      db,
      sessions,
      ports,
      accounts: createAccounts({ db, sessions, accessTokens, ...ports }),
    };
  }

  it("tell everyone who must know of a new name, language or picture", async () => {
    const { accounts, ports } = await setUp();
    await accounts.rename("ann", "Anna");
    await accounts.setLanguage("ann", "fr");
    const account = await accounts.setAvatar("ann", "1");
    expect(account).toMatchObject({ name: "Anna", language: "fr", avatarUrl: "/uploads/1" });
    expect(ports.useAvatar).toHaveBeenCalledWith("ann", "1");
    expect(ports.onChanged.mock.calls.map(([changed]: unknown[]) => changed)).toMatchObject([
      { id: "ann", name: "Anna" },
      { language: "fr" },
      { avatarUrl: "/uploads/1" },
    ]);
    // What others are told holds nothing that is the owner's alone.
    expect(ports.onChanged.mock.lastCall?.[0]).not.toHaveProperty("preferences");
    expect(await accounts.setAvatar("ann", null)).not.toHaveProperty("avatarUrl");
    expect(await accounts.get("ben")).toMatchObject({ name: "ben" });
  });

  it("end their sessions before anything is erased, and go when everything is", async () => {
    const { db, accounts, sessions, ports } = await setUp();
    const { token } = await sessions.create({ id: "ann", guest: true });
    const [first] = ports.erasers;
    first?.mockImplementationOnce(async (accountId) => {
      expect(accountId).toBe("ann");
      expect(await sessions.validate(token)).toBeUndefined();
      expect(await db.selectFrom("accounts").selectAll().execute()).toHaveLength(2);
    });
    await insertLink(db, {
      accountId: "ann",
      email: "a@b.example",
      purpose: "reset",
      lifetimeMs: 1e6,
    });
    await accounts.remove("ann");
    for (const eraser of ports.erasers) expect(eraser).toHaveBeenCalledTimes(1);
    const left = await db.selectFrom("accounts").select("id").execute();
    expect(left).toEqual([{ id: "ben" }]);
    expect(await db.selectFrom("account_links").selectAll().execute()).toEqual([]);
    await expect(accounts.me("ann")).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
  });

  it("are removed later when a part of it fails, and open to nobody until then", async () => {
    const { accounts, sessions, ports } = await setUp();
    const [first, second] = ports.erasers;
    second?.mockRejectedValueOnce(new Error("the disk is gone"));
    await expect(accounts.remove("ann")).rejects.toThrow("the disk is gone");
    const { token } = await sessions.create({ id: "ann", guest: true });
    expect(await sessions.validate(token)).toBeUndefined();
    await accounts.resumeRemovals();
    expect(first).toHaveBeenCalledTimes(2);
    expect(second).toHaveBeenCalledTimes(2);
    await expect(accounts.get("ann")).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
    await accounts.resumeRemovals();
    expect(first).toHaveBeenCalledTimes(2);
  });

  it("are removed, however many others can't be", async () => {
    const { accounts, ports } = await setUp();
    const [first] = ports.erasers;
    first?.mockRejectedValue(new Error("the disk is gone"));
    for (const id of ["ann", "ben"]) await expect(accounts.remove(id)).rejects.toThrow();
    first?.mockImplementation((id) =>
      id === "ann" ? Promise.reject(new Error("the disk is gone")) : Promise.resolve(),
    );
    await expect(accounts.resumeRemovals()).rejects.toThrow("the disk is gone");
    expect(await accounts.get("ann")).toMatchObject({ id: "ann" });
    await expect(accounts.get("ben")).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
  });

  it("give links that work once, for one purpose, for a while", async () => {
    const { db } = await setUp();
    const target = { accountId: "ann", email: "ann@example.org" };
    const secret = await insertLink(db, { ...target, purpose: "reset", lifetimeMs: 60_000 });
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(await findLink(db, "verify", secret)).toBeUndefined();
    expect(await findLink(db, "reset", secret)).toEqual(target);
    expect(await takeLink(db, "verify", secret)).toBeUndefined();
    const taken = await Promise.all([1, 2, 3].map(() => takeLink(db, "reset", secret)));
    expect(taken.filter((link) => link !== undefined)).toEqual([target]);

    const late = await insertLink(db, { ...target, purpose: "verify", lifetimeMs: -1 });
    expect(await findLink(db, "verify", late)).toBeUndefined();
    expect(await takeLink(db, "verify", late)).toBeUndefined();
    const early = await insertLink(db, { ...target, purpose: "verify", lifetimeMs: 60_000 });
    await deleteExpiredLinks(db);
    expect(await db.selectFrom("account_links").selectAll().execute()).toHaveLength(1);
    expect(await takeLink(db, "verify", early)).toEqual(target);
  });
});
