import type {
  AccessToken,
  Account,
  AccountSession,
  OwnAccount,
  Preferences,
} from "../../shared/account.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Page } from "../../shared/page.ts";
import type { Room } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { emptyLog } from "../database/empty-log.ts";
import { inTurn } from "../database/in-turn.ts";
import { AppError } from "../kit/errors.ts";
import type { Caller } from "../kit/procedures.ts";
import type { AccessTokens } from "./access-tokens.ts";
import {
  deleteAccount,
  findAccount,
  listRemoving,
  markRemoving,
  publicAccount,
  type StoredAccount,
  updateProfile,
} from "./account-store.ts";
import { ownAccount } from "./own-account.ts";
import type { SessionStore } from "./session-store.ts";

/** What accounts ask of other features. */
export type AccountPorts = {
  /** Makes an upload somebody's picture, and gives where it is served; `null` takes it away. */
  useAvatar: (accountId: string, uploadId: string | null) => Promise<string | null>;
  roomsOf: (
    accountId: string,
    page: { cursor?: string | null | undefined; limit: number },
  ) => Promise<Page<Room>>;
  /** Called after somebody's name, picture or language has changed. */
  onChanged: (account: Account) => void;
  /**
   * Each erases what one feature keeps of an account: what its rows in the database don't take along
   * by themselves. Run one after the other, again after a failure.
   */
  erasers: readonly ((accountId: string) => Promise<void>)[];
};

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(
  deps: AccountPorts & { db: Database; sessions: SessionStore; accessTokens: AccessTokens },
) {
  const { db, sessions, accessTokens, useAvatar, roomsOf, onChanged, erasers } = deps;

  /** Throws NOT_SIGNED_IN: who calls with an account that is gone has no session any more either. */
  async function find(accountId: string, within = db): Promise<StoredAccount> {
    const account = await findAccount(within, accountId);
    if (!account) throw new AppError("NOT_SIGNED_IN", "This account does not exist any more.");
    return account;
  }

  async function change(
    accountId: string,
    profile: Parameters<typeof updateProfile>[2],
  ): Promise<OwnAccount> {
    await updateProfile(db, accountId, profile);
    return await tellChanged(accountId);
  }

  async function tellChanged(accountId: string): Promise<OwnAccount> {
    const account = await find(accountId);
    onChanged(publicAccount(account));
    return ownAccount(account);
  }

  async function erase(accountId: string): Promise<void> {
    for (const eraser of erasers) await eraser(accountId);
    await deleteAccount(db, accountId);
    await emptyLog(db);
  }

  return {
    /** As others may see it. Throws NOT_SIGNED_IN. */
    get: async (accountId: string): Promise<Account> => publicAccount(await find(accountId)),

    me: async (accountId: string): Promise<OwnAccount> => ownAccount(await find(accountId)),

    rename: (accountId: string, name: string) => change(accountId, { name }),

    setLanguage: (accountId: string, language: LanguageTag) => change(accountId, { language }),

    async setPreferences(
      accountId: string,
      parts: { [Part in keyof Preferences]?: Preferences[Part] | undefined },
    ): Promise<OwnAccount> {
      // Two devices may each change a part.
      await inTurn(db, `account ${accountId}`, async (transaction) => {
        const { preferences: before } = await find(accountId, transaction);
        const preferences = {
          languages: parts.languages ?? before.languages,
          voice: parts.voice ?? before.voice,
          captions: parts.captions ?? before.captions,
        };
        await updateProfile(transaction, accountId, { preferences });
      });
      return await tellChanged(accountId);
    },

    async setAvatar(accountId: string, uploadId: string | null): Promise<OwnAccount> {
      const avatarUrl = await useAvatar(accountId, uploadId);
      return await change(accountId, { avatarUrl });
    },

    rooms: roomsOf,

    /** Throws FORBIDDEN to who has no more than such a token: each would buy the next one. */
    async token(caller: Caller): Promise<AccessToken> {
      if (caller.byAccessToken) {
        throw new AppError("FORBIDDEN", "An access token can't be exchanged for another one.");
      }
      return await accessTokens.issue({ id: caller.sessionId, accountId: caller.accountId });
    },

    async sessions(caller: Caller): Promise<AccountSession[]> {
      const listed = await sessions.list(caller.accountId);
      return listed.map(({ id, device, createdAt, lastSeenAt }) => {
        return { id, device, createdAt, lastSeenAt, current: id === caller.sessionId };
      });
    },

    /** Throws SESSION_NOT_FOUND, also for those of others. */
    async revokeSession(accountId: string, sessionId: string): Promise<void> {
      const session = await sessions.find(sessionId);
      if (session?.accountId !== accountId) {
        throw new AppError("SESSION_NOT_FOUND", "There is no such session.");
      }
      await sessions.end(sessionId);
    },

    logout: (sessionId: string): Promise<void> => sessions.end(sessionId),

    /** Signs out everywhere at once, then erases all that there is of the account. */
    async remove(accountId: string): Promise<void> {
      await markRemoving(db, accountId);
      await sessions.endAll(accountId);
      await erase(accountId);
    },

    /**
     * Goes on with removals that a failure or the end of the server has cut short. One that fails
     * keeps no other: the first failure is thrown when all have been tried.
     */
    async resumeRemovals(): Promise<void> {
      let failure: { error: unknown } | undefined;
      for (const accountId of await listRemoving(db)) {
        try {
          await erase(accountId);
        } catch (error) {
          failure ??= { error };
        }
      }
      if (failure) throw failure.error;
    },
  };
}
