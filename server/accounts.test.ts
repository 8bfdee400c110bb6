import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { TRPCClientError } from "@trpc/client";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestClient, type TestServer } from "./testing/test-server.ts";

const PASSWORD = "a fine long secret";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ presenceGraceMs: 50 });
});
afterAll(() => server.close());

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it worked",
    (error: unknown) =>
      error instanceof TRPCClientError ? (error.data as { reason?: string })?.reason : error,
  );

let people = 0;
const newAddress = () => `person-${(people += 1)}@example.org`;

async function register(email = newAddress(), password = PASSWORD) {
  const input = { email, password, name: "Ann", language: "en" };
  const signedIn = await server.client().account.register.mutate(input);
  return { ...signedIn, email, client: server.client(signedIn.token) };
}

const login = (email: string, password = PASSWORD) =>
  server.client().account.login.mutate({ email, password });

/** Resolves with the code that a socket of this token is closed with. */
async function openSocket(token: string) {
  const socket = new WebSocket(`${server.socketUrl}?connectionParams=1`);
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const answer = new Promise<unknown>((resolve) =>
    socket.addEventListener("message", ({ data }) => resolve(JSON.parse(String(data)))),
  );
  socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));
  socket.send(JSON.stringify({ id: 1, method: "query", params: { path: "account.me" } }));
  expect(await answer).toMatchObject({ id: 1, result: { type: "data" } });
  return { closed };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/trpc/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe("an account", () => {
  it("is made with an address and a password, which open it from then on", async () => {
    const { account, client, email } = await register();
    expect(account).toMatchObject({
      name: "Ann",
      guest: false,
      email,
      emailVerified: false,
      hasPassword: true,
    });
    expect(await client.account.me.query()).toEqual(account);
    const again = await login(email.toUpperCase());
    expect(again.account).toEqual(account);
    expect(again.token).not.toBe((await login(email)).token);
    expect(await reasonOf(login(email, "another secret"))).toBe("CREDENTIALS_WRONG");
    expect(await reasonOf(login(newAddress()))).toBe("CREDENTIALS_WRONG");
  });

  it("is refused a wrong address, and a password that would be guessed", async () => {
    const registering = (email: string, password: string) => reasonOf(register(email, password));
    expect(await registering("nobody", PASSWORD)).toBe("EMAIL_INVALID");
    expect(await registering("ann@example.org\r\nBcc: x@example.org", PASSWORD)).toBe(
      "EMAIL_INVALID",
    );
    for (const password of ["1234567", "Password1", "x".repeat(257), "aaaaaaaaaa", "12121212"]) {
      expect(await registering(newAddress(), password), password).toBe("PASSWORD_WEAK");
    }
    expect(await registering("long-name@example.org", "Long-Name")).toBe("PASSWORD_WEAK");
    expect(await registering("long-name@example.org", "long-name@example.org")).toBe(
      "PASSWORD_WEAK",
    );
  });

  it("looks the same to who registers with an address that has one, and stays its owner's", async () => {
    const first = await register();
    const second = await register(first.email, "not the same secret");
    expect(Object.keys(second.account).sort()).toEqual(Object.keys(first.account).sort());
    expect(second.account).toMatchObject({ email: first.email, emailVerified: false });
    expect(second.account.id).not.toBe(first.account.id);
    expect((await login(first.email)).account.id).toBe(first.account.id);
    expect(await reasonOf(login(first.email, "not the same secret"))).toBe("CREDENTIALS_WRONG");
    expect(await first.client.account.me.query()).toEqual(first.account);
  });

  it("tells nobody but its owner about the address", async () => {
    const { client, email } = await register();
    const room = await client.room.create.mutate({ name: "Kitchen" });
    const { client: ben } = await server.signIn("Ben");
    await ben.room.join.mutate({ roomId: room.id });
    expect(JSON.stringify(await ben.room.get.query({ roomId: room.id }))).not.toContain(email);
  });

  it("sets the cookie at each way in, and clears it at each way out", async () => {
    const email = newAddress();
    const cookieOf = async (answer: Promise<Response>) => {
      const { status, headers } = await answer;
      expect(status).toBe(200);
      const [set = ""] = headers.getSetCookie();
      expect(set).toMatch(
        /^parley_session=[^;]*; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/u,
      );
      return set.split(";")[0] ?? "";
    };
    const guest = await cookieOf(post("account.guest", { name: "Ann", language: "en" }));
    const credentials = { email, password: PASSWORD };
    const upgraded = await cookieOf(post("account.upgrade", credentials, { cookie: guest }));
    expect(upgraded).not.toBe(guest);
    const signedIn = await cookieOf(post("account.login", credentials));
    const change = { currentPassword: PASSWORD, newPassword: "quite another one" };
    const changed = await cookieOf(post("account.changePassword", change, { cookie: signedIn }));
    const password = change.newPassword;
    expect(await cookieOf(post("account.remove", { password }, { cookie: changed }))).toBe(
      "parley_session=",
    );
  });

  it("changes its name, language and preferences, each part by itself", async () => {
    const { client } = await register();
    expect((await client.account.rename.mutate({ name: " Anna " })).name).toBe("Anna");
    const changed = await client.account.setPreferences.mutate({
      languages: { hear: "PT_br", read: null },
      captions: { size: "huge", original: false },
    });
    expect(changed.preferences).toEqual({
      languages: { hear: "pt-BR", read: null },
      voice: { originalVolume: 0.2, interpreterVolume: 1 },
      captions: { size: "huge", original: false },
    });
    await client.account.setPreferences.mutate({
      voice: { originalVolume: 0, interpreterVolume: 0.5 },
    });
    await client.account.setPreferences.mutate({ languages: {} });
    expect((await client.account.me.query()).preferences).toEqual({
      languages: {},
      voice: { originalVolume: 0, interpreterVolume: 0.5 },
      captions: { size: "huge", original: false },
    });
    const [hear, size] = [{ hear: "fr" }, { size: "small", original: true } as const];
    await Promise.all([
      client.account.setPreferences.mutate({ languages: hear }),
      client.account.setPreferences.mutate({ captions: size }),
    ]);
    expect((await client.account.me.query()).preferences).toEqual({
      languages: hear,
      voice: { originalVolume: 0, interpreterVolume: 0.5 },
      captions: size,
    });
    expect(
      await reasonOf(
        client.account.setPreferences.mutate({
          voice: { originalVolume: 2, interpreterVolume: 1 },
        }),
      ),
    ).toBe("INPUT_INVALID");
  });
});

