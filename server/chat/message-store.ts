import type { Database } from "../database/database.ts";
import { isOrphan } from "../database/database-errors.ts";
import { inTurn } from "../database/in-turn.ts";
import { AppError } from "../kit/errors.ts";
import { LAST_PLACE } from "./place.ts";

export type NewMessage = {
  id: string;
  roomId: string;
  sequence: number;
  authorId: string;
  clientId: string;
  text: string;
  language: string;
  sentAt: string;
  replyTo?: string | undefined;
  attachmentCount?: number;
  searchRow?: number | undefined;
};

/** Where a message is. */
export type MessageKey = { roomId: string; sequence: number };

/**
 * Runs `work` in a transaction with the room's next number. Nobody else gets one before it ends: what
 * happens in a room becomes visible in the order of its numbers. When `work` gives undefined, nothing
 * has happened, and no number was taken. Throws ROOM_NOT_FOUND when the room is gone.
 */
export async function inNextPlace<Result>(
  db: Database,
  roomId: string,
  work: (transaction: Database, sequence: number) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  return inNextPlaces(db, roomId, 1, work);
}

/** Alike, with `count` numbers, of which `work` gets the first. */
export async function inNextPlaces<Result>(
  db: Database,
  roomId: string,
  count: number,
  work: (transaction: Database, first: number) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const nothing = new Error("nothing is to be done");
  try {
    return await inTurn(db, `messages ${roomId}`, async (transaction) => {
      const last = await takeSequence(transaction, roomId, count);
      const result = await work(transaction, last - count + 1);
      if (result === undefined) throw nothing;
      return result;
    });
  } catch (error) {
    if (error === nothing) return undefined;
    // It was removed, or whoever writes was, after somebody had looked.
    if (isOrphan(error)) throw new AppError("ROOM_NOT_FOUND", "There is no such room.");
    throw error;
  }
}

async function takeSequence(db: Database, roomId: string, count: number): Promise<number> {
  const { last_sequence: sequence } = await db
    .insertInto("message_counters")
    .values({ room_id: roomId, last_sequence: count })
    .onConflict((conflict) =>
      conflict
        .column("room_id")
        .doUpdateSet((eb) => ({ last_sequence: eb("message_counters.last_sequence", "+", count) })),
    )
    .returning("last_sequence")
    .executeTakeFirstOrThrow();
  return sequence;
}

/** The number of the newest message or change of a room. */
export async function findLastSequence(db: Database, roomId: string): Promise<number> {
  const row = await db
    .selectFrom("message_counters")
    .select("last_sequence")
    .where("room_id", "=", roomId)
    .executeTakeFirst();
  return row?.last_sequence ?? 0;
}

/** The place of the newest message of a room that was sent before a moment; 0 when there is none. */
export async function findPlaceBefore(db: Database, roomId: string, at: string): Promise<number> {
  const row = await db
    .selectFrom("messages")
    .select("sequence")
    .where("room_id", "=", roomId)
    .where("sent_at", "<", at)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}

