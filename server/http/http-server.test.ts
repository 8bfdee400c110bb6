import { request } from "node:http";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../shared/testing/eventually.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    limits: { credentialsMs: 300 },
    environment: { CORS_ORIGINS: "https://friend.example" },
  });
});
afterAll(() => server.close());

/** Asks like a browser does, and gives the status; 101 is an open socket. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const asking = request(`${server.url}${path}`, { method, headers });
    asking.once("error", reject);
    asking.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: "", headers: response.headers });
    });
    asking.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    asking.end(body);
  });
}

const upgrade = (headers: Record<string, string>) =>
  ask("/trpc", {
    headers: {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
  });
const guest = JSON.stringify({ name: "Ann", language: "en" });
const post = (headers: Record<string, string>, body = guest) =>
  ask("/trpc/account.guest", { method: "POST", headers, body });
const json = { "content-type": "application/json" };

function openSocket(query = ""): Promise<{ socket: WebSocket; closed: Promise<CloseEvent> }> {
  const socket = new WebSocket(`${server.socketUrl}${query}`);
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  return new Promise((resolve) =>
    socket.addEventListener("open", () => resolve({ socket, closed })),
  );
}

async function openSignedIn() {
  const signedIn = await server.signIn("Ann");
  const opened = await openSocket("?connectionParams=1");
  const send = (message: unknown) => opened.socket.send(JSON.stringify(message));
  const messages: Record<string, unknown>[] = [];
  opened.socket.addEventListener("message", ({ data }) => {
    messages.push(JSON.parse(String(data)) as Record<string, unknown>);
  });
  send({ method: "connectionParams", data: { token: signedIn.token } });
  return { ...opened, ...signedIn, send, messages };
}

describe("origins", () => {
  it.each(["null", "http://evil.example", "http://localhost.evil.example", "http://127.0.0.1:1"])(
    "%s can neither post nor open a socket",
    async (origin) => {
      expect((await upgrade({ origin })).status).toBe(403);
      const answer = await post({ ...json, origin });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { reason: "FORBIDDEN" } } });
      expect(answer.headers).not.toHaveProperty("set-cookie");
      expect((await ask("/rooms/kitchen/captions.txt", { headers: { origin } })).status).toBe(403);
    },
  );

  it("of the server itself, of friends and of programs can", async () => {
    const origins = [undefined, server.url, "https://friend.example"];
    for (const origin of origins) {
      const headers: Record<string, string> = origin === undefined ? {} : { origin };
      expect((await upgrade(headers)).status).toBe(101);
      expect((await post({ ...json, ...headers })).status).toBe(200);
    }
    const preflight = await ask("/trpc/account.guest", {
      method: "OPTIONS",
      headers: { origin: "https://friend.example", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe("https://friend.example");
  });
});

it("runs no mutation for what a form of another site can post", async () => {
  const bodies = {
    "text/plain": guest,
    "application/x-www-form-urlencoded": "name=Ann&language=en",
    "multipart/form-data; boundary=x": "--x\r\n\r\n--x--",
    "application/octet-stream": guest,
  };
  for (const [type, body] of Object.entries(bodies)) {
    const answer = await post({ "content-type": type }, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { reason: "INPUT_INVALID" } } });
  }
});

it("answers a body that is too large, or no JSON, with a typed error", async () => {
  const large = await post(json, JSON.stringify({ name: "x".repeat(2 ** 20), language: "en" }));
  expect(large.status).toBe(413);
  expect(JSON.parse(large.body)).toMatchObject({
    error: { data: { reason: "PAYLOAD_TOO_LARGE" } },
  });
  const broken = await post(json, "{hunter2");
  expect(broken.status).toBe(400);
  expect(broken.body).not.toContain("hunter2");
});

it("gives a reason, too, where no procedure is reached, and repeats nothing", async () => {
  const reasons = { "/trpc/hunter2%E0%A4%A": "INPUT_INVALID", "/hunter2": "PROCEDURE_NOT_FOUND" };
  for (const [path, reason] of Object.entries(reasons)) {
    const { body } = await ask(path);
    expect(JSON.parse(body)).toMatchObject({ error: { data: { reason } } });
    expect(body).not.toContain("hunter2");
  }
});

it("takes 32 calls in one request, and no more", async () => {
  const call = async (count: number) => {
    const paths = Array.from({ length: count }, () => "engine.status").join(",");
    return await ask(`/trpc/${paths}?batch=1&input=%7B%7D`);
  };
  expect((await call(32)).status).toBe(200);
  const refused = await call(33);
  expect(refused.status).toBe(400);
  expect(refused.body).toContain("INPUT_INVALID");
});

it("sends pages with headers that let no foreign script run", async () => {
  const { headers } = await ask("/", { headers: { accept: "text/html" } });
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/u);
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

it("is healthy and ready", async () => {
  expect((await ask("/health")).status).toBe(200);
  expect((await ask("/ready")).status).toBe(200);
  expect((await ask("/no-such-file.js")).status).toBe(404);
});

it("logs who asked for what, but nothing of what they said", async () => {
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => lines.push(line) });
  const talkative = await startTestServer({ log });
  const input = encodeURIComponent(JSON.stringify({ roomId: "hunter2" }));
  await fetch(`${talkative.url}/trpc/room.get?input=${input}`, {
    headers: { authorization: "Bearer hunter2", cookie: "parley_session=hunter2" },
  });
  await fetch(`${talkative.url}/invite/hunter2`, { headers: { accept: "text/html" } });
  const { token } = await talkative.signIn("hunter2");
  await talkative.close();
  const logged = lines.join("");
  expect(logged).toContain('"path":"/trpc/room.get"');
  expect(logged).toContain('"path":"/invite"');
  expect(logged).not.toContain("hunter2");
  expect(logged).not.toContain(token);
});

describe("a subscription over HTTP", () => {
  const open = async (from: TestServer) => {
    const { token, client } = await from.signIn("Ann");
    const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
    const input = encodeURIComponent(JSON.stringify({ roomId }));
    const answer = await fetch(`${from.url}/trpc/room.onEvent?input=${input}`, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    });
    let text = "";
    const read = async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
    };
    const ended = read().then(
      () => true,
      () => true,
    );
    return { answer, client, ended, written: () => text };
  };

  it("ends with its session", async () => {
    const { answer, client, ended } = await open(server);
    expect(answer.status).toBe(200);
    const since = performance.now();
    await client.account.logout.mutate();
    expect(await ended).toBe(true);
    expect(performance.now() - since).toBeLessThan(1000);
  });

  it("says how often it says something, and does when nothing happens", async () => {
    const { written } = await open(server);
    const connected = 'event: connected\ndata: {"reconnectAfterInactivityMs":20000}\n';
    await eventually(() => expect(written()).toContain(connected));
    await eventually(() => expect(written()).toContain("event: ping"));
  });

  it("doesn't keep the server from closing", async () => {
    const closing = await startTestServer();
    const { ended } = await open(closing);
    const since = performance.now();
    await closing.close();
    expect(performance.now() - since).toBeLessThan(2000);
    expect(await ended).toBe(true);
  });
});

describe("a socket", () => {
  it("compresses nothing, also for a client that would", async () => {
    const { status, headers } = await upgrade({
      "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    });
    expect(status).toBe(101);
    expect(headers).not.toHaveProperty("sec-websocket-extensions");
  });

  it("gets nothing of a room any more once its owner has left it", async () => {
    const { client, send, messages, socket } = await openSignedIn();
    const ben = await server.signIn("Ben");
    const { id: roomId } = await ben.client.room.create.mutate({ name: "Kitchen" });
    await client.room.join.mutate({ roomId });
    for (const [id, path] of ["room.onEvent", "chat.onMessage"].entries()) {
      send({ id, method: "subscription", params: { path, input: { roomId } } });
    }
    const say = (text: string) => ben.client.chat.send.mutate({ roomId, text, clientId: text });
    const started = { result: { type: "started" } };
    await expect
      .poll(() => messages)
      .toEqual(expect.arrayContaining([0, 1].map((id) => Object.assign({ id }, started))));
    await say("before");
    await expect.poll(() => JSON.stringify(messages)).toContain("before");
    await client.room.leave.mutate({ roomId });
    await say("after");
    const stopped = { result: { type: "stopped" } };
    await expect
      .poll(() => messages.slice(-2))
      .toEqual(expect.arrayContaining([expect.objectContaining(stopped)]));
    send({ id: 7, method: "query", params: { path: "account.me" } });
    await expect.poll(() => messages.at(-1)).toMatchObject({ id: 7 });
    expect(JSON.stringify(messages)).not.toContain("after");
    socket.close();
  });

  it("without credentials, or with wrong ones, is closed after a while", async () => {
    const silent = await openSocket();
    const mute = await openSocket("?connectionParams=1");
    const wrong = await openSocket("?connectionParams=1");
    wrong.socket.send(JSON.stringify({ method: "connectionParams", data: { token: "no" } }));
    for (const { closed } of [silent, mute, wrong]) expect((await closed).code).toBe(4401);
  });

  it("with a frame above 64 KiB is closed with 1009, and nothing else happens", async () => {
    const other = await openSignedIn();
    const { socket, closed } = await openSignedIn();
    socket.send("x".repeat(64 * 1024 + 1));
    expect((await closed).code).toBe(1009);
    other.send({ id: 1, method: "query", params: { path: "account.me" } });
    await expect.poll(() => other.messages).toHaveLength(1);
    expect(other.messages[0]).toMatchObject({ id: 1, result: { data: other.account } });
    other.socket.close();
  });

  it("answers nonsense with an error and goes on", async () => {
    const { socket, send, messages } = await openSignedIn();
    socket.send("{nonsense");
    socket.send("[1, null]");
    send({ id: 7, method: "query", params: { path: "account.me" } });
    await expect.poll(() => messages.at(-1)).toMatchObject({ id: 7, result: { type: "data" } });
    expect(messages[0]).toMatchObject({ error: { data: { reason: "INPUT_INVALID" } } });
    socket.close();
  });

  it("has 64 subscriptions at most, and room for another when one ends", async () => {
    const { client, send, messages, socket } = await openSignedIn();
    const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
    const subscribe = (id: number) =>
      send({
        id,
        method: "subscription",
        params: { path: "chat.onMessage", input: { roomId } },
      });
    const answersTo = (id: number) => messages.filter((message) => message["id"] === id);
    for (let id = 1; id <= 65; id += 1) subscribe(id);
    await expect.poll(() => messages.length).toBe(65);
    const refused = { error: { data: { reason: "TOO_MANY_REQUESTS" } } };
    expect(answersTo(65)).toMatchObject([refused]);
    expect(answersTo(64)).toMatchObject([{ result: { type: "started" } }]);
    send({ id: 1, method: "subscription.stop" });
    await expect.poll(() => answersTo(1).at(-1)).toMatchObject({ result: { type: "stopped" } });
    subscribe(66);
    await expect.poll(() => answersTo(66)).toMatchObject([{ result: { type: "started" } }]);
    socket.close();
  });

  it("has no more subscriptions for asking twice with one id", async () => {
    const { client, send, messages, socket } = await openSignedIn();
    const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
    const params = { path: "chat.onMessage", input: { roomId } };
    for (let id = 1; id <= 64; id += 1) send({ id, method: "subscription", params });
    await expect.poll(() => messages.length).toBe(64);
    send({ id: 1, method: "subscription", params });
    send({ id: 2, method: "query", params: { path: "nothing" } });
    await expect.poll(() => messages.length).toBe(66);
    const inUse = { error: { data: { reason: "INPUT_INVALID" } } };
    expect(messages.slice(64)).toMatchObject([inUse, inUse]);
    send({ id: 65, method: "subscription", params });
    await expect
      .poll(() => messages.at(-1))
      .toMatchObject({ id: 65, error: { data: { reason: "TOO_MANY_REQUESTS" } } });
    socket.close();
  });

  it("closes when its session ends, after the answer has left; others stay", async () => {
    const one = await openSignedIn();
    const other = await openSignedIn();
    const since = performance.now();
    one.send({ id: 1, method: "mutation", params: { path: "account.logout" } });
    expect((await one.closed).code).toBe(4401);
    expect(performance.now() - since).toBeLessThan(1000);
    expect(one.messages).toMatchObject([{ id: 1, result: { type: "data" } }]);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    other.socket.close();
  });
});
