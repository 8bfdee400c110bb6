import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BEFORE_FIRST_MESSAGE } from "../shared/chat.ts";
import type { RoomEvent } from "../shared/room.ts";
import { startTestServer, type TestServer } from "./testing/test-server.ts";

let server: TestServer;
let network: Awaited<ReturnType<typeof openNetwork>>;

beforeAll(async () => {
  server = await startTestServer({ presenceGraceMs: 50 });
  network = await openNetwork(Number(new URL(server.url).port));
});
afterAll(async () => {
  await server.close();
  await network.close();
});

/** A way to the server that can be cut, and that can be clogged in the direction of the client. */
async function openNetwork(port: number) {
  const downstream = new Set<{ client: Socket; upstream: Socket }>();
  const relay = createServer((client) => {
    const upstream = connect({ port, host: "127.0.0.1" });
    const pair = { client, upstream };
    downstream.add(pair);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of [client, upstream]) {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
        downstream.delete(pair);
      });
    }
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const drop = () => {
    for (const { client, upstream } of downstream) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  };
  return {
    url: `ws://127.0.0.1:${(relay.address() as AddressInfo).port}/trpc`,
    drop,
    clog() {
      for (const { client, upstream } of downstream) {
        upstream.unpipe(client);
        upstream.pause();
      }
    },
    get open() {
      return downstream.size;
    },
    async close() {
      drop();
      relay.close();
      await once(relay, "close");
    },
  };
}

async function kitchen() {
  const [ann, ben] = await Promise.all([server.signIn("Ann"), server.signIn("Ben")]);
  const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });
  await ben.client.room.join.mutate({ roomId });
  let count = 0;
  const send = (text: string) =>
    ben.client.chat.send.mutate({ roomId, text, clientId: `${(count += 1)}` });
  return { ann, ben, roomId, send };
}

it("a connection that is cut again and again loses nothing and repeats nothing", async () => {
  const { ann, ben, roomId, send } = await kitchen();
  const far = server.socketClient(ann.token, network.url);
  const texts: string[] = [];
  const events: RoomEvent[] = [];
  far.chat.onMessage.subscribe(
    { roomId, lastEventId: BEFORE_FIRST_MESSAGE },
    { onData: ({ data }) => texts.push(data.text) },
  );
  far.room.onEvent.subscribe({ roomId }, { onData: ({ data }) => events.push(data) });
  await expect.poll(() => events.length).toBeGreaterThan(0);

  const sent: string[] = [];
  const comers: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    network.drop();
    for (let count = 0; count < 10; count += 1) {
      const { text } = await send(`${round}.${count}`);
      sent.push(text);
    }
    const comer = await server.signIn(`Comer ${round}`);
    await comer.client.room.join.mutate({ roomId });
    comers.push(comer.account.id);
    if (round % 2 === 0) await expect.poll(() => texts.length).toBe(sent.length);
  }
  await expect.poll(() => texts).toEqual(sent);
  const joined = () =>
    events.flatMap((event) => (event.type === "joined" ? [event.member.accountId] : []));
  await expect.poll(joined).toEqual(comers);
  expect(events.filter(({ type }) => type === "snapshot")).toHaveLength(1);
  expect(ben.account.id).not.toBe(ann.account.id);
});

it("a reader that takes nothing in is disconnected, and nobody else notices", async () => {
  const { ann, roomId, send } = await kitchen();
  const texts: string[] = [];
  ann.client.chat.onMessage.subscribe(
    { roomId, lastEventId: BEFORE_FIRST_MESSAGE },
    { onData: ({ data }) => texts.push(data.text) },
  );
  const slow = server.socketClient(ann.token, network.url);
  let started = 0;
  for (let count = 0; count < 60; count += 1) {
    slow.chat.onMessage.subscribe({ roomId }, { onStarted: () => (started += 1) });
  }
  await expect.poll(() => started).toBe(60);
  const before = network.open;
  network.clog();
  let sent = 0;
  // What the operating system holds for a reader comes on top of what the server does.
  while (network.open >= before && sent < 200) {
    await send(`${sent}`.padEnd(4000, "."));
    sent += 1;
    // Who only listens would not notice that the other side is gone.
    slow.account.me.query().catch(() => undefined);
  }
  expect(sent).toBeLessThan(200);
  await expect.poll(() => texts.length).toBe(sent);
});