describe("a guest who becomes an account", () => {
  it("keeps rooms and messages, and has a new session in place of the old", async () => {
    const guest = await server.signIn("Ben");
    const { id: roomId } = await guest.client.room.create.mutate({ name: "Kitchen" });
    await guest.client.chat.send.mutate({ roomId, text: "hello", clientId: "1" });
    const email = newAddress();
    const upgraded = await guest.client.account.upgrade.mutate({ email, password: PASSWORD });
    expect(upgraded.account).toMatchObject({ id: guest.account.id, guest: false, email });
    expect(upgraded.token).not.toBe(guest.token);
    expect(await reasonOf(guest.client.account.me.query())).toBe("NOT_SIGNED_IN");
    const { token } = await login(email);
    const client = server.client(token);
    expect((await client.account.rooms.query({})).items).toMatchObject([{ id: roomId }]);
    const { items } = await client.chat.history.query({ roomId });
    expect(items).toMatchObject([{ text: "hello", author: { accountId: guest.account.id } }]);
    const twice = client.account.upgrade.mutate({ email: newAddress(), password: PASSWORD });
    expect(await reasonOf(twice)).toBe("ALREADY_REGISTERED");
  });

  it("becomes one only once, however many ask at the same time", async () => {
    const { client } = await server.signIn("Ben");
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        client.account.upgrade.mutate({ email: newAddress(), password: PASSWORD }),
      ),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("can't do before what takes an account", async () => {
    const { client } = await server.signIn("Ben");
    const change = client.account.changePassword.mutate({ newPassword: PASSWORD });
    expect(await reasonOf(change)).toBe("ACCOUNT_NEEDED");
  });
});

describe("guessing a password", () => {
  const guesses = (client: TestClient, email: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        reasonOf(client.account.login.mutate({ email, password: `guess ${index}` })),
      ),
    );
  const tally = (reasons: unknown[]) => ({
    wrong: reasons.filter((reason) => reason === "CREDENTIALS_WRONG").length,
    refused: reasons.filter((reason) => reason === "TOO_MANY_REQUESTS").length,
  });

  it("ends after five times, in one batch and over a socket alike", async () => {
    const { email } = await register();
    expect(tally(await guesses(server.client(), email, 12))).toEqual({ wrong: 5, refused: 7 });
    const { token } = await server.signIn("Eve");
    expect(tally(await guesses(server.socketClient(token), email, 3))).toEqual({
      wrong: 0,
      refused: 3,
    });
    // Even who knows it has to wait, and is told for how long.
    const answer = await post("account.login", { email, password: PASSWORD });
    expect(answer.status).toBe(429);
    const { error } = (await answer.json()) as { error: { data: { retryAfterSeconds: number } } };
    expect(error.data.retryAfterSeconds).toBeGreaterThan(800);
    expect(answer.headers.get("retry-after")).toBe(`${error.data.retryAfterSeconds}`);
    // Others don't.
    expect(await reasonOf(register())).toBe("it worked");
  });

  it("is answered alike for an address that nobody has", async () => {
    const email = newAddress();
    expect(tally(await guesses(server.client(), email, 7))).toEqual({ wrong: 5, refused: 2 });
  });

  it("begins anew for who knew it", async () => {
    const { email } = await register();
    for (let round = 0; round < 2; round += 1) {
      expect(tally(await guesses(server.client(), email, 4)).wrong).toBe(4);
      expect(await reasonOf(login(email))).toBe("it worked");
    }
  });

  it("ends after five times for who is signed in, too", async () => {
    const { client } = await register();
    const attempts = await Promise.all(
      Array.from({ length: 7 }, () =>
        reasonOf(
          client.account.changePassword.mutate({
            currentPassword: "a guess",
            newPassword: "another secret",
          }),
        ),
      ),
    );
    expect(attempts.filter((reason) => reason === "PASSWORD_WRONG")).toHaveLength(5);
    expect(attempts.filter((reason) => reason === "TOO_MANY_REQUESTS")).toHaveLength(2);
    expect(await reasonOf(client.account.remove.mutate({ password: PASSWORD }))).toBe(
      "TOO_MANY_REQUESTS",
    );
  });
});

