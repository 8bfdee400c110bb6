import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { SignedIn } from "../../shared/account.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import type { Passwords } from "../kit/passwords.ts";
import {
  findAccount,
  findHolder,
  insertAccount,
  registerGuest,
  type StoredAccount,
  updatePasswordHash,
} from "./account-store.ts";
import { ownAccount } from "./own-account.ts";
import { requireGoodPassword } from "./password-rule.ts";
import type { SessionStore } from "./session-store.ts";
import type { SignInLimits } from "./sign-in-limits.ts";

/** Where somebody signs in from. */
export type Client = {
  /** What limits are counted by. */
  network: string;
  /** What the client calls itself. */
  device?: string | undefined;
};

/**
 * No login fails sooner. Hashes from the server before this one take ten times as long to compare
 * with, which would tell that there is an account.
 */
const FAILURE_MS = 500;

export type Credentials = { email: string; password: string };

export type SignIn = ReturnType<typeof createSignIn>;

/**
 * Whom the server lets in, and how.
 *
 * Registering answers alike for an address that is free and for one that has an account, or anybody
 * could find out who is here: there is a new account each time, and it is signed in. But an address
 * opens one account only (`findHolder`): of those who have not shown that it is theirs the first,
 * until somebody shows it by the link that is mailed. Who registers with another's address so has
 * what a guest has; its owner is told by mail, and nothing of theirs changes. Only a login afterwards
 * tells, at the price of an account and a mail to the owner for each address.
 */
export function createSignIn(deps: {
  db: Database;
  sessions: SessionStore;
  passwords: Passwords;
  limits: SignInLimits;
  /** Called for each account that was given an address. Must not fail. */
  onAddressGiven: (account: StoredAccount) => void;
}) {
  const { db, sessions, passwords, limits, onAddressGiven } = deps;

  /**
   * A new session, unless what let somebody in does not hold any more: the password was changed or
   * the account is being removed, which ends the sessions that there were a moment before.
   */
  async function open(account: StoredAccount, client: Client): Promise<SignedIn> {
    const { token, session } = await sessions.create(account, { device: client.device });
    const now = await findAccount(db, account.id);
    if (!now || now.removing || now.passwordHash !== account.passwordHash) {
      await sessions.end(session.id);
      throw credentialsWrong();
    }
    return { account: ownAccount(now), token, expiresAt: session.expiresAt.toISOString() };
  }

  async function create(
    account: { name: string; language: LanguageTag } & Partial<
      Pick<StoredAccount, "email" | "passwordHash">
    >,
    client: Client,
  ): Promise<SignedIn> {
    const id = randomUUID();
    const guest = account.email === undefined;
    await insertAccount(db, { id, guest, createdAt: new Date().toISOString(), ...account });
    const stored = await findAccount(db, id);
    if (!stored) throw credentialsWrong();
    if (!guest) onAddressGiven(stored);
    return await open(stored, client);
  }

  /** A better hash of the same password, for the next time. */
  async function renewHash(account: StoredAccount, password: string): Promise<StoredAccount> {
    const { id, passwordHash: before } = account;
    if (before === undefined || !passwords.isOutdated(before)) return account;
    const after = await passwords.hash(password);
    const renewed = await updatePasswordHash(db, id, { before, after });
    return renewed ? { ...account, passwordHash: after } : account;
  }

  return {
    open,

    guest: (input: { name: string; language: LanguageTag }, client: Client): Promise<SignedIn> =>
      create(input, client),

    /** Throws PASSWORD_WEAK. */
    async register(
      input: Credentials & { name: string; language: LanguageTag },
      client: Client,
    ): Promise<SignedIn> {
      const { email, password, name, language } = input;
      requireGoodPassword(password, { email, name });
      const passwordHash = await passwords.hash(password);
      return await create({ name, language, email, passwordHash }, client);
    },

    /** Throws CREDENTIALS_WRONG, whichever of both is wrong, and TOO_MANY_REQUESTS. */
    async login({ email, password }: Credentials, client: Client): Promise<SignedIn> {
      const failure = delay(FAILURE_MS);
      const account = await limits.login({ email, network: client.network }, async () => {
        const holder = await findHolder(db, email);
        const right = await passwords.verify(password, holder?.passwordHash);
        return right ? holder : undefined;
      });
      if (!account) {
        await failure;
        throw credentialsWrong();
      }
      return await open(await renewHash(account, password), client);
    },

    /**
     * Makes an account of a guest: the same one, with all that is theirs, and a new session in place
     * of every other. Throws ALREADY_REGISTERED and PASSWORD_WEAK.
     */
    async upgrade(
      accountId: string,
      { email, password }: Credentials,
      client: Client,
    ): Promise<SignedIn> {
      const guest = await findAccount(db, accountId);
      if (!guest?.guest) throw alreadyRegistered();
      requireGoodPassword(password, { email, name: guest.name });
      const passwordHash = await passwords.hash(password);
      if (!(await registerGuest(db, accountId, { email, passwordHash }))) throw alreadyRegistered();
      const account = { ...guest, guest: false, email, passwordHash };
      onAddressGiven(account);
      await sessions.endAll(accountId);
      return await open(account, client);
    },

    /** Ends every session, and begins one. Throws PASSWORD_WRONG, PASSWORD_WEAK, TOO_MANY_REQUESTS. */
    async changePassword(
      accountId: string,
      input: { currentPassword?: string | undefined; newPassword: string },
      client: Client,
    ): Promise<SignedIn> {
      const account = await requirePassword(accountId, input.currentPassword);
      requireGoodPassword(input.newPassword, { email: account.email ?? "", name: account.name });
      const after = await passwords.hash(input.newPassword);
      const hash = { before: account.passwordHash, after };
      if (!(await updatePasswordHash(db, accountId, hash))) throw passwordWrong();
      await sessions.endAll(accountId);
      return await open({ ...account, passwordHash: after }, client);
    },

    requirePassword,
  };

  /** Whoever has a password must say it. Throws PASSWORD_WRONG and TOO_MANY_REQUESTS. */
  async function requirePassword(
    accountId: string,
    password: string | undefined,
  ): Promise<StoredAccount> {
    const account = await findAccount(db, accountId);
    if (!account) throw new AppError("NOT_SIGNED_IN", "This account does not exist any more.");
    const { passwordHash } = account;
    if (passwordHash === undefined) return account;
    if (password === undefined) throw passwordWrong();
    const right = await limits.password(accountId, () => passwords.verify(password, passwordHash));
    if (!right) throw passwordWrong();
    return account;
  }
}

function credentialsWrong(): AppError {
  return new AppError("CREDENTIALS_WRONG", "The address or the password is not right.");
}

function passwordWrong(): AppError {
  return new AppError("PASSWORD_WRONG", "This is not your password.");
}

function alreadyRegistered(): AppError {
  return new AppError("ALREADY_REGISTERED", "You have an account already.");
}
