import { tracked } from "@trpc/server";
import {
  callCaptionsInputSchema,
  callConnectTransportInputSchema,
  callConsumeInputSchema,
  callConsumerInputSchema,
  callCreateTransportInputSchema,
  callJoinInputSchema,
  callMuteInputSchema,
  callProduceInputSchema,
  callRestartIceInputSchema,
  callSetLanguagesInputSchema,
  peerInputSchema,
} from "../../shared/call.ts";
import { AppError } from "../kit/errors.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import type { Calls } from "./calls.ts";

/** Signalling of calls through the SFU, and their captions. Every id is checked to be the caller's. */
export function createCallRouter(available: Calls | { unavailable: string }) {
  /** Without media there are no calls; everything else goes on. */
  const calls = (): Calls => {
    if ("unavailable" in available) {
      throw new AppError("MEDIA_UNAVAILABLE", available.unavailable);
    }
    return available;
  };

  return router({
    join: signedInProcedure
      .input(callJoinInputSchema)
      .mutation(({ ctx, input }) => calls().join(ctx.caller, input)),

    createTransport: signedInProcedure
      .input(callCreateTransportInputSchema)
      .mutation(async ({ ctx, input }) => {
        const { peer, room } = calls().find(ctx.caller.accountId, input.peerId);
        const create = () => room.media.createTransport();
        return (await peer.createTransport(input.direction, create)).parameters;
      }),

    connectTransport: signedInProcedure
      .input(callConnectTransportInputSchema)
      .mutation(async ({ ctx, input }) => {
        const { peer } = calls().find(ctx.caller.accountId, input.peerId);
        await peer.transport(input.transportId).connect(input.dtlsParameters);
      }),

    restartIce: signedInProcedure
      .input(callRestartIceInputSchema)
      .mutation(async ({ ctx, input }) => {
        const { peer } = calls().find(ctx.caller.accountId, input.peerId);
        return { iceParameters: await peer.transport(input.transportId).restartIce() };
      }),

    produce: signedInProcedure.input(callProduceInputSchema).mutation(async ({ ctx, input }) => {
      const { peer, room } = calls().find(ctx.caller.accountId, input.peerId);
      const produce = async () =>
        peer.transport(input.transportId, "send").produce(input.rtpParameters);
      return { producerId: await calls().openMicrophone(peer, room, produce) };
    }),

    closeProducer: signedInProcedure.input(peerInputSchema).mutation(({ ctx, input }) => {
      const { peer, room } = calls().find(ctx.caller.accountId, input.peerId);
      room.closeMicrophone(peer);
    }),

    consume: signedInProcedure.input(callConsumeInputSchema).mutation(async ({ ctx, input }) => {
      const { peer } = calls().find(ctx.caller.accountId, input.peerId);
      const { transportId, producerId, rtpCapabilities } = input;
      const consumer = await peer.consume(transportId, producerId, rtpCapabilities);
      return { consumerId: consumer.id, producerId, rtpParameters: consumer.rtpParameters };
    }),

    resumeConsumer: signedInProcedure
      .input(callConsumerInputSchema)
      .mutation(async ({ ctx, input }) => {
        const { peer } = calls().find(ctx.caller.accountId, input.peerId);
        await peer.resumeConsumer(input.consumerId);
      }),

    pauseConsumer: signedInProcedure
      .input(callConsumerInputSchema)
      .mutation(async ({ ctx, input }) => {
        const { peer } = calls().find(ctx.caller.accountId, input.peerId);
        await peer.pauseConsumer(input.consumerId);
      }),

    closeConsumer: signedInProcedure.input(callConsumerInputSchema).mutation(({ ctx, input }) => {
      const { peer } = calls().find(ctx.caller.accountId, input.peerId);
      peer.closeConsumer(input.consumerId);
    }),

    mute: signedInProcedure.input(callMuteInputSchema).mutation(async ({ ctx, input }) => {
      const { peer, room } = calls().find(ctx.caller.accountId, input.peerId);
      await calls().setMuted(peer, room, input.muted);
    }),

    setLanguages: signedInProcedure
      .input(callSetLanguagesInputSchema)
      .mutation(({ ctx, input }) => {
        const { peer, room } = calls().find(ctx.caller.accountId, input.peerId);
        room.setLanguages(peer, input);
      }),

    leave: signedInProcedure.input(peerInputSchema).mutation(({ ctx, input }) => {
      calls().find(ctx.caller.accountId, input.peerId).peer.close("left");
    }),

    onEvent: signedInProcedure.input(peerInputSchema).subscription(async function* (options) {
      const { ctx, input, signal } = options;
      const { peer } = calls().find(ctx.caller.accountId, input.peerId);
      yield* peer.events(signal ?? new AbortController().signal);
    }),

    onCaption: signedInProcedure
      .input(callCaptionsInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        calls()
          .captions(ctx.caller.accountId, input, signal)
          .map(({ id, event }) => tracked(id, event)),
      ),
  });
}
