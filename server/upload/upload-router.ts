import { uploadInputSchema, uploadListInputSchema } from "../../shared/upload.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import type { Uploads } from "./uploads.ts";

/** What isn't about bytes: those come and go over HTTP. */
export function createUploadRouter(uploads: Pick<Uploads, "get" | "list" | "remove">) {
  return router({
    get: signedInProcedure
      .input(uploadInputSchema)
      .query(({ ctx, input }) => uploads.get(ctx.caller.accountId, input.uploadId)),

    list: signedInProcedure
      .input(uploadListInputSchema)
      .query(({ ctx, input }) => uploads.list(ctx.caller, input)),

    remove: signedInProcedure
      .input(uploadInputSchema)
      .mutation(({ ctx, input }) => uploads.remove(ctx.caller.accountId, input.uploadId)),
  });
}
