import { createHash } from "node:crypto";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OwnAccount } from "../shared/account.ts";
import { type OpenIdProvider, startOpenIdProvider } from "./testing/openid-provider.ts";
import { startTestServer, type TestServer } from "./testing/test-server.ts";

const client = { clientId: "parley", clientSecret: "a-secret" };
const PASSWORD = "a fine long secret";

let provider: OpenIdProvider;
let server: TestServer;

beforeAll(async () => {
  provider = await startOpenIdProvider();
  server = await startTestServer({
    environment: {
      GOOGLE_CLIENT_ID: client.clientId,
      GOOGLE_CLIENT_SECRET: client.clientSecret,
      GOOGLE_ISSUER: provider.issuer,
    },
  });
  await provider.open({ ...client, redirectUrl: `${server.url}/auth/google/callback` });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** A browser, as far as cookies and redirects go. */
function openBrowser() {
  const cookies = new Map<string, Map<string, string>>();
  const jar = (url: string) => {
    const { origin } = new URL(url);
    const found = cookies.get(origin) ?? new Map<string, string>();
    cookies.set(origin, found);
    return found;
  };

  async function request(url: string, init: RequestInit = {}) {
    const cookie = Array.from(jar(url), ([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, headers: { cookie }, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/u.exec(set) ?? [];
      if (value === "") jar(url).delete(name);
      else jar(url).set(name, value);
    }
    const location = answer.headers.get("location");
    return { answer, location: location === null ? undefined : new URL(location, url).href };
  }

  /** Goes to the provider and signs in there. Gives the address that it sends the browser back to. */
  async function askProvider(subject: string, next = "/rooms"): Promise<string> {
    const query = new URLSearchParams({ next }).toString();
    let { location } = await request(`${server.url}/auth/google?${query}`);
    for (let step = 0; step < 10 && location !== undefined; step += 1) {
      if (location.startsWith(server.url)) return location;
      const isForm = location.startsWith(`${provider.issuer}/interaction/`);
      const form = new URLSearchParams({ prompt: "login", login: subject, password: "none" });
      ({ location } = await request(location, isForm ? { method: "POST", body: form } : {}));
    }
    throw new Error("the provider did not send the browser back");
  }

  return {
    request,
    askProvider,
    cookies: () => jar(server.url),

    /** There and back. Gives where the browser ends up. */
    async signIn(subject: string, next?: string): Promise<string> {
      const { location } = await request(await askProvider(subject, next));
      return (location ?? "").replace(server.url, "");
    },

    async me(): Promise<OwnAccount | undefined> {
      const { answer } = await request(`${server.url}/trpc/account.me`);
      const body = (await answer.json()) as { result?: { data: OwnAccount } };
      return body.result?.data;
    },
  };
}

let people = 0;
function newPerson(claims: Record<string, string | boolean> = {}) {
  const subject = `person-${(people += 1)}`;
  const email = `${subject}@example.org`;
  provider.people.set(subject, { email, email_verified: true, name: "Ann Lee", ...claims });
  return { subject, email };
}

/** An account with an address and a password, that its owner has shown to be theirs, or not. */
async function register(email: string, options: { verified: boolean }) {
  const input = { email, password: PASSWORD, name: "Ann", language: "en" };
  const { account } = await server.client().account.register.mutate(input);
  if (options.verified) {
    const find = async () => {
      const mails = await server.client().account.developmentMail.query();
      const mail = mails.find(({ to }) => to === email);
      return /token=(\S+)/u.exec(mail?.text ?? "")?.[1];
    };
    await expect.poll(find).toBeDefined();
    await server.client().account.verifyEmail.mutate({ token: (await find()) ?? "" });
  }
  return account;
}

const REFUSED = "/sign-in?error=PROVIDER_REFUSED";

describe("signing in by way of Google", () => {
  it("makes an account with a name and a proven address, and leads where one wanted to go", async () => {
    const { subject, email } = newPerson({ locale: "pt-BR" });
    const browser = openBrowser();
    expect(await browser.signIn(subject, "/rooms/1?a=b#c")).toBe("/rooms/1?a=b#c");
    expect(await browser.me()).toMatchObject({
      name: "Ann Lee",
      language: "pt-BR",
      guest: false,
      email,
      emailVerified: true,
      hasPassword: false,
    });
    expect([...browser.cookies().keys()]).toEqual(["parley_session"]);
  });

  it("finds the account again by who they are there, not by their address", async () => {
    const { subject, email } = newPerson();
    const browser = openBrowser();
    await browser.signIn(subject);
    const account = await browser.me();
    provider.people.set(subject, { email: "changed@example.org", email_verified: true });
    const phone = openBrowser();
    await phone.signIn(subject);
    expect(await phone.me()).toEqual(account);
    // Somebody else has the address there now.
    const { subject: other } = newPerson({ email, email_verified: false });
    const stranger = openBrowser();
    await stranger.signIn(other);
    expect((await stranger.me())?.id).not.toBe(account?.id);
  });

  it("lets a guest keep what is theirs, in a new session", async () => {
    const { subject } = newPerson();
    const guest = await server.signIn("Ben");
    const { id: roomId } = await guest.client.room.create.mutate({ name: "Kitchen" });
    const browser = openBrowser();
    browser.cookies().set("parley_session", guest.token);
    await browser.signIn(subject);
    expect(await browser.me()).toMatchObject({ id: guest.account.id, name: "Ben", guest: false });
    const session = browser.cookies().get("parley_session") ?? "";
    expect(session).not.toBe(guest.token);
    await expect(guest.client.account.me.query()).rejects.toThrow("not signed in");
    const { items } = await server.client(session).account.rooms.query({});
    expect(items).toMatchObject([{ id: roomId }]);
  });

  it("opens an account that has the address, when both sides know that it is theirs", async () => {
    const { subject, email } = newPerson();
    const account = await register(email, { verified: true });
    const browser = openBrowser();
    await browser.signIn(subject);
    expect((await browser.me())?.id).toBe(account.id);
  });

  it("opens no account whose owner has not shown that the address is theirs", async () => {
    const { subject, email } = newPerson();
    const account = await register(email, { verified: false });
    const browser = openBrowser();
    await browser.signIn(subject);
    const me = await browser.me();
    expect(me).toMatchObject({ email, emailVerified: true });
    expect(me?.id).not.toBe(account.id);
  });

  it("opens no account by an address that Google has not seen to be theirs", async () => {
    const { subject, email } = newPerson({ email_verified: false });
    const account = await register(email, { verified: true });
    const browser = openBrowser();
    await browser.signIn(subject);
    const me = await browser.me();
    expect(me?.id).not.toBe(account.id);
    expect(me?.email).toBeUndefined();
  });

  it("makes one account of one person who comes twice at once", async () => {
    const { subject } = newPerson();
    const browsers = [openBrowser(), openBrowser()];
    const back = await Promise.all(browsers.map((browser) => browser.askProvider(subject)));
    await Promise.all(browsers.map((browser, index) => browser.request(back[index] ?? "")));
    const [one, two] = await Promise.all(browsers.map((browser) => browser.me()));
    expect(one?.id).toBeDefined();
    expect(two?.id).toBe(one?.id);
  });
});

describe("Google's answer", () => {
  it("is asked for with a challenge, and kept to one browser by a cookie that scripts can't read", async () => {
    const { answer, location } = await openBrowser().request(`${server.url}/auth/google`);
    expect(answer.status).toBe(302);
    const asked = new URL(location ?? "").searchParams;
    const [set = ""] = answer.headers.getSetCookie();
    expect(set).toMatch(/; Path=\/auth\/google; HttpOnly; SameSite=Lax$/u);
    const value = /^parley_google=([^;]+)/u.exec(set)?.[1] ?? "";
    const kept = JSON.parse(Buffer.from(value, "base64url").toString()) as Record<string, string>;
    expect(asked.get("state")).toBe(kept["state"]);
    expect(asked.get("nonce")).toBe(kept["nonce"]);
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("code_challenge")).toBe(
      createHash("sha256")
        .update(kept["codeVerifier"] ?? "")
        .digest("base64url"),
    );
  });

  it("is refused in another browser, and the second time in the same", async () => {
    const { subject } = newPerson();
    const browser = openBrowser();
    const back = await browser.askProvider(subject);
    const other = openBrowser();
    expect((await other.request(back)).location).toBe(server.url + REFUSED);
    await other.request(`${server.url}/auth/google`);
    expect((await other.request(back)).location).toBe(server.url + REFUSED);
    expect(other.cookies().has("parley_session")).toBe(false);
    expect((await browser.request(back)).location).toBe(`${server.url}/rooms`);
    expect((await browser.request(back)).location).toBe(server.url + REFUSED);
  });

  it.each(["state", "nonce", "codeVerifier"])("is refused with another %s", async (name) => {
    const { subject } = newPerson();
    const browser = openBrowser();
    const back = await browser.askProvider(subject);
    const cookie = browser.cookies().get("parley_google") ?? "";
    const kept = JSON.parse(Buffer.from(cookie, "base64url").toString()) as Record<string, string>;
    kept[name] = "x".repeat(43);
    const changed = Buffer.from(JSON.stringify(kept)).toString("base64url");
    browser.cookies().set("parley_google", changed);
    expect((await browser.request(back)).location).toBe(server.url + REFUSED);
    expect(await browser.me()).toBeUndefined();
  });

  it("is shown as a failure when somebody changed their mind, or nobody asked", async () => {
    const browser = openBrowser();
    for (const query of ["error=access_denied&state=x", "", "code=x&state="]) {
      const { location } = await browser.request(`${server.url}/auth/google/callback?${query}`);
      expect(location).toBe(server.url + REFUSED);
    }
  });

  it.each([
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "/.//elsewhere.example",
    "javascript:alert(1)",
    "elsewhere.example",
    "",
  ])("leads nowhere but to this server, whatever was asked for: %s", async (next) => {
    const { subject } = newPerson();
    expect(await openBrowser().signIn(subject, next)).toBe("/");
  });
});

describe("where Google sends people back to", () => {
  /** Begins, as somebody who addressed the server as `host`. */
  const begin = (url: string, host: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host };
      const asking = get(`${url}/auth/google`, { headers }, (answer) => resolve(answer.resume()));
      asking.once("error", reject);
    });

  it("is nowhere that somebody else calls this server", async () => {
    const { headers } = await begin(server.url, "elsewhere.example");
    expect(headers.location).toBe("/sign-in?error=PROVIDER_UNAVAILABLE");
    expect(headers["set-cookie"]).toBeUndefined();
  });

  it("is what the settings say, in production over TLS only", async () => {
    const production = await startTestServer({
      environment: {
        NODE_ENV: "production",
        PUBLIC_URL: "https://talk.example",
        GOOGLE_CLIENT_ID: client.clientId,
        GOOGLE_CLIENT_SECRET: client.clientSecret,
        GOOGLE_ISSUER: provider.issuer,
      },
    });
    try {
      const { headers } = await begin(production.url, "elsewhere.example");
      const { origin, searchParams } = new URL(headers.location ?? "");
      expect(origin).toBe(provider.issuer);
      expect(searchParams.get("redirect_uri")).toBe("https://talk.example/auth/google/callback");
      expect(headers["set-cookie"]?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Lax$/u);
    } finally {
      await production.close();
    }
  });
});

describe("a server that Google does not know", () => {
  it("says so", async () => {
    const other = await startTestServer();
    try {
      const { google } = await other.client().account.providers.query();
      expect(google).toBe(false);
      const answer = await fetch(`${other.url}/auth/google`, { redirect: "manual" });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        error: { data: { reason: "PROVIDER_UNAVAILABLE" } },
      });
    } finally {
      await other.close();
    }
    expect((await server.client().account.providers.query()).google).toBe(true);
  });
});
