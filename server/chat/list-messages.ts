import { z } from "zod";
import type { ChatHistory, ChatMessage, FoundMessage } from "../../shared/chat.ts";
import type { Page } from "../../shared/page.ts";
import type { Bus, Topic } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { searchRoom } from "../database/full-text.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { Feed } from "../kit/feed.ts";
import { createMatcher, searchPhrases } from "../kit/search-words.ts";
import { type FindFloor, seenFrom } from "./history-floor.ts";
import {
  findLastSequence,
  findMessages,
  listChangesAfter,
  listMessagesAfter,
  listMessagesAt,
  listMessagesBefore,
  type MessageRow,
} from "./message-store.ts";
import { LAST_PLACE, toPlace, toPosition } from "./place.ts";
import type { RoomPorts } from "./ports.ts";
import type { MessageState, ReadMessages } from "./read-messages.ts";
import { messageNotFound } from "./write-messages.ts";

const cursorSchema = z.int().min(0).max(LAST_PLACE);

/** Messages read from the database at once when a reader catches up. */
const CATCH_UP = 200;

export type HistoryInput = {
  roomId: string;
  cursor?: string | null | undefined;
  limit: number;
  direction?: "before" | "after";
  around?: string | null | undefined;
};

export type SearchInput = {
  roomId: string;
  text: string;
  cursor?: string | null | undefined;
  limit: number;
};

type Bounds = { roomId: string; limit: number; floor: number };

/** Rows, newest first, and whether there is more on either side. */
type Slice = { rows: MessageRow[]; older: boolean; newer: boolean };

