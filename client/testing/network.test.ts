import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { freeUdpPort } from "./ports.ts";
import { audioLevel, parseRtp } from "./rtp-packet.ts";
import { TcpRelay } from "./tcp-relay.ts";
import { UdpRelay } from "./udp-relay.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function udpSocket(port = 0) {
  const socket = createSocket("udp4");
  closers.push(() => socket.close());
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  const received: string[] = [];
  socket.on("message", (message) => received.push(message.toString()));
  return { socket, received };
}

test("a UDP relay forwards both ways, and loses all but the survivors' packets when cut", async () => {
  const port = await freeUdpPort(["127.0.0.1", "127.0.0.2"]);
  const server = await udpSocket(port);
  server.socket.on("message", (message, from) =>
    server.socket.send(`re: ${message.toString()}`, from.port, from.address),
  );
  const relay = await UdpRelay.open({ address: "127.0.0.2", serverAddress: "127.0.0.1", port });
  closers.push(() => relay.close());
  const seen: string[] = [];
  relay.watch(({ direction, packet }) => seen.push(`${direction} ${packet.toString()}`));
  const [ann, ben] = [await udpSocket(), await udpSocket()];

  ann.socket.send("hello", port, relay.address);
  await eventually(() => expect(ann.received).toEqual(["re: hello"]));
  expect(seen).toEqual(["to-server hello", "to-client re: hello"]);

  relay.cut([ben.socket.address().port]);
  ann.socket.send("lost", port, relay.address);
  ben.socket.send("kept", port, relay.address);
  await eventually(() => expect(ben.received).toEqual(["re: kept"]));
  relay.restore();
  ann.socket.send("again", port, relay.address);
  await eventually(() => expect(ann.received).toEqual(["re: hello", "re: again"]));
  expect(server.received).toEqual(["hello", "kept", "again"]);
});

test("a TCP relay keeps what is sent while it is cut, and delivers it afterwards", async () => {
  const server = createServer((_, response) => response.end("here")).listen(0, "127.0.0.1");
  closers.push(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const relay = await TcpRelay.open({ host: "127.0.0.1", port });
  closers.push(() => relay.close());
  const get = async () => (await fetch(`http://127.0.0.1:${relay.port}/`)).text();

  expect(await get()).toBe("here");
  relay.cut();
  let answer: string | undefined;
  const waiting = get().then((text) => (answer = text));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(answer).toBeUndefined();
  relay.restore();
  expect(await waiting).toBe("here");
});

test("an RTP packet's header is read with its extensions; other protocols are left alone", () => {
  const packet = Buffer.from(
    "90e4" +
      "0102" +
      "00000bb8" +
      "11223344" +
      "bede0002" +
      "10ad" +
      "22010203" +
      "0000" +
      "cafebabe",
    "hex",
  );
  const header = parseRtp(packet);
  if (!header) throw new Error("an RTP packet");
  expect(header).toMatchObject({
    ssrc: 0x11223344,
    payloadType: 100,
    marker: true,
    sequence: 258,
    timestamp: 3000,
    payloadLength: 4,
  });
  expect(header.extensions.get(2)).toEqual(Buffer.of(1, 2, 3));
  expect(audioLevel(header, 1)).toBe(-0x2d);
  expect(audioLevel(header, 7)).toBeUndefined();
  const stun = Buffer.alloc(20);
  const rtcp = Buffer.from("80c8000611223344000000000000000000000000", "hex");
  expect([parseRtp(stun), parseRtp(rtcp), parseRtp(Buffer.of(128))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
