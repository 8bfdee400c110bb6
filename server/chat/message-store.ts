import { type ChatMessage } from "../../shared/chat.ts";
import { type Database } from "../database/database.ts";

/** The last place that a room can have: the largest integer of the tables. */
export const LAST_PLACE = 2 ** 31 - 1;

/** A message and its place among its room's messages, which no client sees. */
export type StoredMessage = { sequence: number; message: ChatMessage };

export type NewMessage = {
  id: string;
  roomId: string;
  authorId: string;
  clientId: string;
  text: string;
  language: string;
  sentAt: string;
};

/**
 * The next place in a room. Within a transaction nobody else gets one before it ends, so that
 * messages become visible in the order of their places.
 */
export async function takeSequence(db: Database, roomId: string): Promise<number> {
  const { last_sequence: sequence } = await db
    .insertInto("message_counters")
    .values({ room_id: roomId, last_sequence: 1 })
    .onConflict((conflict) =>
      conflict
        .column("room_id")
        .doUpdateSet((eb) => ({ last_sequence: eb("message_counters.last_sequence", "+", 1) })),
    )
    .returning("last_sequence")
    .executeTakeFirstOrThrow();
  return sequence;
}

export async function findLastSequence(db: Database, roomId: string): Promise<number> {
  const row = await db
    .selectFrom("message_counters")
    .select("last_sequence")
    .where("room_id", "=", roomId)
    .executeTakeFirst();
  return row?.last_sequence ?? 0;
}

/** Gives false when the author has sent a message with this client id before. */
export async function insertMessage(
  db: Database,
  message: NewMessage,
  sequence: number,
): Promise<boolean> {
  const inserted = await db
    .insertInto("messages")
    .values({
      id: message.id,
      room_id: message.roomId,
      sequence,
      author_id: message.authorId,
      client_id: message.clientId,
      text: message.text,
      language: message.language,
      sent_at: message.sentAt,
    })
    .onConflict((conflict) => conflict.columns(["room_id", "author_id", "client_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted !== undefined;
}

function selectMessages(db: Database, roomId: string) {
  return db
    .selectFrom("messages")
    .innerJoin("accounts", "accounts.id", "messages.author_id")
    .select([
      "messages.id",
      "messages.room_id as roomId",
      "messages.sequence",
      "messages.author_id as authorId",
      "accounts.name as authorName",
      "messages.client_id as clientId",
      "messages.text",
      "messages.language",
      "messages.sent_at as sentAt",
    ])
    .where("messages.room_id", "=", roomId);
}

type MessageRow = Awaited<ReturnType<ReturnType<typeof selectMessages>["execute"]>>[number];

function toMessage({ sequence, authorId, authorName, ...row }: MessageRow): StoredMessage {
  return { sequence, message: { ...row, author: { accountId: authorId, name: authorName } } };
}

export async function findMessageByClientId(
  db: Database,
  key: { roomId: string; authorId: string; clientId: string },
): Promise<StoredMessage | undefined> {
  const row = await selectMessages(db, key.roomId)
    .where("messages.author_id", "=", key.authorId)
    .where("messages.client_id", "=", key.clientId)
    .executeTakeFirst();
  return row && toMessage(row);
}

export async function findSequence(
  db: Database,
  roomId: string,
  messageId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom("messages")
    .select("sequence")
    .where("room_id", "=", roomId)
    .where("id", "=", messageId)
    .executeTakeFirst();
  return row?.sequence;
}

/** Newest first: those before the place `before`, or the newest of all. */
export async function listMessagesBefore(
  db: Database,
  roomId: string,
  options: { before?: number; limit: number },
): Promise<StoredMessage[]> {
  const { before, limit } = options;
  const rows = await selectMessages(db, roomId)
    .where("messages.sequence", "<", before ?? LAST_PLACE)
    .orderBy("messages.sequence", "desc")
    .limit(limit)
    .execute();
  return rows.map(toMessage);
}

/** Oldest first: those after the place `after`. */
export async function listMessagesAfter(
  db: Database,
  roomId: string,
  options: { after: number; limit: number },
): Promise<StoredMessage[]> {
  const rows = await selectMessages(db, roomId)
    .where("messages.sequence", ">", options.after)
    .orderBy("messages.sequence")
    .limit(options.limit)
    .execute();
  return rows.map(toMessage);
}
