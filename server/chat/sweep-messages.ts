import { setImmediate as letOthersGoOn } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { listMessagesAfter } from "./message-store.ts";
import type { RoomPorts, UploadPorts } from "./ports.ts";

/** How long a room that keeps no history keeps a message for those whose connection was cut. */
export const UNKEPT_MS = 5 * 60 * 1000;

/** Messages of one transaction. To take one out of the index of SQLite holds all up for half a millisecond. */
const BATCH = 20;

/**
 * Removes what rooms without a history don't keep: messages that are older than UNKEPT_MS go without
 * a tombstone, also those from before the setting was made. Whoever has them on the screen keeps
 * them there.
 */
export async function sweepMessages(
  deps: {
    db: Database;
    rooms: Pick<RoomPorts, "listRoomsWithoutHistory">;
    uploads: Pick<UploadPorts, "release">;
  },
  now: number,
): Promise<number> {
  const { db, rooms, uploads } = deps;
  const before = new Date(now - UNKEPT_MS).toISOString();
  let removed = 0;
  for (const roomId of await rooms.listRoomsWithoutHistory()) {
    for (;;) {
      const oldest = await listMessagesAfter(db, roomId, { after: 0, limit: BATCH });
      const ids = oldest.filter(({ sentAt }) => sentAt < before).map(({ id }) => id);
      if (ids.length === 0) break;
      await db.transaction().execute(async (transaction) => {
        await uploads.release(transaction, ids);
        await transaction.deleteFrom("messages").where("id", "in", ids).execute();
      });
      removed += ids.length;
      await letOthersGoOn();
    }
  }
  return removed;
}

/** Removes what was written in a room that is about to go; the last of it may be left to go with the room. */
export async function removeMessages(db: Database, roomId: string): Promise<void> {
  for (;;) {
    const oldest = await listMessagesAfter(db, roomId, { after: 0, limit: BATCH });
    if (oldest.length < BATCH) return;
    const ids = oldest.map(({ id }) => id);
    await db.deleteFrom("messages").where("id", "in", ids).execute();
    await letOthersGoOn();
  }
}
