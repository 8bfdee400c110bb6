import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createGoogleProvider } from "./google-provider.ts";

const client = { clientId: "parley", clientSecret: "secret" };
const secrets = { state: "state", codeVerifier: "verifier", nonce: "nonce" };
const REDIRECT = "http://localhost/back";

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let server: Server;
let issuer: string;
let keys: Keys;
/** What the provider calls itself, and what it gives for a code. */
let calledItself: string;
let answer: { status: number; body: unknown };

beforeAll(async () => {
  keys = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "one", use: "sig" };
  server = createServer(({ url }, response) => {
    const documents: Record<string, { status: number; body: unknown }> = {
      "/.well-known/openid-configuration": {
        status: 200,
        body: {
          issuer: calledItself,
          authorization_endpoint: `${issuer}/authorise`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
        },
      },
      "/keys": { status: 200, body: { keys: [jwk] } },
      "/token": answer,
    };
    const { status, body } = documents[url ?? ""] ?? { status: 404, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  calledItself = issuer;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What the provider says of Ann, but for what is said here. */
async function idToken(
  claims: Record<string, unknown> = {},
  options: { alg?: string; key?: Keys["privateKey"] | Uint8Array | JWK } = {},
) {
  const now = Math.floor(Date.now() / 1000);
  const { alg = "RS256", key = keys.privateKey } = options;
  const usual = { iss: issuer, aud: "parley", sub: "ann", iat: now, exp: now + 60, nonce: "nonce" };
  return await new SignJWT({ ...usual, email: "ann@example.org", ...claims })
    .setProtectedHeader({ alg, kid: "one" })
    .sign(key);
}

async function finish(token: string) {
  answer = { status: 200, body: { access_token: "a", token_type: "bearer", id_token: token } };
  return await createGoogleProvider({ ...client, issuer }).finish("code", secrets, REDIRECT);
}

it("asks with a state, a nonce and a challenge of which it keeps the secret", async () => {
  const { url, secrets: made } = await createGoogleProvider({ ...client, issuer }).begin(REDIRECT);
  expect(url.origin + url.pathname).toBe(`${issuer}/authorise`);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: "code",
    client_id: "parley",
    redirect_uri: REDIRECT,
    scope: "openid email profile",
    code_challenge_method: "S256",
    state: made.state,
    nonce: made.nonce,
  });
  expect(url.href).not.toContain(made.codeVerifier);
  const again = await createGoogleProvider({ ...client, issuer }).begin(REDIRECT);
  for (const name of ["state", "nonce", "codeVerifier"] as const) {
    expect(made[name].length).toBeGreaterThanOrEqual(32);
    expect(again.secrets[name]).not.toBe(made[name]);
  }
});

it("learns who somebody is, and whether their address is theirs", async () => {
  expect(await finish(await idToken({ name: "Ann" }))).toEqual({
    subject: "ann",
    email: "ann@example.org",
    // It must be said.
    emailVerified: false,
    name: "Ann",
    language: undefined,
  });
  expect((await finish(await idToken({ email_verified: true }))).emailVerified).toBe(true);
});

it.each<[string, Record<string, unknown>]>([
  ["of another provider", { iss: "https://elsewhere.example" }],
  ["for another server", { aud: "other" }],
  ["for another server too, which asked for it", { aud: ["parley", "other"], azp: "other" }],
  ["that has expired", { iat: 1, exp: 2 }],
  ["without an end", { exp: undefined }],
  ["that answers another question", { nonce: "other" }],
  ["that answers none", { nonce: undefined }],
  ["about nobody", { sub: undefined }],
  ["about nobody, in so many words", { sub: "" }],
  ["whose word on the address is not a word", { email_verified: "true" }],
])("refuses an answer %s", async (_name, claims) => {
  await expect(finish(await idToken(claims))).rejects.toMatchObject({
    reason: "PROVIDER_REFUSED",
  });
});

it("refuses an answer that somebody else signed, or nobody", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  const refused = { reason: "PROVIDER_REFUSED" };
  await expect(finish(await idToken({}, { key: privateKey }))).rejects.toMatchObject(refused);
  // With what everybody knows: the public key, taken for a shared secret.
  const known = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
  const forged = await idToken({}, { alg: "HS256", key: known });
  await expect(finish(forged)).rejects.toMatchObject(refused);
  // The right key, in a way that was not agreed on.
  const other = await importJWK(await exportJWK(keys.privateKey), "PS256");
  const odd = await idToken({}, { alg: "PS256", key: other });
  await expect(finish(odd)).rejects.toMatchObject(refused);
  const [, claims] = (await idToken()).split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  await expect(finish(`${header}.${claims}.`)).rejects.toMatchObject(refused);
});

it("refuses a code that the provider refuses", async () => {
  const provider = createGoogleProvider({ ...client, issuer });
  answer = { status: 400, body: { error: "invalid_grant" } };
  await expect(provider.finish("code", secrets, REDIRECT)).rejects.toMatchObject({
    reason: "PROVIDER_REFUSED",
  });
  answer = { status: 500, body: {} };
  await expect(provider.finish("code", secrets, REDIRECT)).rejects.toMatchObject({
    reason: "PROVIDER_UNAVAILABLE",
  });
});

it("says that the provider is not there, and finds it when it is back", async () => {
  const provider = createGoogleProvider({ ...client, issuer });
  calledItself = "https://elsewhere.example";
  const unavailable = { reason: "PROVIDER_UNAVAILABLE" };
  await expect(provider.begin(REDIRECT)).rejects.toMatchObject(unavailable);
  calledItself = issuer;
  await expect(provider.begin(REDIRECT)).resolves.toBeDefined();
  const nowhere = createGoogleProvider({ ...client, issuer: "http://127.0.0.1:1" });
  await expect(nowhere.begin(REDIRECT)).rejects.toMatchObject(unavailable);
});
