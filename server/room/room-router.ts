import { tracked } from "@trpc/server";
import {
  roomCreateInputSchema,
  roomEventsInputSchema,
  roomInputSchema,
  roomListInputSchema,
} from "../../shared/room.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import { type Rooms } from "./rooms.ts";

export function createRoomRouter(rooms: Rooms) {
  return router({
    create: signedInProcedure
      .input(roomCreateInputSchema)
      .mutation(({ ctx, input }) => rooms.create(ctx.caller.accountId, input.name)),

    join: signedInProcedure
      .input(roomInputSchema)
      .mutation(({ ctx, input }) => rooms.join(input.roomId, ctx.caller.accountId)),

    leave: signedInProcedure
      .input(roomInputSchema)
      .mutation(({ ctx, input }) => rooms.leave(input.roomId, ctx.caller.accountId)),

    get: signedInProcedure
      .input(roomInputSchema)
      .query(({ ctx, input }) => rooms.get(input.roomId, ctx.caller.accountId)),

    list: signedInProcedure.input(roomListInputSchema).query(({ input }) => rooms.list(input)),

    onEvent: signedInProcedure
      .input(roomEventsInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) => {
        const { roomId, lastEventId } = input;
        const events = rooms.follow(roomId, ctx.caller.accountId, { lastEventId, signal });
        return events.map(({ id, event }) => tracked(id, event));
      }),
  });
}