describe("sessions", () => {
  it("are listed with what they were opened by, and end one by one", async () => {
    const { client, email } = await register();
    const answer = await post(
      "account.login",
      { email, password: PASSWORD },
      { "user-agent": "Phone/1.0" },
    );
    expect(answer.status).toBe(200);
    const listed = await client.account.sessions.query();
    expect(listed).toHaveLength(2);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    const phone = listed.find(({ device }) => device === "Phone/1.0");
    expect(phone?.current).toBe(false);
    const { client: eve } = await register();
    const sessionId = phone?.id ?? "";
    expect(await reasonOf(eve.account.revokeSession.mutate({ sessionId }))).toBe(
      "SESSION_NOT_FOUND",
    );
    await client.account.revokeSession.mutate({ sessionId });
    expect(await client.account.sessions.query()).toHaveLength(1);
    expect(await reasonOf(client.account.revokeSession.mutate({ sessionId }))).toBe(
      "SESSION_NOT_FOUND",
    );
  });

  it("all end with the password, and their sockets close", async () => {
    const { client, email, token } = await register();
    const other = await login(email);
    const sockets = await Promise.all([token, other.token].map(openSocket));
    const change = { currentPassword: "not this one", newPassword: "quite another one" };
    expect(await reasonOf(client.account.changePassword.mutate(change))).toBe("PASSWORD_WRONG");
    expect(
      await reasonOf(client.account.changePassword.mutate({ newPassword: change.newPassword })),
    ).toBe("PASSWORD_WRONG");
    const changed = await client.account.changePassword.mutate({
      ...change,
      currentPassword: PASSWORD,
    });
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401]);
    for (const old of [token, other.token]) {
      expect(await reasonOf(server.client(old).account.me.query())).toBe("NOT_SIGNED_IN");
    }
    expect(await server.client(changed.token).account.me.query()).toEqual(changed.account);
    expect(await reasonOf(login(email))).toBe("CREDENTIALS_WRONG");
    expect(await reasonOf(login(email, change.newPassword))).toBe("it worked");
  });
});

describe("an access token", () => {
  it("opens requests and sockets, for as long as its session lasts", async () => {
    const { client, account } = await register();
    const { token } = await client.account.token.query();
    expect(token.split(".")).toHaveLength(3);
    const holder = server.client(token);
    expect(await holder.account.me.query()).toEqual(account);
    const socket = await openSocket(token);
    await client.account.logout.mutate();
    expect(await socket.closed).toBe(4401);
    expect(await reasonOf(holder.account.me.query())).toBe("NOT_SIGNED_IN");
  });

  it("buys no other one", async () => {
    const { client } = await register();
    const { token } = await client.account.token.query();
    expect(await reasonOf(server.client(token).account.token.query())).toBe("FORBIDDEN");
  });
});