/** Gives false when the author has sent a message with this client id before. */
export async function insertMessage(db: Database, message: NewMessage): Promise<boolean> {
  const inserted = await db
    .insertInto("messages")
    .values({
      id: message.id,
      room_id: message.roomId,
      sequence: message.sequence,
      author_id: message.authorId,
      client_id: message.clientId,
      text: message.text,
      language: message.language,
      sent_at: message.sentAt,
      changed_sequence: message.sequence,
      edition: 0,
      reply_to: message.replyTo ?? null,
      reaction_kinds: 0,
      attachment_count: message.attachmentCount ?? 0,
      search_row: message.searchRow ?? null,
    })
    .onConflict((conflict) => conflict.columns(["author_id", "client_id", "room_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** What is known of a message, with the name of its author. */
export function selectMessages(db: Database) {
  return db
    .selectFrom("messages")
    .leftJoin("accounts", "accounts.id", "messages.author_id")
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
      "messages.changed_sequence as changedSequence",
      "messages.edition",
      "messages.edited_at as editedAt",
      "messages.removed_at as removedAt",
      "messages.reply_to as replyTo",
      "messages.reaction_kinds as reactionKinds",
      "messages.attachment_count as attachmentCount",
      "messages.search_row as searchRow",
    ]);
}

export type MessageRow = Awaited<ReturnType<ReturnType<typeof selectMessages>["execute"]>>[number];

export async function findMessageByClientId(
  db: Database,
  key: { roomId: string; authorId: string; clientId: string },
): Promise<MessageRow | undefined> {
  return selectMessages(db)
    .where("messages.room_id", "=", key.roomId)
    .where("messages.author_id", "=", key.authorId)
    .where("messages.client_id", "=", key.clientId)
    .executeTakeFirst();
}

export async function findMessage(
  db: Database,
  messageId: string,
): Promise<MessageRow | undefined> {
  return selectMessages(db).where("messages.id", "=", messageId).executeTakeFirst();
}

/** Those of a room, in no order; one that isn't there is left out. */
export async function findMessages(
  db: Database,
  roomId: string,
  messageIds: readonly string[],
): Promise<MessageRow[]> {
  if (messageIds.length === 0) return [];
  return selectMessages(db)
    .where("messages.room_id", "=", roomId)
    .where("messages.id", "in", messageIds)
    .execute();
}

/** Those of a room at some places, newest first. */
export async function listMessagesAt(
  db: Database,
  roomId: string,
  sequences: readonly number[],
): Promise<MessageRow[]> {
  if (sequences.length === 0) return [];
  return selectMessages(db)
    .where("messages.room_id", "=", roomId)
    .where("messages.sequence", "in", sequences)
    .orderBy("messages.sequence", "desc")
    .execute();
}

/** Newest first: those before the place `before`, or the newest of all. */
export async function listMessagesBefore(
  db: Database,
  roomId: string,
  options: { before?: number | undefined; limit: number },
): Promise<MessageRow[]> {
  const { before = LAST_PLACE, limit } = options;
  return selectMessages(db)
    .where("messages.room_id", "=", roomId)
    .where("messages.sequence", "<", before)
    .orderBy("messages.sequence", "desc")
    .limit(limit)
    .execute();
}

/** Oldest first: those after the place `after`. */
export async function listMessagesAfter(
  db: Database,
  roomId: string,
  options: { after: number; limit: number },
): Promise<MessageRow[]> {
  const { after, limit } = options;
  return selectMessages(db)
    .where("messages.room_id", "=", roomId)
    .where("messages.sequence", ">", after)
    .orderBy("messages.sequence")
    .limit(limit)
    .execute();
}

/** Messages that came or changed after a number, in the order of their last change. */
export async function listChangesAfter(
  db: Database,
  roomId: string,
  options: { after: number; limit: number },
): Promise<MessageRow[]> {
  return selectMessages(db)
    .where("messages.room_id", "=", roomId)
    .where("messages.changed_sequence", ">", options.after)
    .orderBy("messages.changed_sequence")
    .limit(options.limit)
    .execute();
}

/** Changes a message, which thereby takes a number of its room. */
export async function updateMessage(
  db: Database,
  { roomId, sequence }: MessageKey,
  changes: {
    changed_sequence: number;
    author_id?: null;
    client_id?: string;
    text?: string;
    language?: string;
    edition?: number;
    edited_at?: string;
    removed_at?: string;
    reaction_kinds?: number;
    attachment_count?: number;
    search_row?: null;
  },
): Promise<void> {
  await db
    .updateTable("messages")
    .set(changes)
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
}

/** Counts up to `limit` messages of others after a place, tombstones left out. */
export async function countMessagesOfOthers(
  db: Database,
  roomId: string,
  options: { accountId: string; after: number; limit: number },
): Promise<number> {
  const found = await db
    .selectFrom("messages")
    .select("sequence")
    .where("room_id", "=", roomId)
    .where("sequence", ">", options.after)
    .where("removed_at", "is", null)
    .where("author_id", "!=", options.accountId)
    .limit(options.limit)
    .execute();
  return found.length;
}
