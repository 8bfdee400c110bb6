import { type ChatMessage, REACTION_LIMIT } from "../../shared/chat.ts";
import type { LanguageTag } from "../../shared/language.ts";
import { mayInRoom, type RoomProcedure } from "../../shared/permission.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import { type FindFloor, seenFrom } from "./history-floor.ts";
import { indexMessage, reindexMessage, unindexMessage } from "./message-search-store.ts";
import {
  findMessage,
  findMessageByClientId,
  inNextPlace,
  insertMessage,
  type MessageRow,
  updateMessage,
} from "./message-store.ts";
import { newMessageId } from "./place.ts";
import type { AccountPort, RoomPorts, UploadPorts } from "./ports.ts";
import {
  countReactionKinds,
  deleteReaction,
  deleteReactions,
  insertReaction,
} from "./reaction-store.ts";
import type { MessageState, ReadMessages } from "./read-messages.ts";
import { deleteTranslations } from "./translation-store.ts";

export type SendInput = {
  roomId: string;
  text: string;
  attachments?: readonly string[] | undefined;
  replyTo?: string | undefined;
  clientId: string;
};

export type WriteDependencies = {
  db: Database;
  rooms: Pick<RoomPorts, "requireMember" | "requireMemberIn">;
  floorOf: FindFloor;
  account: AccountPort;
  uploads: UploadPorts;
  readMessages: ReadMessages;
  /** In which language somebody wrote a text, whose own is `own`. */
  languageOf: (text: string, roomId: string, own: LanguageTag) => Promise<LanguageTag>;
  /** Is told of every message that came or changed, once it is stored. */
  onChange: (state: MessageState) => void;
};

