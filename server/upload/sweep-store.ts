import type { Database } from "../database/database.ts";

/** Of an account, or all. */
export type DoomedOf = { accountId?: string };

/**
 * Rows whose file has to go, in the order of their ids: removed, expired, or without the account or
 * room that they belonged to.
 */
export async function listDoomed(
  db: Database,
  options: { at: string; of: DoomedOf; after: string; limit: number },
): Promise<{ id: string; storageKey: string }[]> {
  const { at, of, after, limit } = options;
  const rows = await db
    .selectFrom("uploads")
    .select(["id", "storage_key"])
    .where("id", ">", after)
    .$if(of.accountId !== undefined, (query) => query.where("account_id", "=", of.accountId ?? ""))
    .where((eb) =>
      eb.or([
        eb("expires_at", "<=", at),
        eb("account_id", "is", null),
        eb.and([eb("room_id", "is", null), eb("kind", "in", ["room-photo", "room-audio"])]),
      ]),
    )
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(({ id, storage_key: storageKey }) => ({ id, storageKey }));
}

/** Closes rows to everyone before their files go, unless they came into use meanwhile. */
export async function closeDoomed(db: Database, id: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("uploads")
    .set({ state: "removed", expires_at: at })
    .where("id", "=", id)
    .where((eb) =>
      eb.or([
        eb("expires_at", "<=", at),
        eb("account_id", "is", null),
        eb.and([eb("room_id", "is", null), eb("kind", "in", ["room-photo", "room-audio"])]),
      ]),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteUpload(db: Database, id: string): Promise<void> {
  await db.deleteFrom("uploads").where("id", "=", id).execute();
}

/** Of some keys those that a row stands for. */
export async function knownKeys(db: Database, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db
    .selectFrom("uploads")
    .select("storage_key")
    .where("storage_key", "in", keys)
    .execute();
  return new Set(rows.map((row) => row.storage_key));
}

/** Files that should be there, in the order of their ids; with whether their message is gone. */
export async function listReady(
  db: Database,
  options: { after: string; createdBefore: string; limit: number },
): Promise<{ id: string; storageKey: string; messageGone: boolean }[]> {
  const rows = await db
    .selectFrom("uploads")
    .leftJoin("messages", "messages.id", "uploads.message_id")
    .select([
      "uploads.id",
      "uploads.storage_key",
      "uploads.message_id",
      "messages.id as found_message",
    ])
    .where("uploads.state", "=", "ready")
    .where("uploads.id", ">", options.after)
    .where("uploads.created_at", "<", options.createdBefore)
    .orderBy("uploads.id")
    .limit(options.limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    storageKey: row.storage_key,
    messageGone: row.message_id !== null && row.found_message === null,
  }));
}
