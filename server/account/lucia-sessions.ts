import { createHash } from "node:crypto";
import { type Adapter, type DatabaseSession, Lucia } from "lucia";
import { type Bus, defineTopic } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import type { SessionStore } from "./session-store.ts";

declare module "lucia" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- Lucia reads its types from here
  interface Register {
    Lucia: Lucia<{ lastSeenAt: string }, { guest: boolean }>;
    DatabaseSessionAttributes: { lastSeenAt: string; device?: string | undefined };
    DatabaseUserAttributes: { guest: boolean };
  }
}

/** Sessions that were ended, on every node: what is open under them closes. */
export const sessionEndedTopic = defineTopic<{ sessionId: string }>("session.ended", {
  retain: 1000,
});
export const ALL_SESSIONS = "all";

/** When a session was last used is written down this seldom. */
const SEEN_MS = 60_000;
const DEVICE_CHARACTERS = 200;

/** Sessions kept by Lucia in our tables, which hold no more than a hash of each token. */
export function createLuciaSessions(deps: { db: Database; bus: Bus }): SessionStore {
  const { db, bus } = deps;
  const lucia = new Lucia(createAdapter(db), {
    getSessionAttributes: ({ lastSeenAt }) => ({ lastSeenAt }),
    getUserAttributes: ({ guest }) => ({ guest }),
  });

  async function remove(sessionIds: string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    await db.deleteFrom("sessions").where("id", "in", sessionIds).execute();
    for (const sessionId of sessionIds) bus.publish(sessionEndedTopic, ALL_SESSIONS, { sessionId });
  }

  async function noteUse(sessionId: string, lastSeenAt: string): Promise<void> {
    if (Date.now() - Date.parse(lastSeenAt) < SEEN_MS) return;
    const used = { last_seen_at: new Date().toISOString() };
    await ifWritable(db.updateTable("sessions").set(used).where("id", "=", sessionId).execute());
  }

  return {
    async create({ id: accountId, guest }, { device } = {}) {
      const lastSeenAt = new Date().toISOString();
      const attributes = { lastSeenAt, device: device?.slice(0, DEVICE_CHARACTERS) };
      const { id: token, expiresAt } = await lucia.createSession(accountId, attributes);
      return { token, session: { id: hashToken(token), accountId, guest, expiresAt } };
    },

    async validate(token) {
      const { session, user } = await lucia.validateSession(token);
      if (!session) return undefined;
      const { userId: accountId, expiresAt, fresh: extended, lastSeenAt } = session;
      const id = hashToken(token);
      await noteUse(id, lastSeenAt);
      return { id, accountId, guest: user.guest, expiresAt, extended };
    },

    async find(sessionId) {
      const row = await selectSession(db, sessionId);
      if (!row) return undefined;
      const expiresAt = new Date(row.expires_at);
      if (expiresAt.getTime() <= Date.now()) return undefined;
      return { id: sessionId, accountId: row.account_id, guest: row.guest === 1, expiresAt };
    },

    async list(accountId) {
      const rows = await db
        .selectFrom("sessions")
        .select(["id", "device", "created_at", "last_seen_at"])
        .where("account_id", "=", accountId)
        .where("expires_at", ">", new Date().toISOString())
        .execute();
      return rows
        .map((row) => ({
          id: row.id,
          device: row.device ?? undefined,
          createdAt: row.created_at,
          lastSeenAt: row.last_seen_at ?? row.created_at,
        }))
        .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
    },

    end: (sessionId) => remove([sessionId]),

    async endAll(accountId, { except } = {}) {
      const rows = await db
        .selectFrom("sessions")
        .select("id")
        .where("account_id", "=", accountId)
        .execute();
      await remove(rows.map(({ id }) => id).filter((id) => id !== except));
    },

    removeExpired: () => lucia.deleteExpiredSessions(),
  };
}

function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** A database that can only be read, as with a full disk, is no reason to let nobody in. */
async function ifWritable(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof AppError && error.reason === "DATABASE_UNAVAILABLE")) throw error;
  }
}

function selectSession(db: Database, id: string) {
  return db
    .selectFrom("sessions")
    .innerJoin("accounts", "accounts.id", "sessions.account_id")
    .select(["account_id", "expires_at", "sessions.created_at", "last_seen_at", "guest"])
    .where("sessions.id", "=", id)
    .where("removing_at", "is", null)
    .executeTakeFirst();
}

/** Lucia takes a session's id to be its token; only the hash of it goes into the table. */
function createAdapter(db: Database): Adapter {
  return {
    async getSessionAndUser(token) {
      const row = await selectSession(db, hashToken(token));
      if (!row) return [null, null];
      const session: DatabaseSession = {
        id: token,
        userId: row.account_id,
        expiresAt: new Date(row.expires_at),
        attributes: { lastSeenAt: row.last_seen_at ?? row.created_at },
      };
      // The table refers to accounts: there is no session without one.
      return [session, { id: row.account_id, attributes: { guest: row.guest === 1 } }];
    },

    async setSession({ id: token, userId, expiresAt, attributes }) {
      await db
        .insertInto("sessions")
        .values({
          id: hashToken(token),
          account_id: userId,
          expires_at: expiresAt.toISOString(),
          created_at: attributes.lastSeenAt,
          last_seen_at: attributes.lastSeenAt,
          device: attributes.device ?? null,
        })
        .execute();
    },

    async updateSessionExpiration(token, expiresAt) {
      const extended = { expires_at: expiresAt.toISOString() };
      const id = hashToken(token);
      await ifWritable(db.updateTable("sessions").set(extended).where("id", "=", id).execute());
    },

    async deleteSession(token) {
      await db.deleteFrom("sessions").where("id", "=", hashToken(token)).execute();
    },

    async deleteUserSessions(accountId) {
      await db.deleteFrom("sessions").where("account_id", "=", accountId).execute();
    },

    async deleteExpiredSessions() {
      const now = new Date().toISOString();
      await db.deleteFrom("sessions").where("expires_at", "<=", now).execute();
    },

    // Tokens can't be listed: they aren't kept.
    getUserSessions: () => Promise.resolve([]),
  };
}