/** Everything that makes or changes a message. Each change takes the next number of its room. */
export function createMessageWriter(deps: WriteDependencies) {
  const { db, rooms, floorOf, account, uploads, readMessages, languageOf, onChange } = deps;

  async function readOne(on: Database, row: MessageRow | undefined): Promise<MessageState> {
    const [state] = await readMessages(on, row ? [row] : []);
    if (!state) throw messageNotFound();
    return state;
  }

  /** For those who may not see it there is no such message. */
  async function requireMessage(messageId: string, accountId: string, procedure: RoomProcedure) {
    const row = await findMessage(db, messageId);
    if (!row) throw messageNotFound();
    try {
      const role = await rooms.requireMember(row.roomId, accountId, procedure);
      const floor = await floorOf(row.roomId, accountId);
      if (row.sequence <= floor) throw messageNotFound();
      return { row, role, floor };
    } catch (error) {
      throw isClosed(error) ? messageNotFound() : error;
    }
  }

  /**
   * Lets `work` change a message, or what is left of it, with the number that the change takes. When it
   * gives false, nothing has changed.
   */
  async function change(
    { row: { id, roomId }, floor }: { row: MessageRow; floor: number },
    work: (transaction: Database, row: MessageRow, sequence: number) => Promise<boolean>,
  ): Promise<ChatMessage> {
    const state = await inNextPlace(db, roomId, async (transaction, sequence) => {
      // Read again: now nobody else changes it.
      const row = await findMessage(transaction, id);
      if (!row) throw messageNotFound();
      if (!(await work(transaction, row, sequence))) return undefined;
      return readOne(transaction, await findMessage(transaction, id));
    });
    if (state) {
      onChange(state);
      return seenFrom(state.message, floor);
    }
    return seenFrom((await readOne(db, await findMessage(db, id))).message, floor);
  }

  async function insert(
    transaction: Database,
    sequence: number,
    message: Omit<SendInput, "attachments"> & { authorId: string; language: LanguageTag },
    options: { uploadIds: readonly string[]; floor: number },
  ): Promise<MessageState | undefined> {
    const { roomId, authorId, replyTo, text } = message;
    const { uploadIds, floor } = options;
    if (replyTo !== undefined) {
      const answered = await findMessage(transaction, replyTo);
      if (answered?.roomId !== roomId || answered.sequence <= floor) throw messageNotFound();
    }
    const id = newMessageId(sequence);
    const inserted = await insertMessage(transaction, {
      ...message,
      id,
      sequence,
      sentAt: new Date().toISOString(),
      attachmentCount: uploadIds.length,
      searchRow: await indexMessage(transaction, { roomId, sequence }, text),
    });
    if (!inserted) return undefined;
    if (uploadIds.length > 0) {
      await uploads.take(transaction, { accountId: authorId, roomId, uploadIds, messageId: id });
    }
    return readOne(transaction, await findMessage(transaction, id));
  }

  return {
    /** Sending again with the same client id gives the message that was stored the first time. */
    async send(authorId: string, input: SendInput): Promise<ChatMessage> {
      const { attachments = [], ...rest } = input;
      const { roomId, text, clientId } = rest;
      const key = { roomId, authorId, clientId };
      await rooms.requireMember(roomId, authorId, "chat.send");
      const before = await findMessageByClientId(db, key);
      // Asked for where something may be quoted: most messages quote nothing.
      const findFloor = () => floorOf(roomId, authorId);
      if (before) return seenFrom((await readOne(db, before)).message, await findFloor());
      const { language: own } = await account(authorId);
      const language = await languageOf(text, roomId, own);
      const options = {
        uploadIds: Array.from(new Set(attachments)),
        floor: rest.replyTo === undefined ? 0 : await findFloor(),
      };
      const sent = await inNextPlace(db, roomId, async (transaction, sequence) => {
        // Finding out the language takes its time, in which they may have been sent out.
        await rooms.requireMemberIn(transaction, roomId, authorId, "chat.send");
        return insert(transaction, sequence, { ...rest, authorId, language }, options);
      });
      if (sent) {
        onChange(sent);
        return sent.message;
      }
      // The same message came twice at the same time, and the other one was first.
      const first = await readOne(db, await findMessageByClientId(db, key));
      return seenFrom(first.message, await findFloor());
    },

    async edit(accountId: string, input: { messageId: string; text: string }) {
      const { text } = input;
      const found = await requireMessage(input.messageId, accountId, "chat.history");
      const { authorId, roomId } = found.row;
      if (authorId !== accountId) {
        throw new AppError("NOT_YOUR_MESSAGE", "Only its author can change a message.");
      }
      await rooms.requireMember(roomId, accountId, "chat.send");
      const { language: own } = await account(accountId);
      const language = await languageOf(text, roomId, own);
      return change(found, async (transaction, row, sequence) => {
        if (row.removedAt !== null) throw messageNotFound();
        await rooms.requireMemberIn(transaction, roomId, accountId, "chat.send");
        if (text === row.text) return false;
        if (text === "" && row.attachmentCount === 0) {
          throw new AppError("MESSAGE_EMPTY", "There is nothing in this message.");
        }
        await updateMessage(transaction, row, {
          changed_sequence: sequence,
          text,
          language,
          edition: row.edition + 1,
          edited_at: new Date().toISOString(),
        });
        await deleteTranslations(transaction, row);
        await reindexMessage(transaction, row, text);
        return true;
      });
    },

    /** By its author, or by those whose role allows it. Removing twice is removing once. */
    async remove(accountId: string, { messageId }: { messageId: string }): Promise<ChatMessage> {
      const found = await requireMessage(messageId, accountId, "chat.history");
      if (found.row.authorId !== accountId && !mayInRoom(found.role, "chat.remove")) {
        throw new AppError("NOT_YOUR_MESSAGE", "Only its author or a moderator can remove it.");
      }
      return change(found, async (transaction, row, sequence) => {
        if (row.removedAt !== null) return false;
        await leaveTombstone(transaction, row, { uploads, sequence });
        return true;
      });
    },

    async react(accountId: string, input: { messageId: string; emoji: string; on: boolean }) {
      const { emoji, on } = input;
      const found = await requireMessage(input.messageId, accountId, "chat.react");
      return change(found, async (transaction, row, sequence) => {
        if (row.removedAt !== null) throw messageNotFound();
        const changed = on
          ? await insertReaction(transaction, row, { emoji, accountId, place: sequence })
          : await deleteReaction(transaction, row, { emoji, accountId });
        if (!changed) return false;
        const kinds = await countReactionKinds(transaction, row);
        if (kinds > REACTION_LIMIT) {
          throw new AppError("TOO_MANY_REACTIONS", "This message has no room for another emoji.");
        }
        await updateMessage(transaction, row, {
          changed_sequence: sequence,
          reaction_kinds: kinds,
        });
        return true;
      });
    },
  };
}

/** Takes away all that a message said. What is left says that there was one. */
export async function leaveTombstone(
  transaction: Database,
  row: MessageRow,
  options: { uploads: Pick<UploadPorts, "release">; sequence: number; forgetAuthor?: boolean },
): Promise<void> {
  const { uploads, sequence, forgetAuthor = false } = options;
  await updateMessage(transaction, row, {
    changed_sequence: sequence,
    text: "",
    removed_at: row.removedAt ?? new Date().toISOString(),
    reaction_kinds: 0,
    attachment_count: 0,
    search_row: null,
    ...(forgetAuthor && { author_id: null, client_id: row.id }),
  });
  await deleteReactions(transaction, row);
  await deleteTranslations(transaction, row);
  await unindexMessage(transaction, row);
  if (row.attachmentCount > 0) await uploads.release(transaction, [row.id]);
}

/** Whether a room was refused to somebody who may not know that it is there. */
export function isClosed(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return error.reason === "NOT_A_MEMBER" || error.reason === "ROOM_NOT_FOUND";
}

export function messageNotFound(): AppError {
  return new AppError("MESSAGE_NOT_FOUND", "There is no such message.");
}
