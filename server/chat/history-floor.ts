import type { ChatMessage } from "../../shared/chat.ts";
import type { Database } from "../database/database.ts";
import { findPlaceBefore } from "./message-store.ts";
import { toPlace } from "./place.ts";
import type { RoomPorts } from "./ports.ts";

/** The last place of a room that isn't there for a reader. */
export type FindFloor = (roomId: string, accountId: string) => Promise<number>;

/** A room may keep nothing for who comes later: then what was said before isn't there for them. */
export function createFindFloor(db: Database, rooms: Pick<RoomPorts, "historyFrom">): FindFloor {
  return async (roomId, accountId) => {
    const from = await rooms.historyFrom(roomId, accountId);
    return from === undefined ? 0 : findPlaceBefore(db, roomId, from);
  };
}

/** As it is for a reader for whom nothing up to `floor` is there: nor is it in what answers it. */
export function seenFrom<Message extends ChatMessage>(message: Message, floor: number): Message {
  const { replyTo } = message;
  if (!replyTo || floor === 0 || (toPlace(replyTo.id) ?? 0) > floor) return message;
  const author = { accountId: "", name: "" };
  return { ...message, replyTo: { id: replyTo.id, author, text: "", removed: true } };
}
