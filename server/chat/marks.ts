import { type ChatEvent, TYPING_MS, UNREAD_LIMIT, type UnreadCount } from "../../shared/chat.ts";
import { type Bus, type Delivered, defineTopic } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { Feed } from "../kit/feed.ts";
import type { FindFloor } from "./history-floor.ts";
import { countMessagesOfOthers, findMessages } from "./message-store.ts";
import type { RoomPorts } from "./ports.ts";
import { findReadMark, listReadMarks, putReadMark } from "./read-mark-store.ts";
import { Typing } from "./typing.ts";
import { isClosed, messageNotFound } from "./write-messages.ts";

const eventTopic = defineTopic<ChatEvent>("chat.event", { retain: 500 });

/** Read marks in a snapshot. */
const MARKS = 500;

/** What people do beside writing: how far they have read, and that they type. */
export function createMarks(deps: {
  db: Database;
  bus: Bus;
  rooms: Pick<RoomPorts, "requireMember" | "membership" | "resumption">;
  floorOf: FindFloor;
}) {
  const { db, bus, rooms, floorOf } = deps;
  const typing = new Typing({
    idleMs: TYPING_MS,
    onChange: (roomId, accountId, typing) => publish(roomId, { type: "typing", accountId, typing }),
  });

  /** Of what somebody does only the newest waits for a slow reader. */
  function publish(roomId: string, event: Exclude<ChatEvent, { type: "snapshot" }>): void {
    bus.publish(eventTopic, roomId, event, { replaces: `${event.type}:${event.accountId}` });
  }

  async function unreadIn(roomId: string, accountId: string): Promise<UnreadCount> {
    const mark = await findReadMark(db, roomId, accountId);
    const unread = await countMessagesOfOthers(db, roomId, {
      accountId,
      after: Math.max(mark?.sequence ?? 0, await floorOf(roomId, accountId)),
      limit: UNREAD_LIMIT,
    });
    return { roomId, unread, ...(mark && { readTo: mark.messageId }) };
  }

  return {
    async markRead(accountId: string, input: { roomId: string; messageId: string }): Promise<void> {
      const { roomId, messageId } = input;
      await rooms.requireMember(roomId, accountId, "chat.markRead");
      const [message] = await findMessages(db, roomId, [messageId]);
      if (!message || message.sequence <= (await floorOf(roomId, accountId))) {
        throw messageNotFound();
      }
      const { sequence } = message;
      const readAt = new Date().toISOString();
      const isNew = await putReadMark(db, { roomId, accountId, messageId, sequence, readAt });
      if (isNew) publish(roomId, { type: "read", accountId, messageId });
    },

    /** Of those of the rooms that the account is a member of. */
    async unread(accountId: string, roomIds: readonly string[]): Promise<UnreadCount[]> {
      const counts: UnreadCount[] = [];
      for (const roomId of new Set(roomIds)) {
        try {
          await rooms.requireMember(roomId, accountId, "chat.history");
        } catch (error) {
          if (isClosed(error)) continue;
          throw error;
        }
        counts.push(await unreadIn(roomId, accountId));
      }
      return counts;
    },

    async setTyping(accountId: string, input: { roomId: string; typing: boolean }): Promise<void> {
      await rooms.requireMember(input.roomId, accountId, "chat.typing");
      typing.set(input.roomId, accountId, input.typing);
    },

    stopTyping(roomId: string, accountId: string): void {
      typing.set(roomId, accountId, false);
    },

    /** The state of now, unless `lastEventId` is known; then what happens. */
    follow(
      accountId: string,
      input: { roomId: string; lastEventId?: string | null | undefined },
      signal: AbortSignal,
    ): Feed<Delivered<ChatEvent>> {
      const { roomId, lastEventId } = input;
      return new Feed(signal, async (reader, signal) => {
        const member = await rooms.membership(roomId, accountId, "chat.onEvent", signal);
        const subscription = await bus.subscribe(eventTopic, roomId, {
          ...(await rooms.resumption(roomId, accountId, lastEventId)),
          signal: member,
        });
        if (!subscription.resumed) {
          const reads = await listReadMarks(db, roomId, MARKS);
          const event: ChatEvent = { type: "snapshot", reads, typing: typing.list(roomId) };
          reader.send({ id: subscription.position, event });
        }
        await subscription.events.each((delivered) => reader.send(delivered));
      });
    },

    close: () => typing.close(),
  };
}
