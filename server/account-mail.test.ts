import { get } from "node:http";
import { TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./testing/test-server.ts";

const PASSWORD = "a fine long secret";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it worked",
    (error: unknown) =>
      error instanceof TRPCClientError ? (error.data as { reason?: string })?.reason : error,
  );

let people = 0;
const newAddress = () => `reader-${(people += 1)}@example.org`;

async function register(email: string, password = PASSWORD, language = "en") {
  const input = { email, password, name: "Ann", language };
  const signedIn = await server.client().account.register.mutate(input);
  return { ...signedIn, client: server.client(signedIn.token) };
}

const login = (email: string, password = PASSWORD) =>
  server.client().account.login.mutate({ email, password });

/** The mails that an address has got, the newest first. */
async function inbox(email: string) {
  const mails = await server.client().account.developmentMail.query();
  return mails.filter(({ to }) => to === email);
}

/** The newest mail with a link to this page, once there is one. */
async function linkTo(page: string, email: string): Promise<string> {
  const find = async () =>
    (await inbox(email))
      .map(({ text }) =>
        new RegExp(
          `${server.url.replace("127.0.0.1", "localhost")}${page}\\?token=(\\S+)`,
          "u",
        ).exec(text),
      )
      .find((found) => found !== null)?.[1];
  await expect.poll(find).toBeDefined();
  return (await find()) ?? "";
}

const verify = (token: string) => server.client().account.verifyEmail.mutate({ token });
const reset = (token: string, password: string) =>
  server.client().account.resetPassword.mutate({ token, password });

describe("an address", () => {
  it("is shown to be one's own by a link that is mailed, once", async () => {
    const email = newAddress();
    const { client } = await register(email);
    const token = await linkTo("/verify-email", email);
    expect(await reasonOf(verify(`${token}x`))).toBe("LINK_INVALID");
    // It is for this, and for nothing else.
    expect(await reasonOf(reset(token, "another long secret"))).toBe("LINK_INVALID");
    await verify(token);
    expect(await client.account.me.query()).toMatchObject({ email, emailVerified: true });
    expect(await reasonOf(verify(token))).toBe("LINK_INVALID");
  });

  it("is mailed to again on demand, in the account's language, but not without end", async () => {
    const email = newAddress();
    const { client } = await register(email, PASSWORD, "zh-CN");
    for (let count = 0; count < 4; count += 1) await client.account.sendVerification.mutate();
    await expect.poll(async () => (await inbox(email)).length).toBe(5);
    expect((await inbox(email))[0]?.subject).toBe("这是你的邮箱吗？（Parley）");
    expect(await reasonOf(client.account.sendVerification.mutate())).toBe("TOO_MANY_REQUESTS");
  });

  it("goes to whoever shows that it is theirs, from who said so first", async () => {
    const email = newAddress();
    const thief = await register(email, "the thief's secret");
    const stolen = await linkTo("/verify-email", email);
    const owner = await register(email);
    await expect.poll(async () => (await inbox(email)).length).toBe(2);
    const link = await linkTo("/verify-email", email);
    expect(link).not.toBe(stolen);
    await verify(link);
    expect((await login(email)).account.id).toBe(owner.account.id);
    expect(await reasonOf(login(email, "the thief's secret"))).toBe("CREDENTIALS_WRONG");
    expect(await reasonOf(verify(stolen))).toBe("LINK_INVALID");
    expect((await thief.client.account.me.query()).emailVerified).toBe(false);
  });

  it("is told, when it was shown to be theirs, that somebody else gave it", async () => {
    const email = newAddress();
    const { account } = await register(email);
    await verify(await linkTo("/verify-email", email));
    const other = await register(email, "not the same secret");
    expect(other.account).toMatchObject({ email, emailVerified: false });
    await expect.poll(async () => (await inbox(email)).length).toBe(2);
    const [newest] = await inbox(email);
    expect(newest?.subject).toBe("You have an account at Parley already");
    expect(newest?.text).not.toContain("token=");
    await other.client.account.sendVerification.mutate();
    expect((await inbox(email))[0]?.text).not.toContain("token=");
    expect((await login(email)).account.id).toBe(account.id);
  });
});

