import { hash as bcryptHash } from "bcrypt";
import { expect, it, vi } from "vitest";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { createLimiters } from "../kit/limiter.ts";
import { silentLog } from "../kit/log.ts";
import { createPasswords } from "../kit/passwords.ts";
import {
  findAccount,
  findHolder,
  markRemoving,
  setPasswordHash,
  type StoredAccount,
  verifyAddress,
} from "./account-store.ts";
import { createLuciaSessions } from "./lucia-sessions.ts";
import { createProviderSignIn } from "./provider-sign-in.ts";
import { createSignIn } from "./sign-in.ts";
import { createSignInLimits } from "./sign-in-limits.ts";

const client = { network: "127.0.0.1" };
const email = "ann@example.org";
const password = "a fine long secret";
const person = { name: "Ann", language: "en" };

describeEachDialect("signing in", (open) => {
  async function setUp() {
    const { db } = await open();
    const sessions = createLuciaSessions({ db, bus: new EmbeddedBus() });
    const passwords = createPasswords();
    const given: StoredAccount[] = [];
    const signIn = createSignIn({
      db,
      sessions,
      passwords,
      limits: createSignInLimits(createLimiters({ log: silentLog })),
      onAddressGiven: (account) => given.push(account),
    });
    return { db, sessions, passwords, given, signIn };
  }

  it("takes the same work for an address that nobody has", async () => {
    const { signIn, passwords } = await setUp();
    await signIn.register({ ...person, email, password }, client);
    const verify = vi.spyOn(passwords, "verify");
    const failing = async (address: string) => {
      verify.mockClear();
      const attempt = signIn.login({ email: address, password: "a guess" }, client);
      const error: unknown = await attempt.catch((thrown: unknown) => thrown);
      return { error, compared: verify.mock.calls.length };
    };
    const known = await failing(email);
    const unknown = await failing("nobody@example.org");
    expect(known).toMatchObject({ error: { reason: "CREDENTIALS_WRONG" }, compared: 1 });
    expect(unknown).toEqual(known);
  });

  it("fails no sooner for an address that nobody has than for one with an old password", async () => {
    const { db, signIn } = await setUp();
    const { account } = await signIn.register({ ...person, email, password }, client);
    const failing = async (address: string) => {
      const startedAt = performance.now();
      await expect(signIn.login({ email: address, password }, client)).rejects.toMatchObject({
        reason: "CREDENTIALS_WRONG",
      });
      return performance.now() - startedAt;
    };
    const quick = await failing("nobody@example.org");
    await setPasswordHash(db, account.id, await bcryptHash("old one", 4));
    const old = await failing(email);
    for (const took of [quick, old]) expect(took).toBeGreaterThan(490);
  });

  it("takes the same work to register an address that somebody has", async () => {
    const { signIn, passwords, given } = await setUp();
    const hash = vi.spyOn(passwords, "hash");
    const verify = vi.spyOn(passwords, "verify");
    const first = await signIn.register({ ...person, email, password }, client);
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([1, 0]);
    const second = await signIn.register({ ...person, email, password: "another one" }, client);
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([2, 0]);
    expect(given.map(({ id }) => id)).toEqual([first.account.id, second.account.id]);
  });

  it("opens an address' account to the first, until another shows that it is theirs", async () => {
    const { db, signIn } = await setUp();
    const { account: first } = await signIn.register({ ...person, email, password }, client);
    const other = { ...person, email, password: "another one" };
    const { account: second } = await signIn.register(other, client);
    expect((await findHolder(db, email))?.id).toBe(first.id);
    expect(await verifyAddress(db, second.id, email)).toBe(true);
    expect((await findHolder(db, email))?.id).toBe(second.id);
    expect(await verifyAddress(db, first.id, email)).toBe(false);
    expect(await verifyAddress(db, second.id, "other@example.org")).toBe(false);
  });

  it("shows an address to be of one account only, however many say so at once", async () => {
    const { db, signIn } = await setUp();
    const made = await Promise.all(
      [1, 2, 3, 4].map(() => signIn.register({ ...person, email, password }, client)),
    );
    const verified = await Promise.all(
      made.map(({ account }) => verifyAddress(db, account.id, email)),
    );
    expect(verified.filter(Boolean)).toHaveLength(1);
  });

  it("knows passwords of the old server, and hashes them anew", async () => {
    const { db, signIn } = await setUp();
    const { account } = await signIn.register({ ...person, email, password }, client);
    await setPasswordHash(db, account.id, await bcryptHash("old one", 4));
    await expect(signIn.login({ email, password }, client)).rejects.toMatchObject({
      reason: "CREDENTIALS_WRONG",
    });
    await signIn.login({ email, password: "old one" }, client);
    expect((await findAccount(db, account.id))?.passwordHash).toContain("$argon2id$");
    await signIn.login({ email, password: "old one" }, client);
  });

  it("leaves no session to who came in while the password was being changed", async () => {
    const { db, signIn, passwords, sessions } = await setUp();
    const { account } = await signIn.register({ ...person, email, password }, client);
    await sessions.endAll(account.id);
    const { verify } = passwords;
    vi.spyOn(passwords, "verify").mockImplementationOnce(async (...input) => {
      const right = await verify(...input);
      await setPasswordHash(db, account.id, await passwords.hash("quite another one"));
      await sessions.endAll(account.id);
      return right;
    });
    await expect(signIn.login({ email, password }, client)).rejects.toMatchObject({
      reason: "CREDENTIALS_WRONG",
    });
    expect(await sessions.list(account.id)).toEqual([]);
  });

  it("lets nobody in by an address whose account is being removed", async () => {
    const { db, sessions, signIn } = await setUp();
    const { account } = await signIn.register({ ...person, email, password }, client);
    await verifyAddress(db, account.id, email);
    await markRemoving(db, account.id);
    const signInByProvider = createProviderSignIn({ db, sessions, open: signIn.open });
    const identity = { subject: "1", email, emailVerified: true, name: "Ann", language: "en" };
    const options = { guestId: undefined, language: "en", client };
    const refused = { reason: "PROVIDER_REFUSED" };
    await expect(signInByProvider("google", identity, options)).rejects.toMatchObject(refused);
    const known = { ...identity, subject: "2", email: undefined };
    const other = await signInByProvider("google", known, options);
    await markRemoving(db, other.account.id);
    await expect(signInByProvider("google", known, options)).rejects.toMatchObject(refused);
    // Whoever registers anew meanwhile has an account that opens.
    const again = await signIn.register({ ...person, email, password: "another one" }, client);
    const back = await signIn.login({ email, password: "another one" }, client);
    expect(back.account.id).toBe(again.account.id);
  });

  it("makes one account of a provider's identity, however many come with it at once", async () => {
    const { db, sessions, signIn } = await setUp();
    const signInByProvider = createProviderSignIn({ db, sessions, open: signIn.open });
    const identity = {
      subject: "1",
      email,
      emailVerified: true,
      name: "Ann\u202E Lee",
      language: "not a language",
    };
    const options = { guestId: undefined, language: "fr", client };
    const made = await Promise.all(
      [1, 2, 3].map(() => signInByProvider("google", identity, options)),
    );
    expect(new Set(made.map(({ account }) => account.id)).size).toBe(1);
    expect(made[0]?.account).toMatchObject({ name: "Ann Lee", language: "fr", email });
    // The same name at another provider is somebody else's.
    const elsewhere = { ...identity, email: undefined, name: undefined };
    const other = await signInByProvider("elsewhere", elsewhere, options);
    expect(other.account.id).not.toBe(made[0]?.account.id);
    expect(other.account).toMatchObject({ name: "Parley", emailVerified: false });
  });
});
