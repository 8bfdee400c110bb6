import { isAtLeast, mayInRoom, type RoomProcedure } from "../../shared/permission.ts";
import type { RoomRole } from "../../shared/room.ts";
import type { Resumption } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import { findStanding, type Standing } from "./member-store.ts";
import type { Memberships } from "./memberships.ts";
import { notAMember, roleTooLow, roomNotFound } from "./room-errors.ts";

/**
 * Gives the role of a member who may call `procedure`. Throws ROOM_NOT_FOUND, also where the room is
 * not to be seen; NOT_A_MEMBER; or ROLE_TOO_LOW.
 */
export async function requireMemberIn(
  db: Database,
  roomId: string,
  accountId: string,
  procedure: RoomProcedure,
): Promise<RoomRole> {
  return roleFor(await findStanding(db, roomId, accountId), procedure);
}

function roleFor(standing: Standing | undefined, procedure: RoomProcedure): RoomRole {
  if (!standing) throw roomNotFound();
  const { role, visibility, banned } = standing;
  if (role === null) throw visibility === "private" || banned ? roomNotFound() : notAMember();
  if (!mayInRoom(role, procedure)) throw roleTooLow();
  return role;
}

/** Who may do what in a room, asked by everything that acts or tells on somebody's behalf. */
export function createRoomAccess(deps: { db: Database; memberships: Memberships }) {
  const { db, memberships } = deps;

  function requireMember(
    roomId: string,
    accountId: string,
    procedure: RoomProcedure,
  ): Promise<RoomRole> {
    return requireMemberIn(db, roomId, accountId, procedure);
  }

  return {
    requireMember,

    /**
     * Throws like `requireMember`, ROLE_TOO_LOW also where the room's setting asks for more, and
     * MUTED_BY_MODERATOR.
     */
    async requireSpeaker(this: void, roomId: string, accountId: string): Promise<void> {
      const standing = await findStanding(db, roomId, accountId);
      const role = roleFor(standing, "call.produce");
      if (standing && !isAtLeast(role, standing.speak)) throw roleTooLow();
      if (standing?.silenced) {
        throw new AppError("MUTED_BY_MODERATOR", "A moderator of this room has muted you.");
      }
    },

    /**
     * Where a member may go on: after an event of theirs, unless they left or were sent out since.
     * What happened while they were no member they are told no more than before.
     */
    async resumption(
      this: void,
      roomId: string,
      accountId: string,
      lastEventId: string | null | undefined,
    ): Promise<Resumption> {
      if (!lastEventId) return {};
      const joinedAt = (await findStanding(db, roomId, accountId))?.joinedAt;
      return { lastEventId, ...(joinedAt && { since: Date.parse(joinedAt) }) };
    },

    /**
     * Checks like `requireMember`, and gives a signal that aborts when the membership ends, or when
     * `signal` does: whatever a member may follow ends with it.
     */
    async membership(
      this: void,
      roomId: string,
      accountId: string,
      procedure: RoomProcedure,
      signal: AbortSignal,
    ): Promise<AbortSignal> {
      // Watched before it is checked: a membership that ends in between is noticed.
      const checking = new AbortController();
      const stop = () => checking.abort();
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      const watched = memberships.watch(roomId, accountId, checking.signal);
      watched.addEventListener("abort", () => signal.removeEventListener("abort", stop), {
        once: true,
      });
      try {
        await requireMember(roomId, accountId, procedure);
      } catch (error) {
        stop();
        throw error;
      }
      return watched;
    },
  };
}