describe("removing an account", () => {
  it("takes the password, ends every session, and leaves nothing", async () => {
    const { client, email, token, account } = await register();
    const { id: roomId } = await client.room.create.mutate({ name: "Attic" });
    const ben = await server.signIn("Ben");
    await ben.client.room.join.mutate({ roomId });
    expect(await reasonOf(client.account.remove.mutate())).toBe("PASSWORD_WRONG");
    expect(await reasonOf(client.account.remove.mutate({ password: "a guess" }))).toBe(
      "PASSWORD_WRONG",
    );
    const socket = await openSocket(token);
    await client.account.remove.mutate({ password: PASSWORD });
    expect(await socket.closed).toBe(4401);
    expect(await reasonOf(client.account.me.query())).toBe("NOT_SIGNED_IN");
    expect(await reasonOf(login(email))).toBe("CREDENTIALS_WRONG");
    const room = await ben.client.room.get.query({ roomId });
    expect(room).toMatchObject({ role: "owner", memberCount: 1 });
    expect(JSON.stringify(room)).not.toContain(account.id);
  });
});

it("removes at its start whatever accounts it could not remove before", async () => {
  const { DatabaseSync } = await import("node:sqlite");
  const directory = mkdtempSync(join(tmpdir(), "parley-removing-"));
  const environment = { DATA_DIR: directory };
  try {
    const first = await startTestServer({ environment });
    const ann = await first.signIn("Ann");
    const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });
    const ben = await first.signIn("Ben");
    await ben.client.room.join.mutate({ roomId });
    await first.close();
    const database = new DatabaseSync(join(directory, "parley.db"));
    const mark = database.prepare("update accounts set removing_at = ? where id = ?");
    mark.run(new Date().toISOString(), ann.account.id);
    database.close();

    const second = await startTestServer({ environment });
    const client = second.client(ben.token);
    await expect.poll(async () => (await client.room.get.query({ roomId })).members.length).toBe(1);
    expect((await client.room.get.query({ roomId })).role).toBe("owner");
    await second.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe("what is written down", () => {
  it("holds no password, token, cookie or address, whatever goes right or wrong", async () => {
    let logged = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        logged += String(chunk);
        done();
      },
    });
    // Without the redaction of the real one: nothing may come to depend on that.
    const watched = await startTestServer({ log: pino({ level: "trace" }, stream) });
    const secrets: string[] = [];
    try {
      const email = "ann.secretive@example.org";
      const password = "the very secret word";
      const newPassword = "another very secret word";
      const nobody = watched.client();
      const input = { email, password, name: "Ann", language: "en" };
      const first = await nobody.account.register.mutate(input);
      const { token: access } = await watched.client(first.token).account.token.query();
      for (let count = 0; count < 3; count += 1) {
        const wrong = { email, password: "a secret guess" };
        await reasonOf(nobody.account.login.mutate(wrong));
        await reasonOf(watched.socketClient(access).account.login.mutate(wrong));
      }
      await reasonOf(nobody.account.login.mutate({ email: `<${email}>`, password }));
      const change = { currentPassword: password, newPassword };
      const changed = await watched.client(access).account.changePassword.mutate(change);
      await nobody.account.requestPasswordReset.mutate({ email });
      const mails = async () => await nobody.account.developmentMail.query();
      await expect.poll(async () => (await mails()).length).toBe(2);
      const links = (await mails()).map(({ text }) => /token=(\S+)/u.exec(text)?.[1] ?? "");
      for (const link of links) {
        await fetch(`${watched.url}/verify-email?token=${link}`);
        await reasonOf(nobody.account.verifyEmail.mutate({ token: link }));
        await reasonOf(nobody.account.resetPassword.mutate({ token: link, password }));
      }
      await reasonOf(watched.client(`${access}x`).account.me.query());
      secrets.push("secretive", "secret word", "secret guess", first.token, access);
      secrets.push(changed.token, ...links, ...access.split("."));
    } finally {
      await watched.close();
    }
    expect(logged).toContain("account.login");
    expect(secrets.length).toBe(11);
    for (const secret of secrets) expect(logged).not.toContain(secret);
  });

  it("goes to browsers over TLS only in production", async () => {
    const production = await startTestServer({ environment: { NODE_ENV: "production" } });
    try {
      const answer = await fetch(`${production.url}/trpc/account.guest`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Ann", language: "en" }),
      });
      expect(answer.headers.getSetCookie()[0]).toMatch(/; HttpOnly; Secure; SameSite=Lax$/u);
    } finally {
      await production.close();
    }
  });
});
