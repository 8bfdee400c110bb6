import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis } from "../kit/testing/start-redis.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  // A tenth of what is usual: ten messages in ten seconds.
  server = await startTestServer({ environment: { RATE_LIMIT_SCALE: "0.1" } });
});
afterAll(() => server.close());

const ten = Array.from({ length: 10 }, (_, index) => `c${index}`);

async function enterRoom(name: string) {
  const { client, token } = await server.signIn(name);
  const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
  const input = { roomId, text: "hello", clientId: "one too many" };
  return { client, token, roomId, input };
}

const guest = { name: "Ann", language: "en" };
const tooOften = { data: { reason: "TOO_MANY_REQUESTS", httpStatus: 429 } };

describe("a limit per person", () => {
  it("counts each call of a batch, and says how long to wait", async () => {
    const { token, roomId, input } = await enterRoom("Ann");
    const calls = [...ten, "one too many"].map((clientId) => ({ roomId, text: "hi", clientId }));
    const path = calls.map(() => "chat.send").join(",");
    const response = await fetch(`${server.url}/trpc/${path}?batch=1`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(calls.entries())),
    });
    const answers = (await response.json()) as { result?: unknown; error?: unknown }[];
    expect(answers.filter(({ result }) => result)).toHaveLength(10);
    const refused = answers.filter(({ error }) => error);
    expect(refused).toMatchObject([{ error: tooOften }]);
    const wait = Number(response.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(0);
    expect(refused).toMatchObject([{ error: { data: { retryAfterSeconds: wait } } }]);
    await expect(server.client(token).chat.send.mutate(input)).rejects.toMatchObject(tooOften);
  });

  it("counts over all sockets together, and leaves others alone", async () => {
    const { token, roomId, input } = await enterRoom("Ben");
    for (const clientId of ten) {
      await server.socketClient(token).chat.send.mutate({ roomId, text: "hi", clientId });
    }
    await expect(server.socketClient(token).chat.send.mutate(input)).rejects.toMatchObject(
      tooOften,
    );
    const cleo = await enterRoom("Cleo");
    await cleo.client.chat.send.mutate({ ...input, roomId: cleo.roomId });
  });

  it("leaves to others what hashes passwords", async () => {
    const credentials = { email: "eve@example.org", password: "a fine long secret" };
    const eve = await server.client().account.register.mutate({ ...credentials, ...guest });
    let { token } = eve;
    const change = (number: number) =>
      server.client(token).account.changePassword.mutate({
        currentPassword: number === 1 ? credentials.password : `long secret ${number - 1}`,
        newPassword: `long secret ${number}`,
      });
    for (const number of [1, 2, 3]) ({ token } = await change(number));
    await expect(change(4)).rejects.toMatchObject(tooOften);
  });

  it("is lower for what asks much of the database", async () => {
    const { client, roomId } = await enterRoom("Eve");
    const page = { roomId, text: "hi" };
    for (const ask of [
      () => client.chat.search.query(page),
      () => client.call.searchCaptions.query(page),
      () => client.chat.unread.query({ roomIds: [roomId] }),
    ]) {
      for (let count = 0; count < 5; count += 1) await ask();
      await expect(ask()).rejects.toMatchObject(tooOften);
    }
  });

  it("is lower for what everyone in a room is told of", async () => {
    const { client, roomId } = await enterRoom("Flo");
    const type = (count: number) => client.chat.typing.mutate({ roomId, typing: count % 2 === 0 });
    for (let count = 0; count < 10; count += 1) await type(count);
    await expect(type(10)).rejects.toMatchObject(tooOften);
  });

  it("counts the downloads of transcripts like the exports that they are", async () => {
    const { client, token, roomId } = await enterRoom("Dan");
    await client.call.exportCaptions.query({ roomId, format: "txt" });
    const download = () =>
      fetch(`${server.url}/rooms/${roomId}/captions.txt`, {
        headers: { authorization: `Bearer ${token}` },
      });
    for (let count = 0; count < 5; count += 1) expect((await download()).status).toBe(200);
    const refused = await download();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: tooOften });
  });
});

