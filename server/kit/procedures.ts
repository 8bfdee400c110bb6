import { type AnyTRPCRouter, initTRPC, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { permissionFor } from "../../shared/permission.ts";
import { reasons } from "../../shared/reason.ts";
import { describeError, type ErrorDescription } from "./describe-error.ts";
import { AppError } from "./errors.ts";

/** Who calls, as far as every feature needs to know. */
export type Caller = {
  accountId: string;
  sessionId: string;
  /** Has no account that they could sign in to again. */
  guest: boolean;
  /** Came with a token that lasts for minutes only, and that can't be exchanged for another. */
  byAccessToken?: boolean;
};

export type Cookie = { name: string; value: string; expires: Date };

export type Context = {
  /** Absent when nobody is signed in, or when the token given opens nothing. */
  caller?: Caller;
  /** Where the client is, as far as limits are counted by it. */
  network: string;
  /** Whether the client is on the server's own machine. */
  local: boolean;
  /** What the client calls itself. */
  device?: string;
  /** Counts a call of the procedure at `path`. Throws TOO_MANY_REQUESTS when it is one too many. */
  limit: (path: string) => Promise<void>;
  /** Absent where no headers can be sent, as on a socket. */
  setCookie?: (cookie: Cookie) => void;
};

/** The shape in which every error travels, also where no procedure was reached. */
export function errorShape(description: ErrorDescription, path?: string) {
  const { reason, message, retryAfterSeconds } = description;
  const code = reasons[reason];
  const httpStatus = getHTTPStatusCodeFromError(new TRPCError({ code }));
  return {
    message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus, path, reason, retryAfterSeconds },
  };
}

/** How long a subscription over HTTP says nothing at the most. */
const SSE_PING_MS = 10_000;

const t = initTRPC.context<Context>().create({
  // Decides whether stack traces travel to the client. They never do.
  isDev: false,
  // Proxies end what is quiet for a minute, and a client notices a cut by what doesn't come.
  sse: {
    ping: { enabled: true, intervalMs: SSE_PING_MS },
    client: { reconnectAfterInactivityMs: 2 * SSE_PING_MS },
  },
  errorFormatter: ({ error, shape }) => errorShape(describeError(error), shape.data.path),
});

export const { router, mergeRouters, createCallerFactory } = t;

/**
 * Opens as far as the table of permissions says for the procedure's path; roles in a room are asked
 * for by the feature, which knows the room. Throws TOO_MANY_REQUESTS, NOT_SIGNED_IN,
 * ACCOUNT_NEEDED or FORBIDDEN.
 */
export const publicProcedure = t.procedure.use(async ({ ctx, path, next }) => {
  await ctx.limit(path);
  const permission = permissionFor(path);
  if (!permission) throw new AppError("FORBIDDEN", "Nobody may do this.");
  if (permission.who !== "anyone" && !ctx.caller) throw notSignedIn();
  if (permission.who === "registered" && ctx.caller?.guest) {
    throw new AppError("ACCOUNT_NEEDED", "Guests can't do this. Create an account first.");
  }
  return next();
});

/** For what always has a caller. Throws NOT_SIGNED_IN without one. */
export const signedInProcedure = publicProcedure.use(({ ctx, next }) => {
  const { caller } = ctx;
  if (!caller) throw notSignedIn();
  return next({ ctx: { caller } });
});

function notSignedIn(): AppError {
  return new AppError("NOT_SIGNED_IN", "You are not signed in, or no longer.");
}

/**
 * Puts a router under a name that tRPC refuses, such as `call`: a procedure of that name could not be
 * told from a function's own method. A router of that name can, so its procedures are put in one by
 * one, under the paths that they have for every client.
 */
export function underReservedName<Name extends string, Inner extends AnyTRPCRouter>(
  name: Name,
  inner: Inner,
): Record<Name, Inner> {
  const procedures = Object.entries(inner._def.procedures);
  const paths = procedures.map(([path, procedure]) => [`${name}.${path}`, procedure]);
  return Object.fromEntries(paths) as Record<Name, Inner>;
}
