import { initTRPC, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { reasons } from "../../shared/reason.ts";
import { describeError } from "./describe-error.ts";
import { AppError } from "./errors.ts";

/** Who calls, as far as every feature needs to know. */
export type Caller = { accountId: string; sessionId: string };

export type Cookie = { name: string; value: string; expires: Date };

export type Context = {
  /** Absent when nobody is signed in, or when the token given opens nothing. */
  caller?: Caller;
  /** The network address of the client. */
  address: string;
  /** Absent where no headers can be sent, as on a socket. */
  setCookie?: (cookie: Cookie) => void;
};

const t = initTRPC.context<Context>().create({
  // Decides whether stack traces travel to the client. They never do.
  isDev: false,
  errorFormatter({ error, shape }) {
    const { reason, message } = describeError(error);
    const code = reasons[reason];
    const httpStatus = getHTTPStatusCodeFromError(new TRPCError({ code }));
    return {
      message,
      code: TRPC_ERROR_CODES_BY_KEY[code],
      data: { code, httpStatus, path: shape.data.path, reason },
    };
  },
});

export const { router, mergeRouters, createCallerFactory } = t;

export const publicProcedure = t.procedure;

/** Throws NOT_SIGNED_IN without a caller. */
export const signedInProcedure = t.procedure.use(({ ctx, next }) => {
  const { caller } = ctx;
  if (!caller) throw new AppError("NOT_SIGNED_IN", "You are not signed in, or no longer.");
  return next({ ctx: { caller } });
});
