import {
  captionCorrectInputSchema,
  captionExportInputSchema,
  captionListInputSchema,
  captionRemoveInputSchema,
  captionSearchInputSchema,
} from "../../shared/caption.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import type { Transcripts } from "./transcripts.ts";

/** What was said in calls and kept. It is there without media, too. */
export function createTranscriptRouter(transcripts: Transcripts) {
  return router({
    captions: signedInProcedure
      .input(captionListInputSchema)
      .query(({ ctx, input }) => transcripts.list(ctx.caller.accountId, input)),

    searchCaptions: signedInProcedure
      .input(captionSearchInputSchema)
      .query(({ ctx, input }) => transcripts.search(ctx.caller.accountId, input)),

    correctCaption: signedInProcedure
      .input(captionCorrectInputSchema)
      .mutation(({ ctx, input }) => transcripts.correct(ctx.caller.accountId, input)),

    removeCaption: signedInProcedure
      .input(captionRemoveInputSchema)
      .mutation(({ ctx, input }) => transcripts.remove(ctx.caller.accountId, input)),

    exportCaptions: signedInProcedure
      .input(captionExportInputSchema)
      .query(({ ctx, input, signal = new AbortController().signal }) => {
        const { roomId, ...selection } = input;
        return transcripts.export(ctx.caller.accountId, { roomId, selection }, signal);
      }),
  });
}
