import { setImmediate as letOthersGoOn } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { findMessages, inNextPlaces, updateMessage } from "./message-store.ts";
import type { UploadPorts } from "./ports.ts";
import { countReactionKinds, deleteReactions } from "./reaction-store.ts";
import { deleteReadMarks } from "./read-mark-store.ts";
import type { MessageState, ReadMessages } from "./read-messages.ts";
import { leaveTombstone } from "./write-messages.ts";

/** Messages of one transaction: others write in between, and none waits for long. */
const BATCH = 20;

/**
 * Leaves nothing of what an account wrote, chose and read: its messages become tombstones of nobody,
 * so that everyone who shows them, or comes back later, is told. It has to run while the account is
 * there, and can be run again when it was interrupted.
 */
export function createEraser(deps: {
  db: Database;
  uploads: Pick<UploadPorts, "release">;
  readMessages: ReadMessages;
  onChange: (state: MessageState) => void;
}) {
  const { db, uploads, readMessages, onChange } = deps;

  /** Changes some messages of a room at once. Whoever follows hears of the last, and asks for all. */
  async function changeAll(
    roomId: string,
    messageIds: readonly string[],
    work: (
      transaction: Database,
      row: Awaited<ReturnType<typeof findMessages>>[number],
      sequence: number,
    ) => Promise<void>,
  ): Promise<void> {
    const { length } = messageIds;
    const last = await inNextPlaces(db, roomId, length, async (transaction, first) => {
      const rows = await findMessages(transaction, roomId, messageIds);
      for (const [index, row] of rows.entries()) await work(transaction, row, first + index);
      const ids = rows.slice(-1).map(({ id }) => id);
      return (await readMessages(transaction, await findMessages(transaction, roomId, ids)))[0];
    });
    if (last) onChange(last);
  }

  async function eraseMessages(accountId: string): Promise<boolean> {
    const mine = await db
      .selectFrom("messages")
      .select(["id", "room_id as roomId"])
      .where("author_id", "=", accountId)
      .limit(BATCH)
      .execute();
    for (const [roomId, messages = []] of Map.groupBy(mine, (message) => message.roomId)) {
      const ids = messages.map(({ id }) => id);
      await changeAll(roomId, ids, (transaction, row, sequence) =>
        leaveTombstone(transaction, row, { uploads, sequence, forgetAuthor: true }),
      );
    }
    return mine.length > 0;
  }

  async function eraseReactions(accountId: string): Promise<boolean> {
    const mine = await db
      .selectFrom("message_reactions")
      .innerJoin("messages", (join) =>
        join
          .onRef("messages.room_id", "=", "message_reactions.room_id")
          .onRef("messages.sequence", "=", "message_reactions.sequence"),
      )
      .select(["messages.id", "messages.room_id as roomId"])
      .distinct()
      .where("message_reactions.account_id", "=", accountId)
      .limit(BATCH)
      .execute();
    for (const [roomId, messages = []] of Map.groupBy(mine, (message) => message.roomId)) {
      const ids = messages.map(({ id }) => id);
      await changeAll(roomId, ids, async (transaction, row, sequence) => {
        await deleteReactions(transaction, row, accountId);
        await updateMessage(transaction, row, {
          changed_sequence: sequence,
          reaction_kinds: await countReactionKinds(transaction, row),
        });
      });
    }
    return mine.length > 0;
  }

  return async function erase(accountId: string): Promise<void> {
    while (await eraseMessages(accountId)) await letOthersGoOn();
    while (await eraseReactions(accountId)) await letOthersGoOn();
    await deleteReadMarks(db, accountId);
  };
}