/** The status of the answer to who comes, as a proxy says, from there. */
async function call({ url }: TestServer, path: string, body: object, forwardedFor?: string) {
  const headers = new Headers({ "content-type": "application/json" });
  if (forwardedFor !== undefined) headers.set("x-forwarded-for", forwardedFor);
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/trpc/${path}`, init);
  await answer.text();
  return answer.status;
}

const enterFrom = (server: TestServer, forwardedFor?: string) =>
  call(server, "account.guest", guest, forwardedFor);

describe("a limit of everything together", () => {
  /** Answers of so many calls of one procedure, in one request. */
  async function callOften({ url }: TestServer, path: string, count: number, token?: string) {
    const paths = Array.from({ length: count }, () => path).join(",");
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    const answer = await fetch(`${url}/trpc/${paths}?batch=1&input=%7B%7D`, { headers });
    const answers = (await answer.json()) as { result?: unknown; error?: unknown }[];
    return answers.filter(({ result }) => result).length;
  }

  it("counts all that an account asks for", async () => {
    // Ten in ten seconds; of an address a hundred.
    const strict = await startTestServer({ environment: { RATE_LIMIT_SCALE: "0.01" } });
    try {
      const { token } = await strict.signIn("Ann");
      expect(await callOften(strict, "account.me", 12, token)).toBe(10);
      const { token: other } = await strict.signIn("Ben");
      expect(await callOften(strict, "account.me", 12, other)).toBe(10);
    } finally {
      await strict.close();
    }
  });

  it("counts all that comes from an address, from whomever", async () => {
    const strict = await startTestServer({ environment: { RATE_LIMIT_SCALE: "0.001" } });
    try {
      const { token } = await strict.signIn("Ann");
      expect(await callOften(strict, "engine.status", 6)).toBe(6);
      // What is refused counts, too. Then there is one left of ten.
      expect(await callOften(strict, "engine.status", 2, token)).toBe(1);
      expect(await callOften(strict, "engine.status", 3)).toBe(1);
    } finally {
      await strict.close();
    }
  });
});

describe("a limit per address", () => {
  /** Three new guests in ten minutes. */
  const RATE_LIMIT_SCALE = "0.0025";

  it("counts whoever is not signed in, wherever they say that they come from", async () => {
    const strict = await startTestServer({ environment: { RATE_LIMIT_SCALE } });
    try {
      for (const host of [1, 2, 3]) expect(await enterFrom(strict, `192.0.2.${host}`)).toBe(200);
      expect(await enterFrom(strict, "192.0.2.4")).toBe(429);
      const late = strict.client().account.guest.mutate(guest);
      await expect(late).rejects.toMatchObject(tooOften);
    } finally {
      await strict.close();
    }
  });

  it("believes a proxy that it trusts, and nothing that the proxy was told", async () => {
    const environment = { RATE_LIMIT_SCALE, TRUSTED_PROXIES: "127.0.0.1" };
    const behind = await startTestServer({ environment });
    try {
      for (const host of [1, 2, 3]) {
        expect(await enterFrom(behind, `192.0.2.${host}, 203.0.113.9`)).toBe(200);
      }
      expect(await enterFrom(behind, "192.0.2.4, 203.0.113.9")).toBe(429);
      expect(await enterFrom(behind, "203.0.113.10")).toBe(200);
    } finally {
      await behind.close();
    }
  });
});

describe("nodes that share a Redis", () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let one: TestServer;
  let two: TestServer;
  beforeAll(async () => {
    redis = await startRedis();
    // Six new guests, and six logins.
    const environment = { RATE_LIMIT_SCALE: "0.005", TRUSTED_PROXIES: "127.0.0.1" };
    const options = { environment: { ...environment, REDIS_URL: redis.url } };
    [one, two] = await Promise.all([startTestServer(options), startTestServer(options)]);
  });
  afterAll(async () => {
    await Promise.all([one, two].map((node) => node.close()));
    await redis.stop();
  });

  let people = 0;
  /** What the second answers to who comes next, once both have found their Redis. */
  const comingLate = (times: number, come: (node: TestServer, who: number) => Promise<number>) =>
    expect.poll(
      async () => {
        const who = (people += 1);
        for (let count = 0; count < times; count += 1) await come(one, who);
        return come(two, who);
      },
      { timeout: 10_000 },
    );

  it("have limits in common", () =>
    comingLate(6, (node, who) => enterFrom(node, `192.0.2.${who}`)).toBe(429));

  it("let nobody guess a password more often for there being several", () =>
    comingLate(5, (node, who) => {
      const credentials = { email: `person-${who}@example.org`, password: "a guess" };
      return call(node, "account.login", credentials, `192.0.2.${who}`);
    }).toBe(429));
});
