import {
  CodeChallengeMethod,
  generateCodeVerifier,
  generateState,
  OAuth2Client,
  OAuth2RequestError,
} from "arctic";
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { AppError } from "../kit/errors.ts";
import type { OAuthIdentity, OAuthProvider } from "./oauth-provider.ts";

export type GoogleOptions = { clientId: string; clientSecret: string; issuer: string };

const GOOGLE = "https://accounts.google.com";
const SCOPES = ["openid", "email", "profile"];
/** A provider that doesn't answer for so long is not there. */
const TIMEOUT_MS = 10_000;
/** Clocks differ. */
const TOLERANCE_SECONDS = 30;

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});

const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  nonce: z.string(),
  azp: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.boolean().default(false),
  name: z.string().optional(),
  locale: z.string().optional(),
});

type Endpoints = { authorization: string; token: string; keys: JWTVerifyGetKey };

/**
 * Google, or whatever speaks OpenID Connect as it does at another `issuer`. What the provider says of
 * itself is asked for once, when it is first needed.
 */
export function createGoogleProvider(options: GoogleOptions): OAuthProvider {
  const { clientId, clientSecret, issuer } = options;
  let discovering: Promise<Endpoints> | undefined;

  function endpoints(): Promise<Endpoints> {
    discovering ??= discover(issuer).catch((error: unknown) => {
      discovering = undefined;
      throw unavailable(error);
    });
    return discovering;
  }

  /** Throws PROVIDER_REFUSED unless the token is the provider's, for us, for this browser, and new. */
  async function readIdToken(
    token: string,
    keys: JWTVerifyGetKey,
    nonce: string,
  ): Promise<OAuthIdentity> {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      // Google leaves the scheme out at times.
      issuer: issuer === GOOGLE ? [GOOGLE, "accounts.google.com"] : issuer,
      audience: clientId,
      requiredClaims: ["exp", "iat", "sub", "nonce"],
      clockTolerance: TOLERANCE_SECONDS,
    });
    const claims = claimsSchema.parse(payload);
    if (claims.nonce !== nonce) throw refused("its answer is to another question");
    if (claims.azp !== undefined && claims.azp !== clientId) throw refused("it is for others");
    return {
      subject: claims.sub,
      email: claims.email,
      emailVerified: claims.email_verified,
      name: claims.name,
      language: claims.locale,
    };
  }

  return {
    name: "google",

    async begin(redirectUrl) {
      const { authorization } = await endpoints();
      const secrets = {
        state: generateState(),
        codeVerifier: generateCodeVerifier(),
        nonce: generateState(),
      };
      const url = new OAuth2Client(
        clientId,
        clientSecret,
        redirectUrl,
      ).createAuthorizationURLWithPKCE(
        authorization,
        secrets.state,
        CodeChallengeMethod.S256,
        secrets.codeVerifier,
        SCOPES,
      );
      url.searchParams.set("nonce", secrets.nonce);
      return { url, secrets };
    },

    async finish(code, { codeVerifier, nonce }, redirectUrl) {
      const { token, keys } = await endpoints();
      const client = new OAuth2Client(clientId, clientSecret, redirectUrl);
      try {
        const tokens = await within(client.validateAuthorizationCode(token, code, codeVerifier));
        return await readIdToken(tokens.idToken(), keys, nonce);
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (error instanceof OAuth2RequestError) throw refused(error.code);
        if (error instanceof errors.JWKSTimeout) throw unavailable(error);
        if (error instanceof errors.JOSEError) throw refused(error.code);
        if (error instanceof z.ZodError) throw refused("its answer is not whole");
        throw unavailable(error);
      }
    },
  };
}

async function discover(issuer: string): Promise<Endpoints> {
  const url = `${issuer.replace(/\/$/u, "")}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
  if (!answer.ok) throw new Error(`the provider answered ${answer.status}`);
  const metadata = metadataSchema.parse(await answer.json());
  if (metadata.issuer !== issuer) throw new Error("the provider calls itself another name");
  return {
    authorization: metadata.authorization_endpoint,
    token: metadata.token_endpoint,
    keys: createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: TIMEOUT_MS }),
  };
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer came")), TIMEOUT_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `why` holds nothing that the provider said of anybody. */
function refused(why: string): AppError {
  const cause = new Error(`the provider: ${why}`);
  return new AppError("PROVIDER_REFUSED", "Signing in did not work out. Try again.", { cause });
}

function unavailable(cause: unknown): AppError {
  const message = "The provider can't be reached. Try again, or sign in in another way.";
  return new AppError("PROVIDER_UNAVAILABLE", message, { cause });
}
