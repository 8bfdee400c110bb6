import type { Room, RoomEvent, RoomMember, RoomPreview } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import type { StoredRoom } from "./room-store.ts";

/** What the parts of this feature share. */
export type RoomParts = {
  db: Database;
  /** Tells everyone who has the room open. */
  publish: (roomId: string, event: RoomEvent) => void;
  /** Gives somebody who is there nothing more of the room, on every node. */
  endMembership: (roomId: string, accountId: string) => void;
  /** Has it checked anew whether somebody may speak, or everyone in the room. */
  speechChanged: (roomId: string, accountId?: string) => void;
  /** Tells everyone who owns the room from now on, who may speak then. */
  tellOwner: (roomId: string, owner: { accountId: string; wasMuted: boolean }) => void;
  toRoom: (room: StoredRoom) => Room;
  /** In the transaction that they come in by: so it is told before what happens to them next. */
  findMember: (
    transaction: Database,
    roomId: string,
    accountId: string,
  ) => Promise<RoomMember | undefined>;
  /** Tells somebody who waits that it is over. */
  endWaiting: (roomId: string, accountId: string, how: "admitted" | "refused") => void;
};

export function toPreview(room: Room): RoomPreview {
  const { id, name, description, languages, memberCount, presentCount } = room;
  return { id, name, description, languages, memberCount, presentCount };
}
