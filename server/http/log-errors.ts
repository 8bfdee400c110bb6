import type { TRPCError } from "@trpc/server";
import { describeError } from "../kit/describe-error.ts";
import type { Log } from "../kit/log.ts";

/** Logs what is the server's own fault, with its cause; what the client did wrong it was told. */
export function createErrorLogger(log: Log) {
  return ({ error, path }: { error: TRPCError; path: string | undefined }): void => {
    const { reason } = describeError(error);
    const err = error.cause ?? error;
    if (reason === "INTERNAL") log.error({ err, path }, "a procedure failed");
    else if (reason === "DATABASE_UNAVAILABLE") {
      log.warn({ err: err.cause ?? err, path }, "the database is unavailable");
    } else log.debug({ reason, path }, "a procedure refused");
  };
}
