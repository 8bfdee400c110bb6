import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, it, onTestFinished, vi } from "vitest";
import type { MediaRoom } from "./media-room.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { bindingRequest, clientHello } from "./testing/webrtc-packets.ts";

const fingerprints = [{ algorithm: "sha-256" as const, value: `${"AB:".repeat(31)}AB` }];

/** A client whose ICE is right: the worker takes what comes from it, as far as it can. */
async function openClient(room: MediaRoom) {
  const transport = await room.createTransport();
  const { iceParameters, iceCandidates } = transport.parameters;
  await transport.connect({ role: "client", fingerprints });
  const port = iceCandidates.find(({ protocol }) => protocol === "udp")?.port ?? 0;
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  const answered = { stun: 0, dtls: 0 };
  socket.on("message", ([first = 0]) => {
    if (first < 4) answered.stun += 1;
    else if (first >= 20 && first < 64) answered.dtls += 1;
  });
  const check = (extra?: Uint8Array) =>
    bindingRequest(`${iceParameters.usernameFragment}:test`, iceParameters.password, extra);
  const send = (bytes: Uint8Array) => socket.send(bytes, port, "127.0.0.1");
  send(check());
  await vi.waitFor(() => expect(answered.stun).toBe(1), { interval: 2 });
  return { transport, answered, check, send };
}

/** Some of the bytes are others. */
function spoilt(bytes: Buffer): Buffer {
  for (let count = randomInt(1, 8); count > 0; count -= 1) {
    bytes.writeUInt8(randomInt(256), randomInt(bytes.length));
  }
  return bytes;
}

/** `first` says which protocol it seems to be. */
const noise = (first: number) => Buffer.concat([Buffer.of(first), randomBytes(randomInt(1_400))]);

it("does nothing to a worker that let somebody in", async () => {
  const media = await openMedia();
  const before = media.workerPids;
  const room = await media.openRoom("room");
  for (let round = 0; round < 40; round += 1) {
    const { transport, answered, check, send } = await openClient(room);
    if (round % 2 === 0) {
      send(clientHello());
      await vi.waitFor(() => expect(answered.dtls).toBeGreaterThan(0), { interval: 2 });
    }
    for (let count = 0; count < 15; count += 1) {
      send(spoilt(clientHello()));
      send(clientHello().subarray(0, randomInt(1, 150)));
      send(spoilt(check(randomBytes(randomInt(300)))));
      send(noise(randomInt(20, 64)));
      send(noise(randomInt(128, 192)));
    }
    await openBackdoor(room).settle();
    if (round % 3 === 0) transport.close();
  }
  expect(media.workerPids).toEqual(before);
  expect(room.closed).toBe(false);
});
