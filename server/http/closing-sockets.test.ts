import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ limits: { credentialsMs: 100 } });
});
afterAll(() => server.close());

/** Of a token, if one is given. `closed` resolves with the code. */
async function open(token?: string, { socketUrl } = server) {
  const socket = new WebSocket(`${socketUrl}?connectionParams=1`);
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  // It may be cut while it says something.
  socket.on("error", () => {});
  await once(socket, "open");
  const send = (message: object) => socket.send(JSON.stringify(message));
  if (token !== undefined) {
    send({ method: "connectionParams", data: { token } });
    send({ id: 1, method: "query", params: { path: "account.me" } });
    await once(socket, "message");
  }
  return { socket, send, closed };
}

/** Goes on talking, as a client does that never hears that it should close its side. */
async function talkUntilCut({ send, closed }: Awaited<ReturnType<typeof open>>, message: object) {
  let isCut = false;
  void closed.then(() => (isCut = true));
  await expect
    .poll(
      () => {
        if (!isCut) send(message);
        return isCut;
      },
      { timeout: 5000 },
    )
    .toBe(true);
}

it("don't keep the server from closing when nothing was ever said on them", async () => {
  const closing = await startTestServer();
  const silent = connect(Number(new URL(closing.url).port), "127.0.0.1");
  const cut = once(silent, "close");
  await once(silent, "connect");
  // It may be in time for the server's own end, but not by much.
  await Promise.all([closing.close(), cut]);
});

const anything = { id: 1, method: "query", params: { path: "account.me" } };

it("asks a client that is silent whether it is there, and cuts off who doesn't say so", async () => {
  const attentive = await startTestServer({ limits: { silentMs: 100, answerMs: 100 } });
  try {
    const { token } = await attentive.signIn("Ann");
    const { socket, closed } = await open(token, attentive);
    const received: string[] = [];
    socket.on("message", (data: Buffer) => received.push(data.toString()));
    expect(await closed).toBe(1006);
    expect(received).toEqual(["PING"]);
  } finally {
    await attentive.close();
  }
});

describe("a client that doesn't close its side of a socket", () => {
  it("is heard no more once its session has ended, and is cut off", async () => {
    const { token, client } = await server.signIn("Ann");
    const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
    const { client: ben } = await server.signIn("Ben");
    await ben.room.join.mutate({ roomId });
    const [deaf, other] = [await open(token), await open(token)];
    deaf.socket.pause();
    await client.account.logout.mutate();
    expect(await other.closed).toBe(4401);
    const input = { roomId, text: "I am still here", clientId: "1" };
    const params = { path: "chat.send", input };
    await talkUntilCut(deaf, { id: 2, method: "mutation", params });
    expect((await ben.chat.history.query({ roomId })).items).toEqual([]);
  });

  it("is cut off when it gives no credentials", async () => {
    const deaf = await open();
    deaf.socket.pause();
    await talkUntilCut(deaf, anything);
  });

  it("is cut off when a frame of it is refused", async () => {
    const { token } = await server.signIn("Ann");
    const deaf = await open(token);
    deaf.socket.pause();
    deaf.send({ text: "x".repeat(64 * 1024) });
    await talkUntilCut(deaf, anything);
  });

  it("is cut off when the server closes", async () => {
    const closing = await startTestServer();
    const { token } = await closing.signIn("Ann");
    const deaf = await open(token, closing);
    deaf.socket.pause();
    await closing.close();
    await talkUntilCut(deaf, anything);
  });
});
