import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createImpatientSocket } from "./impatient-socket.ts";
import { startTestServer } from "../../server/testing/test-server.ts";
import { TcpRelay } from "../testing/tcp-relay.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const closes: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closes.splice(0).toReversed()) await close();
});

function open(url: string, limits: { openMs?: number; closeMs?: number }) {
  const ImpatientSocket = createImpatientSocket(WebSocket, limits);
  const socket = new ImpatientSocket(url);
  const events: string[] = [];
  for (const name of ["open", "error", "close"]) {
    socket.addEventListener(name, () => events.push(name));
  }
  return { socket, events };
}

/** Takes connections and never says a word. */
async function startSilence(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closes.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // Listening on a port, not on a pipe: the address is an object.
  return (server.address() as AddressInfo).port;
}

describe("an impatient socket", () => {
  it("gives up a connection that does not open", async () => {
    const { events } = open(`ws://127.0.0.1:${await startSilence()}`, { openMs: 50, closeMs: 50 });
    await eventually(() => expect(events).toContain("close"));
    expect(events).not.toContain("open");
  });

  it("is closed soon, and once, though nobody answers", async () => {
    const server = await startTestServer();
    closes.push(() => server.close());
    const port = Number(new URL(server.url).port);
    const relay = await TcpRelay.open({ host: "127.0.0.1", port });
    closes.push(() => relay.close());
    const { socket, events } = open(`ws://127.0.0.1:${relay.port}/trpc`, { closeMs: 50 });
    await eventually(() => expect(events).toEqual(["open"]));

    relay.cut();
    socket.close();
    await eventually(() => expect(events).toEqual(["open", "close"]));
    relay.restore();
    await eventually(() => expect(socket.readyState).toBe(WebSocket.CLOSED));
    expect(events).toEqual(["open", "close"]);
  });

  it("closes as others do when somebody answers", async () => {
    const server = await startTestServer();
    closes.push(() => server.close());
    const { socket, events } = open(server.socketUrl, { closeMs: 5000 });
    await eventually(() => expect(events).toEqual(["open"]));
    socket.close();
    await eventually(() => expect(socket.readyState).toBe(WebSocket.CLOSED));
    expect(events).toEqual(["open", "close"]);
  });
});
