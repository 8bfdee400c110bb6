import type { Page } from "../../shared/page.ts";
import type { RoomAdmissionEvent, RoomWaiting } from "../../shared/room.ts";
import { type Bus, defineTopic } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { inTurn } from "../database/in-turn.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { Feed } from "../kit/feed.ts";
import { positionSchema } from "./directory-store.ts";
import { countMembers, findStanding, insertMember } from "./member-store.ts";
import { lift } from "./restriction-store.ts";
import { requireMemberIn } from "./room-access.ts";
import { notWaiting, roomFull, roomNotFound } from "./room-errors.ts";
import type { RoomParts } from "./room-parts.ts";
import { findRoom, lockRoom } from "./room-store.ts";
import { deleteWaiting, findWaiting, pageWaiting, takeWaiting } from "./waiting-store.ts";

const admissionTopic = defineTopic<RoomAdmissionEvent>("room.admission", { retain: 10 });

const keyOf = (roomId: string, accountId: string) => `${roomId} ${accountId}`;

/** Tells somebody who waits that it is over, and the moderators that they don't wait any more. */
export function createWaitingEnd(deps: {
  bus: Bus;
  publish: RoomParts["publish"];
}): RoomParts["endWaiting"] {
  return (roomId, accountId, how) => {
    deps.bus.publish(admissionTopic, keyOf(roomId, accountId), { type: how });
    deps.publish(roomId, { type: "notWaiting", accountId });
  };
}

const ADMITTED_AT_ONCE = 100;

/**
 * Makes members of all who wait, or of as many as there is room for: who has waited longest first. The
 * others go on waiting. Needs the room locked. Gives who was admitted, for whom it has to be told.
 */
export async function admitWaiting(
  db: Database,
  roomId: string,
  capacity = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const joinedAt = new Date().toISOString();
  const admitted: string[] = [];
  for (;;) {
    const limit = Math.min(ADMITTED_AT_ONCE, capacity - (await countMembers(db, roomId)));
    const taken = limit > 0 ? await takeWaiting(db, roomId, limit) : [];
    for (const { accountId, role } of taken) {
      await lift(db, { roomId, accountId, kind: "kick" });
      await insertMember(db, { roomId, accountId, role, joinedAt });
      admitted.push(accountId);
    }
    if (taken.length < ADMITTED_AT_ONCE) break;
  }
  if (admitted.length > 0) await lockRoom(db, roomId, joinedAt);
  return admitted;
}

/** Those who wait at a room's door, and who lets them in. */
export function createLobby(deps: RoomParts & { bus: Bus }) {
  const { db, bus, publish } = deps;

  return {
    async lobby(
      accountId: string,
      input: { roomId: string; cursor?: string | null | undefined; limit: number },
    ): Promise<Page<RoomWaiting>> {
      const { roomId, cursor, limit } = input;
      await requireMemberIn(db, roomId, accountId, "room.lobby");
      const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const { items, next } = await pageWaiting(db, roomId, { after, limit });
      return { items, ...(next && { nextCursor: encodeCursor(next) }) };
    },

    async admit(
      actorId: string,
      { roomId, accountId }: { roomId: string; accountId: string },
    ): Promise<void> {
      const member = await inTurn(db, `room ${roomId}`, async (transaction) => {
        const joinedAt = new Date().toISOString();
        if (!(await lockRoom(transaction, roomId, joinedAt))) throw roomNotFound();
        await requireMemberIn(transaction, roomId, actorId, "room.admit");
        const role = await deleteWaiting(transaction, roomId, accountId);
        if (!role) throw notWaiting();
        const { capacity } = (await findRoom(transaction, roomId))?.room ?? {};
        if (capacity !== undefined && (await countMembers(transaction, roomId)) >= capacity) {
          throw roomFull();
        }
        await lift(transaction, { roomId, accountId, kind: "kick" });
        await insertMember(transaction, { roomId, accountId, role, joinedAt });
        return deps.findMember(transaction, roomId, accountId);
      });
      deps.endWaiting(roomId, accountId, "admitted");
      if (member) publish(roomId, { type: "joined", member });
    },

    async refuse(
      actorId: string,
      { roomId, accountId }: { roomId: string; accountId: string },
    ): Promise<void> {
      await requireMemberIn(db, roomId, actorId, "room.refuse");
      if (!(await deleteWaiting(db, roomId, accountId))) throw notWaiting();
      deps.endWaiting(roomId, accountId, "refused");
    },

    /** Who waits goes away again. */
    async withdraw(roomId: string, accountId: string): Promise<void> {
      if (!(await deleteWaiting(db, roomId, accountId))) throw await notThere(roomId, accountId);
      deps.endWaiting(roomId, accountId, "refused");
    },

    /** How it stands, then what becomes of it. Ends when it is decided. */
    followAdmission(
      roomId: string,
      accountId: string,
      signal: AbortSignal,
    ): Feed<RoomAdmissionEvent> {
      return new Feed(signal, async (reader, signal) => {
        const decided = new AbortController();
        const { events } = await bus.subscribe(admissionTopic, keyOf(roomId, accountId), {
          signal: AbortSignal.any([signal, decided.signal]),
        });
        try {
          const standing = await findStanding(db, roomId, accountId);
          if (standing && standing.role !== null) {
            reader.send({ type: "admitted" });
            return;
          }
          if (!(await findWaiting(db, roomId, accountId))) throw await notThere(roomId, accountId);
          reader.send({ type: "waiting" });
          await events.each(({ event }) => {
            reader.send(event);
            decided.abort();
          });
        } finally {
          decided.abort();
        }
      });
    },
  };

  async function notThere(roomId: string, accountId: string) {
    const standing = await findStanding(db, roomId, accountId);
    const hidden =
      standing?.role === null && (standing.visibility === "private" || standing.banned);
    return !standing || hidden ? roomNotFound() : notWaiting();
  }
}
