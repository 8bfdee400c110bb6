import { randomBytes } from "node:crypto";
import { z } from "zod";
import { BEFORE_FIRST_MESSAGE, type ChatMessage } from "../../shared/chat.ts";
import { type LanguageTag } from "../../shared/language.ts";
import { type Page } from "../../shared/page.ts";
import { type RoomProcedure } from "../../shared/permission.ts";
import { type RoomRole } from "../../shared/room.ts";
import { type Bus, defineTopic } from "../bus/bus.ts";
import { type Database } from "../database/database.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { Feed } from "../kit/feed.ts";
import {
  findLastSequence,
  findMessageByClientId,
  findSequence,
  insertMessage,
  LAST_PLACE,
  listMessagesAfter,
  listMessagesBefore,
  type StoredMessage,
  takeSequence,
} from "./message-store.ts";

const messageTopic = defineTopic<StoredMessage>("chat.message", { retain: 500 });
const positionSchema = z.int().positive().max(LAST_PLACE);

/** Messages read from the database at once when a reader catches up. */
const CATCH_UP = 200;

/** What chat asks of rooms and accounts. */
export type ChatPorts = {
  /** Throws ROOM_NOT_FOUND, NOT_A_MEMBER or ROLE_TOO_LOW. */
  requireMember: (roomId: string, accountId: string, procedure: RoomProcedure) => Promise<RoomRole>;
  /** Checks alike; the signal given aborts when the membership ends. */
  membership: (
    roomId: string,
    accountId: string,
    procedure: RoomProcedure,
    signal: AbortSignal,
  ) => Promise<AbortSignal>;
  account: (accountId: string) => Promise<{ name: string; language: LanguageTag }>;
  noteActivity: (roomId: string) => Promise<void>;
};

export type Chat = ReturnType<typeof createChat>;

export function createChat(deps: ChatPorts & { db: Database; bus: Bus }) {
  const { db, bus, requireMember, membership, account, noteActivity } = deps;

  /** All messages after the place `after`, from the database. */
  async function* catchUp(roomId: string, after: number): AsyncGenerator<StoredMessage, void> {
    let last = after;
    for (;;) {
      const page = await listMessagesAfter(db, roomId, { after: last, limit: CATCH_UP });
      yield* page;
      last = page.at(-1)?.sequence ?? last;
      if (page.length < CATCH_UP) return;
    }
  }

  /** Unknown when there is no such message in the room. */
  async function placeOf(roomId: string, messageId: string | null | undefined) {
    if (messageId === BEFORE_FIRST_MESSAGE) return 0;
    return messageId ? findSequence(db, roomId, messageId) : undefined;
  }

  return {
    /** Sending again with the same client id gives the message that was stored the first time. */
    async send(
      authorId: string,
      input: { roomId: string; text: string; clientId: string },
    ): Promise<ChatMessage> {
      const { roomId, text, clientId } = input;
      const key = { roomId, authorId, clientId };
      await requireMember(roomId, authorId, "chat.send");
      const before = await findMessageByClientId(db, key);
      if (before) return before.message;
      const { name, language } = await account(authorId);
      const stored = await db.transaction().execute(async (transaction) => {
        const sequence = await takeSequence(transaction, roomId);
        const id = messageId(sequence);
        const sentAt = new Date().toISOString();
        const inserted = await insertMessage(
          transaction,
          { id, ...key, text, language, sentAt },
          sequence,
        );
        const author = { accountId: authorId, name };
        return inserted
          ? { sequence, message: { id, roomId, author, text, language, clientId, sentAt } }
          : undefined;
      });
      if (stored) {
        bus.publish(messageTopic, roomId, stored);
        await noteActivity(roomId);
        return stored.message;
      }
      // The same message came twice at the same time, and the other one was first.
      const first = await findMessageByClientId(db, key);
      if (!first) throw new Error("a message that was there is gone");
      return first.message;
    },

    async history(
      accountId: string,
      input: { roomId: string; cursor?: string | null; limit: number },
    ): Promise<Page<ChatMessage>> {
      const { roomId, cursor, limit } = input;
      await requireMember(roomId, accountId, "chat.history");
      const before = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const found = await listMessagesBefore(db, roomId, { before, limit: limit + 1 });
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return {
        items: items.map(({ message }) => message),
        ...(last && { nextCursor: encodeCursor(last.sequence) }),
      };
    },

    /** Messages after `lastEventId`, then those that come, each once and in order. */
    follow(
      accountId: string,
      input: { roomId: string; lastEventId?: string | null },
      signal: AbortSignal,
    ): Feed<ChatMessage> {
      const { roomId, lastEventId } = input;
      return new Feed(signal, async (reader, signal) => {
        const member = await membership(roomId, accountId, "chat.onMessage", signal);
        // Subscribed before anything is read: what is sent meanwhile waits and is told apart below.
        const { events } = await bus.subscribe(messageTopic, roomId, { signal: member });
        const newest = await findLastSequence(db, roomId);
        let last = (await placeOf(roomId, lastEventId)) ?? newest;

        async function sendMissing(): Promise<void> {
          for await (const { sequence, message } of catchUp(roomId, last)) {
            await reader.ready();
            if (member.aborted) return;
            last = sequence;
            reader.send(message);
          }
        }

        if (last < newest) await sendMissing();
        await events.each(({ event }) => {
          if (event.sequence <= last) return;
          // One before it was not published, or not yet. Once this one is stored, that one is.
          if (event.sequence > last + 1) return sendMissing();
          last = event.sequence;
          reader.send(event.message);
        });
      });
    },
  };
}

/** Sorts as text in the order of a room's messages, and is nobody else's. */
function messageId(sequence: number): string {
  return `${sequence.toString(36).padStart(8, "0")}${randomBytes(9).toString("hex")}`;
}
