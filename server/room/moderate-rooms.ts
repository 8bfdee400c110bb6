import type { z } from "zod";
import type { Page } from "../../shared/page.ts";
import { isAtLeast, mayInRoom, type RoomProcedure } from "../../shared/permission.ts";
import type { RoomBan, RoomRole, roomSetRoleInputSchema } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { inTurn } from "../database/in-turn.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { positionSchema } from "./directory-store.ts";
import { deleteInvitesBy } from "./invite-store.ts";
import { deleteMember, findRole, updateRole } from "./member-store.ts";
import { findBan, lift, liftFromOwner, pageBans, restrict } from "./restriction-store.ts";
import { requireMemberIn } from "./room-access.ts";
import { memberNotFound, roleTooLow, roomNotFound } from "./room-errors.ts";
import type { RoomParts } from "./room-parts.ts";
import { lockRoom } from "./room-store.ts";
import { deleteWaiting } from "./waiting-store.ts";

type Target = { roomId: string; accountId: string };

/** What moderators and owners do to others. Nobody does it to themselves, or to who is not below. */
export function createModeration(deps: RoomParts) {
  const { db, publish } = deps;

  /**
   * Works with the room locked, by somebody who may call `procedure` and stands above the target, so not
   * on themselves.
   */
  function onSomebody<Result>(
    actorId: string,
    { roomId, accountId }: Target,
    procedure: RoomProcedure,
    work: (
      transaction: Database,
      roles: { actor: RoomRole; target: RoomRole | undefined },
    ) => Promise<Result>,
  ): Promise<Result> {
    return inTurn(db, `room ${roomId}`, async (transaction) => {
      if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
      const actor = await requireMemberIn(transaction, roomId, actorId, procedure);
      const target = await findRole(transaction, roomId, accountId);
      if (target && isAtLeast(target, actor)) throw roleTooLow();
      return work(transaction, { actor, target });
    });
  }

  /** Afterwards nothing that they have from the room is of use. Gives their invitations. */
  async function takeOut(
    transaction: Database,
    { roomId, accountId }: Target,
    kind: "kick" | "ban",
  ): Promise<string[]> {
    if (!(await restrict(transaction, { roomId, accountId, kind }, new Date().toISOString()))) {
      throw memberNotFound();
    }
    await deleteMember(transaction, roomId, accountId);
    return deleteInvitesBy(transaction, roomId, accountId);
  }

  function tellTakenOut(
    { roomId, accountId }: Target,
    invites: readonly string[],
    why: "kicked" | "banned",
  ): void {
    // They are told, too, before they hear nothing more.
    publish(roomId, { type: "left", accountId, why });
    deps.endMembership(roomId, accountId);
    tellRevoked(roomId, invites);
  }

  function tellRevoked(roomId: string, invites: readonly string[]): void {
    for (const inviteId of invites) publish(roomId, { type: "inviteRevoked", inviteId });
  }

  return {
    async setRole(actorId: string, input: z.output<typeof roomSetRoleInputSchema>): Promise<void> {
      const { roomId, accountId, role } = input;
      const { invites, owner } = await onSomebody(
        actorId,
        input,
        "room.setRole",
        async (transaction, { actor, target }) => {
          if (!target) throw memberNotFound();
          if (actor !== "owner" && isAtLeast(role, actor)) throw roleTooLow();
          await updateRole(transaction, roomId, accountId, role);
          if (role === "owner") {
            await updateRole(transaction, roomId, actorId, "moderator");
            const wasMuted = await liftFromOwner(transaction, roomId, accountId);
            return { invites: [], owner: { accountId, wasMuted } };
          }
          // Who leaves and comes back is a listener still.
          const listen = { roomId, accountId, kind: "listen" } as const;
          if (role === "listener") await restrict(transaction, listen, new Date().toISOString());
          else await lift(transaction, listen);
          // Nobody comes back by an invitation of their own to what they were.
          const mayInvite = mayInRoom(role, "room.createInvite");
          const invites = mayInvite ? [] : await deleteInvitesBy(transaction, roomId, accountId);
          return { invites };
        },
      );
      if (owner) {
        deps.tellOwner(roomId, owner);
        publish(roomId, { type: "role", accountId: actorId, role: "moderator" });
        deps.speechChanged(roomId, actorId);
        return;
      }
      publish(roomId, { type: "role", accountId, role });
      tellRevoked(roomId, invites);
      deps.speechChanged(roomId, accountId);
    },

    async kick(actorId: string, target: Target): Promise<void> {
      const invites = await onSomebody(actorId, target, "room.kick", async (transaction, roles) => {
        if (!roles.target) throw memberNotFound();
        return takeOut(transaction, target, "kick");
      });
      tellTakenOut(target, invites, "kicked");
    },

    /** Also of who is no member, or not any more. */
    async ban(actorId: string, target: Target): Promise<void> {
      const { roomId, accountId } = target;
      const { invites, roles, waited, ban } = await onSomebody(
        actorId,
        target,
        "room.ban",
        async (transaction, roles) => ({
          roles,
          invites: await takeOut(transaction, target, "ban"),
          waited: await deleteWaiting(transaction, roomId, accountId),
          ban: await findBan(transaction, roomId, accountId),
        }),
      );
      if (roles.target) tellTakenOut(target, invites, "banned");
      else tellRevoked(roomId, invites);
      if (waited) deps.endWaiting(roomId, accountId, "refused");
      if (ban) publish(roomId, { type: "banned", ban });
    },

    async unban(actorId: string, { roomId, accountId }: Target): Promise<void> {
      await requireMemberIn(db, roomId, actorId, "room.unban");
      if (!(await lift(db, { roomId, accountId, kind: "ban" }))) throw memberNotFound();
      publish(roomId, { type: "unbanned", accountId });
    },

    async bans(
      actorId: string,
      input: { roomId: string; cursor?: string | null | undefined; limit: number },
    ): Promise<Page<RoomBan>> {
      const { roomId, cursor, limit } = input;
      await requireMemberIn(db, roomId, actorId, "room.bans");
      const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const { items, next } = await pageBans(db, roomId, { after, limit });
      return { items, ...(next && { nextCursor: encodeCursor(next) }) };
    },

    /** Takes the microphone away, or gives it back: then they have to open it themselves. */
    async mute(actorId: string, input: Target & { muted: boolean }): Promise<void> {
      const { roomId, accountId, muted } = input;
      await onSomebody(actorId, input, "room.mute", async (transaction, roles) => {
        if (!roles.target) throw memberNotFound();
        const mute = { roomId, accountId, kind: "mute" } as const;
        if (muted) await restrict(transaction, mute, new Date().toISOString());
        else await lift(transaction, mute);
      });
      publish(roomId, { type: "silenced", accountId, silenced: muted });
      deps.speechChanged(roomId, accountId);
    },
  };
}
