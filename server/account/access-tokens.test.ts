import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JWTHeaderParameters, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessTokenKey, createAccessTokens, withAccessTokens } from "./access-tokens.ts";
import type { Session, SessionStore } from "./session-store.ts";

const key = new TextEncoder().encode("k".repeat(32));
const session: Session = {
  id: "session",
  accountId: "ann",
  guest: false,
  expiresAt: new Date(Date.now() + 1e9),
};

type Claims = Record<string, unknown>;

/** A token that is as ours are, but for what is said. `undefined` leaves a claim out. */
function forge(claims: Claims = {}, header: Partial<JWTHeaderParameters> = {}, by = key) {
  const now = Math.floor(Date.now() / 1000);
  const ours = { iss: "parley", aud: "parley-api", sub: "ann", sid: "session" };
  return new SignJWT({ ...ours, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", ...header })
    .sign(by);
}

afterEach(() => void vi.useRealTimers());

describe("access tokens", () => {
  const tokens = createAccessTokens(key);

  it("say which session they are of, and last for ten minutes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { token, expiresAt, lifetimeSeconds } = await tokens.issue(session);
    expect(lifetimeSeconds).toBe(600);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000)).toBeLessThan(1000);
    const read = { sessionId: "session", accountId: "ann" };
    expect(await tokens.read(token)).toEqual(read);
    vi.setSystemTime(Date.now() + 598_000);
    expect(await tokens.read(token)).toEqual(read);
    vi.setSystemTime(Date.now() + 3000);
    expect(await tokens.read(token)).toBeUndefined();
  });

  it("are forged well by this test", async () => {
    expect(await tokens.read(await forge())).toEqual({ sessionId: "session", accountId: "ann" });
  });

  it.each<[string, Claims, Partial<JWTHeaderParameters>?]>([
    ["another issuer", { iss: "somebody" }],
    ["no issuer", { iss: undefined }],
    ["another audience", { aud: "parley" }],
    ["no audience", { aud: undefined }],
    ["no expiry", { exp: undefined }],
    ["a longer life than ours", { iat: 1, exp: 9_999_999_999 }],
    ["no beginning", { iat: undefined }],
    ["no account", { sub: undefined }],
    ["no session", { sid: undefined }],
    ["a session that is no text", { sid: { id: 1 } }],
    ["another type", {}, { typ: "JWT" }],
    ["no type", {}, { typ: undefined }],
    ["another algorithm", {}, { alg: "HS512" }],
  ])("are refused with %s", async (_name, claims, header) => {
    const by = header?.alg ? new TextEncoder().encode("k".repeat(64)) : key;
    expect(await createAccessTokens(by).read(await forge(claims, header, by))).toBeUndefined();
  });

  it("are refused when another key signed them, or none, or what they say was changed", async () => {
    expect(await tokens.read(await forge({}, {}, new Uint8Array(32)))).toBeUndefined();
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [, claims = "", signature = ""] = (await forge()).split(".");
    expect(await tokens.read(`${part({ alg: "none", typ: "at+jwt" })}.${claims}.`)).toBeUndefined();
    const header = part({ alg: "HS256", typ: "at+jwt" });
    const changed = part({ sub: "ben", sid: "other", exp: 9_999_999_999 });
    expect(await tokens.read(`${header}.${changed}.${signature}`)).toBeUndefined();
    expect(await tokens.read("a.b.c")).toBeUndefined();
    expect(await tokens.read("")).toBeUndefined();
  });

  it("open the session for as long as there is one", async () => {
    const found = new Map([[session.id, session]]);
    const opener = withAccessTokens(
      { find: async (id: string) => found.get(id) } as SessionStore,
      tokens,
    );
    const { token } = await tokens.issue(session);
    expect(await opener.validate(token)).toEqual({
      ...session,
      extended: false,
      byAccessToken: true,
    });
    // Of another account than the token says.
    expect(await opener.validate(await forge({ sub: "ben" }))).toBeUndefined();
    found.clear();
    expect(await opener.validate(token)).toBeUndefined();
  });
});

describe("the key of access tokens", () => {
  it("is made once, and nobody else may read it", () => {
    const directory = mkdtempSync(join(tmpdir(), "parley-key-"));
    try {
      const nested = join(directory, "data");
      const made = accessTokenKey({ directory: nested });
      expect(made).toHaveLength(32);
      expect(accessTokenKey({ directory: nested })).toEqual(made);
      const file = join(nested, "access-token.key");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(Buffer.from(readFileSync(file, "utf8"), "base64url")).toEqual(Buffer.from(made));
      expect(accessTokenKey({ directory, secret: "s".repeat(32) })).toHaveLength(32);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