describe("a forgotten password", () => {
  it("is replaced by a link that is mailed, once, which ends every session", async () => {
    const email = newAddress();
    const { client } = await register(email);
    await server.client().account.requestPasswordReset.mutate({ email });
    const token = await linkTo("/reset-password", email);
    expect(await reasonOf(verify(token))).toBe("LINK_INVALID");
    // One that is no good does not use it up.
    expect(await reasonOf(reset(token, "password1"))).toBe("PASSWORD_WEAK");
    const results = await Promise.all(
      [1, 2, 3].map((number) => reasonOf(reset(token, `another secret ${number}`))),
    );
    expect(results.filter((result) => result === "it worked")).toHaveLength(1);
    expect(results.filter((result) => result === "LINK_INVALID")).toHaveLength(2);
    expect(await reasonOf(client.account.me.query())).toBe("NOT_SIGNED_IN");
    expect(await reasonOf(login(email))).toBe("CREDENTIALS_WRONG");
    const password = `another secret ${results.indexOf("it worked") + 1}`;
    expect((await login(email, password)).account.emailVerified).toBe(true);
  });

  it("takes all other links for a new one along", async () => {
    const email = newAddress();
    await register(email);
    await server.client().account.requestPasswordReset.mutate({ email });
    const first = await linkTo("/reset-password", email);
    await server.client().account.requestPasswordReset.mutate({ email });
    await expect.poll(() => linkTo("/reset-password", email)).not.toBe(first);
    await reset(await linkTo("/reset-password", email), "another long secret");
    expect(await reasonOf(reset(first, "a third long secret"))).toBe("LINK_INVALID");
  });

  it("is answered alike for an address that has no account, which gets no mail", async () => {
    const email = newAddress();
    const ask = () => reasonOf(server.client().account.requestPasswordReset.mutate({ email }));
    for (let count = 0; count < 5; count += 1) expect(await ask()).toBe("it worked");
    expect(await ask()).toBe("TOO_MANY_REQUESTS");
    // What is asked for later is mailed later.
    const other = newAddress();
    await register(other);
    await linkTo("/verify-email", other);
    expect(await inbox(email)).toEqual([]);
  });
});

it("is written about nowhere but in the mails: what is stored of links opens nothing", async () => {
  const email = newAddress();
  await register(email);
  const token = await linkTo("/verify-email", email);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${server.directory}/parley.db`, { readOnly: true });
  const rows = JSON.stringify(database.prepare("select * from account_links").all());
  database.close();
  expect(rows).toContain(email);
  expect(rows).not.toContain(token);
});

it("goes with the account, in every place where its address was", async () => {
  const email = newAddress();
  const { client } = await register(email);
  await linkTo("/verify-email", email);
  await client.account.remove.mutate({ password: PASSWORD });
  expect(await inbox(email)).toEqual([]);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${server.directory}/parley.db`, { readOnly: true });
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
  for (const { name } of tables) {
    const rows = JSON.stringify(database.prepare(`select * from "${String(name)}"`).all());
    expect(rows, String(name)).not.toContain(email);
  }
  database.close();
});

describe("what a server under development shows", () => {
  /** The status of the answer. */
  const ask = (headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const url = `${server.url}/trpc/account.developmentMail`;
      const asking = get(url, { headers }, (answer) => resolve(answer.resume().statusCode));
      asking.once("error", reject);
    });

  it("is for whoever sits at its machine", async () => {
    const { port } = new URL(server.url);
    for (const host of ["localhost", "parley.localhost", "127.0.0.1", "[::1]"]) {
      expect(await ask({ host: `${host}:${port}` }), host).toBe(200);
    }
  });

  it.each<[string, Record<string, string>]>([
    ["comes through a proxy", { "x-forwarded-for": "203.0.113.9" }],
    ["comes through another one", { forwarded: "for=203.0.113.9" }],
    ["comes through one that hides it", { via: "1.1 proxy" }],
    ["comes by a name that was made to lead here", { host: "rebound.example:3000" }],
  ])("is not for who %s", async (_name, headers) => {
    expect(await ask(headers)).toBe(403);
  });
});

describe("in production", () => {
  it("no mail is shown, and who can't get one is told", async () => {
    const production = await startTestServer({ environment: { NODE_ENV: "production" } });
    try {
      const nobody = production.client();
      expect(await nobody.account.providers.query()).toMatchObject({ mail: "unavailable" });
      expect(await reasonOf(nobody.account.developmentMail.query())).toBe("PROCEDURE_NOT_FOUND");
      const input = { email: newAddress(), password: PASSWORD, name: "Ann", language: "en" };
      const { token } = await nobody.account.register.mutate(input);
      const client = production.client(token);
      expect(await reasonOf(client.account.sendVerification.mutate())).toBe("MAIL_UNAVAILABLE");
      const { email } = input;
      expect(await reasonOf(nobody.account.requestPasswordReset.mutate({ email }))).toBe(
        "MAIL_UNAVAILABLE",
      );
      expect(production.app.notices.join()).toContain("SMTP_URL");
    } finally {
      await production.close();
    }
  });
});
