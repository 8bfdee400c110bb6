import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { AccessToken } from "../../shared/account.ts";
import type { Session, SessionStore } from "./session-store.ts";

/** The only one that is taken, whatever a token says of itself. */
const ALGORITHM = "HS256";
/** No other kind of token that some key of ours might sign is taken for one of these. */
const TYPE = "at+jwt";
const ISSUER = "parley";
const AUDIENCE = "parley-api";
const LIFETIME_SECONDS = 600;
const KEY_BYTES = 32;

const claimsSchema = z.object({ sid: z.string(), sub: z.string() });

export type AccessTokens = ReturnType<typeof createAccessTokens>;

/** Tokens for requests and sockets that say which session they come from, and soon expire. */
export function createAccessTokens(key: Uint8Array) {
  return {
    async issue(session: Pick<Session, "id" | "accountId">): Promise<AccessToken> {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + LIFETIME_SECONDS;
      const token = await new SignJWT({ sid: session.id })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(session.accountId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key);
      return {
        token,
        expiresAt: new Date(expiresAt * 1000).toISOString(),
        lifetimeSeconds: LIFETIME_SECONDS,
      };
    },

    /** The session that a token speaks of, which may have ended. Undefined for what is no token of ours. */
    async read(token: string): Promise<{ sessionId: string; accountId: string } | undefined> {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ["exp", "sub", "sid"],
          maxTokenAge: LIFETIME_SECONDS,
        });
        const { sid, sub } = claimsSchema.parse(payload);
        return { sessionId: sid, accountId: sub };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

/** Opens sessions by access tokens too. Those only open them: no use of theirs makes one last. */
export function withAccessTokens(sessions: SessionStore, tokens: AccessTokens): SessionStore {
  return {
    ...sessions,
    async validate(token) {
      // The tokens of sessions hold no dots.
      if (!token.includes(".")) return await sessions.validate(token);
      const read = await tokens.read(token);
      const session = read && (await sessions.find(read.sessionId));
      if (!session || session.accountId !== read.accountId) return undefined;
      return { ...session, extended: false, byAccessToken: true };
    },
  };
}

/** The key that was configured, else this directory's own, which is made when there is none. */
export function accessTokenKey(options: { secret?: string | undefined; directory: string }) {
  if (options.secret !== undefined) return new TextEncoder().encode(options.secret);
  const file = join(options.directory, "access-token.key");
  if (!existsSync(file)) makeKey(file);
  const key = Buffer.from(readFileSync(file, "utf8"), "base64url");
  if (key.length < KEY_BYTES) throw new Error(`${file} does not hold a key. Remove it.`);
  return new Uint8Array(key);
}

/** Of two servers that begin at once one makes it, and the other never sees half of it. */
function makeKey(file: string): void {
  const unfinished = `${file}.${randomBytes(8).toString("hex")}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(unfinished, randomBytes(KEY_BYTES).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(unfinished);
  }
}
