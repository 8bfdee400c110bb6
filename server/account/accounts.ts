import { randomUUID } from "node:crypto";
import {
  type Account,
  type OwnAccount,
  preferencesSchema,
  type SignedIn,
} from "../../shared/account.ts";
import { type LanguageTag } from "../../shared/language.ts";
import { type Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import { findAccount, insertAccount, updateLanguage } from "./account-store.ts";
import { type SessionStore } from "./session-store.ts";

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(deps: { db: Database; sessions: SessionStore }) {
  const { db, sessions } = deps;

  /** Throws NOT_SIGNED_IN: who calls with an account that is gone has no session any more either. */
  async function get(accountId: string): Promise<Account> {
    const account = await findAccount(db, accountId);
    if (!account) throw new AppError("NOT_SIGNED_IN", "This account does not exist any more.");
    return account;
  }

  const own = (account: Account): OwnAccount => ({
    ...account,
    emailVerified: false,
    hasPassword: false,
    preferences: preferencesSchema.parse({}),
  });

  return {
    get,

    me: async (accountId: string): Promise<OwnAccount> => own(await get(accountId)),

    async guest(input: { name: string; language: LanguageTag }): Promise<SignedIn> {
      const account: Account = {
        id: randomUUID(),
        ...input,
        guest: true,
        createdAt: new Date().toISOString(),
      };
      await insertAccount(db, account);
      const { token, session } = await sessions.create(account);
      return { account: own(account), token, expiresAt: session.expiresAt.toISOString() };
    },

    async setLanguage(accountId: string, language: LanguageTag): Promise<OwnAccount> {
      await updateLanguage(db, accountId, language);
      return own(await get(accountId));
    },

    logout: (sessionId: string): Promise<void> => sessions.end(sessionId),
  };
}
