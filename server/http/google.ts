import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { normaliseLanguage } from "../../shared/language.ts";
import type { Reason } from "../../shared/reason.ts";
import { SESSION_COOKIE } from "../account/account-router.ts";
import type { OAuthProvider, OAuthSecrets } from "../account/oauth-provider.ts";
import type { ProviderSignIn } from "../account/provider-sign-in.ts";
import type { SessionStore } from "../account/session-store.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { errorShape } from "../kit/procedures.ts";
import { authenticate, cookieSetter, tokenOf } from "./authentication.ts";
import { networkOf } from "./network.ts";
import { isAllowedOrigin } from "./origin.ts";
import type { RateLimits } from "./rate-limits.ts";

export type GoogleDependencies = {
  /** Absent when nobody has set it up. */
  google: OAuthProvider | undefined;
  signInByProvider: ProviderSignIn;
  sessions: Pick<SessionStore, "validate">;
  rateLimits: RateLimits;
  /** Where browsers find this server, if that is set. Else it is where they say they did. */
  publicUrl: string | undefined;
  secureCookies: boolean;
  log: Log;
};

const CALLBACK = "/auth/google/callback";
/** Holds what ties Google's answer to this browser. Only these two addresses are sent it. */
const COOKIE = "parley_google";
const COOKIE_SECONDS = 600;

const pendingSchema = z.object({
  state: z.string().min(1),
  codeVerifier: z.string().min(1),
  nonce: z.string().min(1),
  next: z.string(),
});
const beginSchema = z.object({ next: z.string().max(2000).catch("/").default("/") });
const answerSchema = z.object({ code: z.string().min(1).max(4096), state: z.string().min(1) });

/** Signing in by way of Google: there, and back. Whatever goes wrong is shown on the page. */
export function serveGoogle(server: FastifyInstance, deps: GoogleDependencies): void {
  const { google, signInByProvider, sessions, rateLimits, publicUrl, secureCookies, log } = deps;
  const cookie = {
    path: "/auth/google",
    httpOnly: true,
    sameSite: "lax",
    secure: secureCookies,
  } as const;

  function callbackUrl(request: FastifyRequest): string {
    if (publicUrl !== undefined) return publicUrl + CALLBACK;
    const origin = `${request.protocol}://${request.host}`;
    // Whoever names another host is not to be sent there with somebody's code.
    if (!isAllowedOrigin(origin, request.host, [])) {
      throw new AppError("PROVIDER_UNAVAILABLE", "PUBLIC_URL is not set on this server.");
    }
    return origin + CALLBACK;
  }

  function fail(reply: FastifyReply, error: unknown) {
    const reason: Reason = error instanceof AppError ? error.reason : "INTERNAL";
    const level = reason === "PROVIDER_REFUSED" ? "info" : "error";
    log[level]({ err: error instanceof AppError ? error.cause : error, reason }, "no sign-in");
    return reply.redirect(`/sign-in?${new URLSearchParams({ error: reason }).toString()}`);
  }

  server.get("/auth/google", async (request, reply) => {
    if (!google) {
      const message = "Nobody can sign in by way of Google here.";
      const error = errorShape({ reason: "PROVIDER_UNAVAILABLE", message });
      return reply.code(error.data.httpStatus).send({ error });
    }
    try {
      await rateLimits("auth.google", { network: networkOf(request) });
      const { url, secrets } = await google.begin(callbackUrl(request));
      const { next } = beginSchema.parse(request.query);
      reply.setCookie(COOKIE, encode({ ...secrets, next }), { ...cookie, maxAge: COOKIE_SECONDS });
      return await reply.redirect(url.href);
    } catch (error) {
      return fail(reply, error);
    }
  });

  server.get(CALLBACK, async (request, reply) => {
    const pending = decode(request.cookies[COOKIE]);
    // Each answer is taken once.
    reply.clearCookie(COOKIE, cookie);
    try {
      await rateLimits("auth.google", { network: networkOf(request) });
      const answer = answerSchema.safeParse(request.query);
      if (!google || !pending || !answer.success || !same(answer.data.state, pending.state)) {
        throw new AppError("PROVIDER_REFUSED", "This is no answer to a question of ours.");
      }
      const url = callbackUrl(request);
      const identity = await google.finish(answer.data.code, pending, url);
      const caller = await authenticate(sessions, tokenOf(request));
      const signedIn = await signInByProvider(google.name, identity, {
        guestId: caller?.guest ? caller.accountId : undefined,
        language: browserLanguage(request),
        client: { network: networkOf(request), device: request.headers["user-agent"] },
      });
      const { token: value, expiresAt } = signedIn;
      const expires = new Date(expiresAt);
      cookieSetter(reply, secureCookies)({ name: SESSION_COOKIE, value, expires });
      return await reply.redirect(localPath(pending.next));
    } catch (error) {
      return fail(reply, error);
    }
  });
}

type Pending = OAuthSecrets & { next: string };

function encode(pending: Pending): string {
  return Buffer.from(JSON.stringify(pending)).toString("base64url");
}

function decode(text: string | undefined): Pending | undefined {
  try {
    return pendingSchema.parse(JSON.parse(Buffer.from(text ?? "", "base64url").toString()));
  } catch {
    return undefined;
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** An address on this server, whatever was asked for: `//elsewhere` and `\elsewhere` are none. */
function localPath(text: string): string {
  const base = "http://parley.invalid";
  const url = text.startsWith("/") ? URL.parse(text, base) : undefined;
  if (url?.origin !== base) return "/";
  const path = url.pathname + url.search + url.hash;
  return path.startsWith("//") ? "/" : path;
}

function browserLanguage({ headers }: FastifyRequest): string {
  const first = headers["accept-language"]?.split(/[,;]/u)[0] ?? "";
  return normaliseLanguage(first) ?? "en";
}
