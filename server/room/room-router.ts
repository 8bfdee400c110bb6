import { tracked } from "@trpc/server";
import {
  roomAccountInputSchema,
  roomCreateInputSchema,
  roomCreateInviteInputSchema,
  roomEventsInputSchema,
  roomInputSchema,
  roomInvitationInputSchema,
  roomJoinInputSchema,
  roomListInputSchema,
  roomMembersInputSchema,
  roomMuteInputSchema,
  roomNearbyInputSchema,
  roomRevokeInviteInputSchema,
  roomSearchInputSchema,
  roomSetRoleInputSchema,
  roomUpdateInputSchema,
  roomWithinInputSchema,
} from "../../shared/room.ts";
import { publicProcedure, router, signedInProcedure } from "../kit/procedures.ts";
import type { Rooms } from "./rooms.ts";

export function createRoomRouter(rooms: Rooms) {
  return router({
    create: signedInProcedure
      .input(roomCreateInputSchema)
      .mutation(({ ctx, input }) => rooms.create(ctx.caller.accountId, input)),

    update: signedInProcedure
      .input(roomUpdateInputSchema)
      .mutation(({ ctx, input }) => rooms.update(ctx.caller.accountId, input)),

    remove: signedInProcedure
      .input(roomInputSchema)
      .mutation(({ ctx, input }) => rooms.remove(ctx.caller.accountId, input.roomId)),

    join: signedInProcedure
      .input(roomJoinInputSchema)
      .mutation(({ ctx, input }) => rooms.join(ctx.caller.accountId, ctx.network, input)),

    leave: signedInProcedure
      .input(roomInputSchema)
      .mutation(({ ctx, input }) => rooms.leave(input.roomId, ctx.caller.accountId)),

    get: signedInProcedure
      .input(roomInputSchema)
      .query(({ ctx, input }) => rooms.get(input.roomId, ctx.caller.accountId)),

    members: signedInProcedure
      .input(roomMembersInputSchema)
      .query(({ ctx, input }) => rooms.members(ctx.caller.accountId, input)),

    list: signedInProcedure
      .input(roomListInputSchema)
      .query(({ ctx, input }) => rooms.list(ctx.caller.accountId, input)),

    search: signedInProcedure
      .input(roomSearchInputSchema)
      .query(({ ctx, input }) => rooms.search(ctx.caller.accountId, input)),

    nearby: signedInProcedure
      .input(roomNearbyInputSchema)
      .query(({ ctx, input }) => rooms.nearby(ctx.caller.accountId, input)),

    within: signedInProcedure
      .input(roomWithinInputSchema)
      .query(({ ctx, input }) => rooms.within(ctx.caller.accountId, input)),

    setRole: signedInProcedure
      .input(roomSetRoleInputSchema)
      .mutation(({ ctx, input }) => rooms.setRole(ctx.caller.accountId, input)),

    kick: signedInProcedure
      .input(roomAccountInputSchema)
      .mutation(({ ctx, input }) => rooms.kick(ctx.caller.accountId, input)),

    ban: signedInProcedure
      .input(roomAccountInputSchema)
      .mutation(({ ctx, input }) => rooms.ban(ctx.caller.accountId, input)),

    unban: signedInProcedure
      .input(roomAccountInputSchema)
      .mutation(({ ctx, input }) => rooms.unban(ctx.caller.accountId, input)),

    bans: signedInProcedure
      .input(roomMembersInputSchema)
      .query(({ ctx, input }) => rooms.bans(ctx.caller.accountId, input)),

    mute: signedInProcedure
      .input(roomMuteInputSchema)
      .mutation(({ ctx, input }) => rooms.mute(ctx.caller.accountId, input)),

    createInvite: signedInProcedure
      .input(roomCreateInviteInputSchema)
      .mutation(({ ctx, input }) => rooms.createInvite(ctx.caller.accountId, input)),

    invites: signedInProcedure
      .input(roomMembersInputSchema)
      .query(({ ctx, input }) => rooms.invites(ctx.caller.accountId, input)),

    revokeInvite: signedInProcedure
      .input(roomRevokeInviteInputSchema)
      .mutation(({ ctx, input }) => rooms.revokeInvite(ctx.caller.accountId, input)),

    invitation: publicProcedure
      .input(roomInvitationInputSchema)
      .query(({ ctx, input }) => rooms.invitation(input.invite, ctx.caller?.accountId)),

    lobby: signedInProcedure
      .input(roomMembersInputSchema)
      .query(({ ctx, input }) => rooms.lobby(ctx.caller.accountId, input)),

    admit: signedInProcedure
      .input(roomAccountInputSchema)
      .mutation(({ ctx, input }) => rooms.admit(ctx.caller.accountId, input)),

    refuse: signedInProcedure
      .input(roomAccountInputSchema)
      .mutation(({ ctx, input }) => rooms.refuse(ctx.caller.accountId, input)),

    withdraw: signedInProcedure
      .input(roomInputSchema)
      .mutation(({ ctx, input }) => rooms.withdraw(input.roomId, ctx.caller.accountId)),

    /** For who waits in a lobby. Ends with the decision; says at once how it stands now. */
    onAdmission: signedInProcedure
      .input(roomInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        rooms.followAdmission(input.roomId, ctx.caller.accountId, signal),
      ),

    onEvent: signedInProcedure
      .input(roomEventsInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) => {
        const { roomId, lastEventId } = input;
        const events = rooms.follow(roomId, ctx.caller.accountId, { lastEventId, signal });
        return events.map(({ id, event }) => tracked(id, event));
      }),
  });
}
