import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Outbox } from "./outbox.ts";
import { Turns } from "./turns.ts";
import { eventually } from "../../../shared/testing/eventually.ts";

/** The few things that an outbox asks of a WebSocket. */
function pretendSocket(stream: Socket) {
  const socket = { readyState: 1, OPEN: 1, terminate: vi.fn<() => void>(() => stream.destroy()) };
  return socket as typeof socket & ConstructorParameters<typeof Outbox>[0]["socket"];
}

let server: Server;
let turns: Turns;
const clients: Socket[] = [];

beforeEach(async () => {
  turns = new Turns();
  server = createServer({ noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
  await once(server, "close");
});

async function open(unreadBytes = 1024 * 1024) {
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1" });
  clients.push(client);
  const [stream] = (await once(server, "connection")) as [Socket];
  stream.on("error", () => {});
  const socket = pretendSocket(stream);
  const write = vi.spyOn(stream, "write");
  const outbox = new Outbox({ socket, stream, turns, unreadBytes });
  const written = () => write.mock.calls.map(([bytes]) => String(bytes));
  return { client, stream, socket, outbox, write, written };
}

const frame = (text: string) => Buffer.from(text);

it("writes at once while the socket is idle", async () => {
  const { outbox, written } = await open();
  outbox.write(frame("a"));
  expect(written()).toEqual(["a"]);
  for (let count = 0; count < 3; count += 1) await turn();
  outbox.write(frame("b"));
  expect(written()).toEqual(["a", "b"]);
});

it("gathers what comes while it is busy, in order, and writes it when a turn is over", async () => {
  const { outbox, written } = await open();
  for (const text of ["a", "b", "c"]) outbox.write(frame(text));
  expect(written()).toEqual(["a"]);
  await turn();
  expect(written()).toEqual(["a", "bc"]);
  // It has just been busy: this waits for a turn, and nothing for more than one.
  outbox.write(frame("d"));
  expect(written()).toHaveLength(2);
  await turn();
  expect(written()).toEqual(["a", "bc", "d"]);
});

it("gathers once for all sockets that wait for the same", async () => {
  const [one, two, other] = [await open(), await open(), await open()];
  const frames = ["a", "b", "c"].map(frame);
  for (const next of frames) {
    one.outbox.write(next);
    two.outbox.write(next);
    if (next !== frames[1]) other.outbox.write(next);
  }
  await turn();
  const [mine, yours] = [one, two].map(({ write }) => write.mock.calls[1]?.[0]);
  expect(String(mine)).toBe("bc");
  expect(yours).toBe(mine);
  expect(other.written()).toEqual(["a", "c"]);
});

it("writes what waits before it is closed", async () => {
  const { outbox, written } = await open();
  for (const text of ["a", "b"]) outbox.write(frame(text));
  outbox.flush();
  expect(written()).toEqual(["a", "b"]);
});

it("writes nothing to a socket that is closing", async () => {
  const { outbox, socket, written } = await open();
  for (const text of ["a", "b"]) outbox.write(frame(text));
  socket.readyState = 2;
  await turn();
  outbox.write(frame("c"));
  await turn();
  expect(written()).toEqual(["a"]);
});

it("cuts off a reader that leaves too much unread, and nobody else", async () => {
  const [slow, quick] = [await open(), await open()];
  let read = 0;
  quick.client.on("data", (bytes) => (read += bytes.length));
  slow.client.pause();
  let sent = 0;
  while (!slow.socket.terminate.mock.calls.length && sent < 1000) {
    const bytes = frame("x".repeat(32 * 1024));
    for (const { outbox } of [slow, quick]) outbox.write(bytes);
    sent += 1;
    await turn();
  }
  expect(slow.socket.terminate).toHaveBeenCalled();
  await eventually(() => expect(read).toBe(sent * 32 * 1024));
  expect(quick.socket.terminate).not.toHaveBeenCalled();
});

it("takes a burst for no fault of the reader's", async () => {
  const { outbox, socket, client } = await open();
  let read = 0;
  client.on("data", (bytes) => (read += bytes.length));
  for (let count = 0; count < 300; count += 1) {
    for (let one = 0; one < 50; one += 1) outbox.write(frame("x".repeat(200)));
    await turn();
  }
  await eventually(() => expect(read).toBe(3_000_000));
  expect(socket.terminate).not.toHaveBeenCalled();
});

it("takes a long answer for no fault of the reader's either", async () => {
  const { outbox, socket, client } = await open();
  let read = 0;
  client.on("data", (bytes) => (read += bytes.length));
  outbox.write(frame("x".repeat(16 * 1024 * 1024)));
  await vi.waitFor(() => expect(read).toBe(16 * 1024 * 1024), 5000);
  expect(socket.terminate).not.toHaveBeenCalled();
});

it("says when a reader has room again, or is gone", async () => {
  const { outbox, stream, client } = await open(2 ** 30);
  await outbox.drained();
  client.pause();
  while (!stream.writableNeedDrain) {
    outbox.write(frame("x".repeat(64 * 1024)));
    await turn();
  }
  const room = outbox.drained();
  client.resume();
  await room;
  expect(stream.writableNeedDrain).toBe(false);
  client.pause();
  while (!stream.writableNeedDrain) {
    outbox.write(frame("x".repeat(64 * 1024)));
    await turn();
  }
  const gone = outbox.drained();
  stream.destroy();
  await gone;
});
