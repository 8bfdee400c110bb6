import type { FastifyReply, FastifyRequest } from "fastify";
import { SESSION_COOKIE } from "../account/account-router.ts";
import type { Session, SessionStore } from "../account/session-store.ts";
import { AppError } from "../kit/errors.ts";
import type { Caller, Context, Cookie } from "../kit/procedures.ts";
import { networkOf } from "./network.ts";
import { isOwnHost } from "./origin.ts";
import type { RateLimits } from "./rate-limits.ts";

/** What proxies say of whom they ask for, each in its own way. */
const FORWARDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** The session's token in a request: what a program sends, else what a browser does. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+)$/iu.exec(request.headers.authorization ?? "");
  return bearer?.[1] ?? request.cookies[SESSION_COOKIE];
}

/** Sets a cookie that scripts can't read and other sites' forms don't send. */
export function cookieSetter(reply: FastifyReply, secure: boolean): (cookie: Cookie) => void {
  return ({ name, value, expires }) => {
    reply.setCookie(name, value, { expires, path: "/", httpOnly: true, sameSite: "lax", secure });
  };
}

/** The session of a request. One that was extended gets its cookie again. */
export async function authenticate(
  sessions: Pick<SessionStore, "validate">,
  token: string | undefined,
  setCookie?: (cookie: Cookie) => void,
): Promise<Session | undefined> {
  if (token === undefined || token === "") return undefined;
  const session = await sessions.validate(token);
  if (session?.extended) {
    setCookie?.({ name: SESSION_COOKIE, value: token, expires: session.expiresAt });
  }
  return session;
}

/**
 * To be asked before something is held until the request is closed, which is told only once. Throws
 * CLIENT_CLOSED_REQUEST when it was closed while it was found out who it is of.
 */
export function requireOpen(reply: FastifyReply): void {
  if (!reply.raw.destroyed) return;
  throw new AppError("CLIENT_CLOSED_REQUEST", "The request was cancelled.");
}

/** What procedures know of a request, or of the socket that it opened. */
export function createContext(
  request: FastifyRequest,
  session: Session | undefined,
  rateLimits: RateLimits,
): Context {
  const network = networkOf(request);
  const caller = session && callerOf(session);
  return {
    caller,
    network,
    local: isLocal(request),
    device: request.headers["user-agent"],
    limit: (path) => rateLimits(path, { caller, network }),
  };
}

/**
 * Whether it comes from this machine itself: not through a proxy on it, nor from a page of another name
 * that was made to lead here.
 */
function isLocal({ headers, socket }: FastifyRequest): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  return /^(::ffff:)?127\.|^::1$/u.test(socket.remoteAddress ?? "") && isOwnHost(headers.host);
}

function callerOf({ accountId, id: sessionId, guest, byAccessToken }: Session): Caller {
  return { accountId, sessionId, guest, byAccessToken };
}