/** Every way in which messages are read: a page, a search, and what happens from now on. */
export function createMessageLister(deps: {
  db: Database;
  bus: Bus;
  topic: Topic<MessageState>;
  rooms: Pick<RoomPorts, "requireMember" | "membership">;
  floorOf: FindFloor;
  readMessages: ReadMessages;
}) {
  const { db, bus, topic, rooms, floorOf, readMessages } = deps;

  async function before(
    place: number | undefined,
    { roomId, limit, floor }: Bounds,
  ): Promise<Slice> {
    const all = await listMessagesBefore(db, roomId, { before: place, limit: limit + 1 });
    const found = all.filter(({ sequence }) => sequence > floor);
    const rows = found.slice(0, limit);
    return { rows, older: found.length > limit, newer: place !== undefined };
  }

  async function after(place: number, { roomId, limit, floor }: Bounds): Promise<Slice> {
    const from = Math.max(place, floor);
    const found = await listMessagesAfter(db, roomId, { after: from, limit: limit + 1 });
    const rows = found.slice(0, limit).toReversed();
    return { rows, older: from > floor, newer: found.length > limit };
  }

  async function around(messageId: string, bounds: Bounds): Promise<Slice> {
    const { roomId, limit, floor } = bounds;
    const [middle] = await findMessages(db, roomId, [messageId]);
    if (!middle || middle.sequence <= floor) throw messageNotFound();
    const { sequence } = middle;
    const newer = await after(sequence, { ...bounds, limit: Math.floor((limit - 1) / 2) });
    const older = await before(sequence, { ...bounds, limit: limit - 1 - newer.rows.length });
    return {
      rows: [...newer.rows, middle, ...older.rows],
      older: older.older,
      newer: newer.newer,
    };
  }

  function slice({ cursor, direction, around: messageId, ...input }: HistoryInput, floor: number) {
    const bounds = { ...input, floor };
    if (messageId) return around(messageId, bounds);
    const place = cursor ? decodeCursor(cursor, cursorSchema) : undefined;
    return direction === "after" ? after(place ?? 0, bounds) : before(place, bounds);
  }

  /** All that came or changed after the number `after`, from the database. */
  async function* catchUp(roomId: string, after: number): AsyncGenerator<MessageState, void> {
    let last = after;
    for (;;) {
      const rows = await listChangesAfter(db, roomId, { after: last, limit: CATCH_UP });
      yield* await readMessages(db, rows);
      last = rows.at(-1)?.changedSequence ?? last;
      if (rows.length < CATCH_UP) return;
    }
  }

  return {
    async history(accountId: string, input: HistoryInput): Promise<ChatHistory> {
      const { roomId, direction = "before" } = input;
      await rooms.requireMember(roomId, accountId, "chat.history");
      // Read first: what happens between the two is in both, and nothing is in neither.
      const position = toPosition(await findLastSequence(db, roomId));
      const floor = await floorOf(roomId, accountId);
      const { rows, older, newer } = await slice(input, floor);
      const [first, last] = [rows[0], rows.at(-1)];
      const olderCursor = older && last ? encodeCursor(last.sequence) : undefined;
      const newerCursor = newer && first ? encodeCursor(first.sequence) : undefined;
      const nextCursor = direction === "after" ? newerCursor : olderCursor;
      return {
        items: (await readMessages(db, rows)).map(({ message }) => seenFrom(message, floor)),
        ...(olderCursor !== undefined && { olderCursor }),
        ...(newerCursor !== undefined && { newerCursor }),
        ...(nextCursor !== undefined && { nextCursor }),
        position,
      };
    },

    /** Those that are there to be translated, in no order. */
    async find(
      accountId: string,
      roomId: string,
      messageIds: readonly string[],
    ): Promise<ChatMessage[]> {
      await rooms.requireMember(roomId, accountId, "chat.translations");
      const floor = await floorOf(roomId, accountId);
      const rows = await findMessages(db, roomId, messageIds);
      const there = rows.filter(({ sequence }) => sequence > floor);
      return (await readMessages(db, there)).map(({ message }) => message);
    },

    async search(accountId: string, input: SearchInput): Promise<Page<FoundMessage>> {
      const { roomId, text, cursor, limit } = input;
      await rooms.requireMember(roomId, accountId, "chat.search");
      const before = cursor ? decodeCursor(cursor, cursorSchema) : undefined;
      const phrases = searchPhrases(text);
      if (phrases.length === 0) return { items: [] };
      const hits = await searchRoom(db, "message_search", roomId, {
        phrases,
        before,
        limit: limit + 1,
      });
      const page = hits.slice(0, limit);
      const last = hits.length > limit ? page.at(-1) : undefined;
      const matchesIn = createMatcher(text);
      const floor = await floorOf(roomId, accountId);
      const places = page.map(({ sequence }) => sequence).filter((place) => place > floor);
      const found = await readMessages(db, await listMessagesAt(db, roomId, places));
      return {
        items: found.map(({ message }) =>
          Object.assign({ matches: matchesIn(message.text) }, seenFrom(message, floor)),
        ),
        ...(last && { nextCursor: encodeCursor(last.place) }),
      };
    },

    /** What came or changed after `lastEventId`, then what does, each once and in order. */
    follow(
      accountId: string,
      input: { roomId: string; lastEventId?: string | null | undefined },
      signal: AbortSignal,
    ): Feed<ChatMessage> {
      const { roomId, lastEventId } = input;
      return new Feed(signal, async (reader, signal) => {
        const member = await rooms.membership(roomId, accountId, "chat.onMessage", signal);
        // Subscribed before anything is read: what is sent meanwhile waits and is told apart below.
        const { events } = await bus.subscribe(topic, roomId, { signal: member });
        const floor = await floorOf(roomId, accountId);
        const first = toPosition(floor + 1);
        const newest = await findLastSequence(db, roomId);
        let last = Math.min(toPlace(lastEventId) ?? newest, newest);

        const send = (message: ChatMessage) => {
          if (message.id >= first) reader.send(seenFrom(message, floor));
        };

        async function sendMissing(): Promise<void> {
          for await (const { changedSequence, message } of catchUp(roomId, last)) {
            await reader.ready();
            if (member.aborted) return;
            last = changedSequence;
            send(message);
          }
        }

        if (last < newest) await sendMissing();
        await events.each(({ event }) => {
          if (event.changedSequence <= last) return;
          // One before it was not published, or not yet. Once this one is stored, that one is.
          if (event.changedSequence > last + 1) return sendMissing();
          last = event.changedSequence;
          send(event.message);
        });
      });
    },
  };
}
