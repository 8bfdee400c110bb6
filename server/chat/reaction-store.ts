import { REACTING_LIMIT, type Reaction } from "../../shared/chat.ts";
import type { Database } from "../database/database.ts";
import type { MessageKey } from "./message-store.ts";

/** Gives false when it was there before. `place` is the number of the change. */
export async function insertReaction(
  db: Database,
  { roomId, sequence }: MessageKey,
  reaction: { emoji: string; accountId: string; place: number },
): Promise<boolean> {
  const { emoji, accountId, place } = reaction;
  const inserted = await db
    .insertInto("message_reactions")
    .values({ room_id: roomId, sequence, emoji, account_id: accountId, place })
    .onConflict((conflict) => conflict.doNothing())
    .returning("place")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Gives false when there was none. */
export async function deleteReaction(
  db: Database,
  { roomId, sequence }: MessageKey,
  { emoji, accountId }: { emoji: string; accountId: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("message_reactions")
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .where("emoji", "=", emoji)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** All of a message, or those that one account made. */
export async function deleteReactions(
  db: Database,
  { roomId, sequence }: MessageKey,
  accountId?: string,
): Promise<void> {
  await db
    .deleteFrom("message_reactions")
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .$if(accountId !== undefined, (query) => query.where("account_id", "=", accountId ?? ""))
    .execute();
}

/** How many different emoji a message has. */
export async function countReactionKinds(
  db: Database,
  { roomId, sequence }: MessageKey,
): Promise<number> {
  const kinds = await db
    .selectFrom("message_reactions")
    .select("emoji")
    .distinct()
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
  return kinds.length;
}

/** By the place of the message. */
export async function listReactions(
  db: Database,
  roomId: string,
  sequences: readonly number[],
): Promise<Map<number, Reaction[]>> {
  const bySequence = new Map<number, Reaction[]>();
  if (sequences.length === 0) return bySequence;
  const rows = await db
    .selectFrom("message_reactions")
    .select(["sequence", "emoji", "account_id as accountId"])
    .where("room_id", "=", roomId)
    .where("sequence", "in", sequences)
    .orderBy("place")
    .execute();
  for (const { sequence, emoji, accountId } of rows) {
    const reactions = bySequence.get(sequence) ?? [];
    bySequence.set(sequence, reactions);
    const known = reactions.find((reaction) => reaction.emoji === emoji);
    if (!known) {
      reactions.push({ emoji, count: 1, accountIds: [accountId] });
      continue;
    }
    known.count += 1;
    if (known.accountIds.length < REACTING_LIMIT) known.accountIds.push(accountId);
  }
  return bySequence;
}
