import type { ReadMark } from "../../shared/chat.ts";
import type { Database } from "../database/database.ts";

/** Gives false when the account has read as far before. */
export async function putReadMark(
  db: Database,
  mark: ReadMark & { roomId: string; sequence: number; readAt: string },
): Promise<boolean> {
  const { roomId, accountId, messageId, sequence, readAt } = mark;
  const changes = { message_id: messageId, sequence, read_at: readAt };
  const put = await db
    .insertInto("read_marks")
    .values({ room_id: roomId, account_id: accountId, ...changes })
    .onConflict((conflict) =>
      conflict
        .columns(["room_id", "account_id"])
        .doUpdateSet(changes)
        .where("read_marks.sequence", "<", sequence),
    )
    .returning("sequence")
    .executeTakeFirst();
  return put !== undefined;
}

export async function findReadMark(db: Database, roomId: string, accountId: string) {
  return db
    .selectFrom("read_marks")
    .select(["message_id as messageId", "sequence"])
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
}

/** Of those who read last. */
export async function listReadMarks(
  db: Database,
  roomId: string,
  limit: number,
): Promise<ReadMark[]> {
  return db
    .selectFrom("read_marks")
    .select(["account_id as accountId", "message_id as messageId"])
    .where("room_id", "=", roomId)
    .orderBy("read_at", "desc")
    .limit(limit)
    .execute();
}

export async function deleteReadMarks(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom("read_marks").where("account_id", "=", accountId).execute();
}
