import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Encoder } from "@evan/opus";
import { createWorker } from "mediasoup";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { PcmFrame } from "../kit/pcm.ts";
import { createInletQueue, readInlet } from "./audio-inlet.ts";
import type { Media } from "./media.ts";
import { createOpusEncoder, SPEAKING_FRAME } from "./opus.ts";
import { buildRtp, type RtpPacket } from "./rtp-packet.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { levelOf, shareAt, tone } from "./testing/tone.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const joined = (frames: PcmFrame[]) =>
  Int16Array.from(frames.flatMap(({ samples }) => Array.from(samples)));

const durationOf = (frames: PcmFrame[]) => joined(frames).length / 16;

const isLoud = ({ samples }: PcmFrame) => levelOf(samples) > 2_000;

const fromFirstLoud = (frames: PcmFrame[]) => frames.slice(frames.findIndex(isLoud));

/** As often as a microphone sends a packet. */
const eachPacket = { interval: 20, timeout: 5_000 };

/** A microphone whose packets a test makes itself, and what is heard of it. */
async function openMicrophone(media: Media) {
  const room = await media.openRoom("room");
  const { producer, ssrc } = await openBackdoor(room).produce();
  const stop = new AbortController();
  const inlet = room.openInlet(producer.id, { signal: stop.signal });
  const heard: PcmFrame[] = [];
  const ended = (async () => {
    for await (const frame of inlet) heard.push(frame);
  })();
  const encoder = createOpusEncoder();
  let made = 0;

  /** The next 20 ms of a tone. */
  function packet(change: Partial<RtpPacket> = {}): Buffer {
    const payload = encoder.encode(tone(440, SPEAKING_FRAME, made * SPEAKING_FRAME));
    const sequence = 1_000 + made;
    const marker = made === 0;
    const plain = { payloadType: 100, sequence, timestamp: made * 960, ssrc, marker, payload };
    made += 1;
    return buildRtp({ ...plain, ...change });
  }
  const send = (bytes: Buffer) => producer.send(bytes);

  /** Sends until the inlet, which takes a moment to open, hears it. */
  async function begin(): Promise<void> {
    await vi.waitFor(() => {
      send(packet());
      expect(heard.filter(isLoud).length).toBeGreaterThan(5);
    }, eachPacket);
  }

  /** Sends a packet each 20 ms. */
  async function talk(packets: number): Promise<void> {
    const startedAt = performance.now();
    for (let index = 0; index < packets; index += 1) {
      await delay(Math.max(0, startedAt + index * 20 - performance.now()));
      send(packet());
    }
  }

  /** Waits for the silence that is made up when nothing comes. */
  async function pause(): Promise<void> {
    await vi.waitFor(() => expect(heard.slice(-3).some(isLoud)).toBe(false), 2_000);
    await vi.waitFor(() => expect(levelOf(joined(heard.slice(-3)))).toBe(0), 2_000);
  }

  return { room, producer, heard, ended, stop, packet, send, begin, talk, pause };
}

describe("the inlet", () => {
  it("gives what was sent, as 16 kHz mono, 20 ms a frame", async () => {
    const { begin, pause, packet, send, heard, stop, ended } = await openMicrophone(
      await openMedia(),
    );
    await begin();
    await pause();
    heard.length = 0;
    for (const bytes of Array.from({ length: 40 }, () => packet())) send(bytes);
    await eventually(() => expect(heard.filter(isLoud).length).toBe(40));
    stop.abort();
    await ended;
    expect(heard.every(({ samples }) => samples.length === 320)).toBe(true);
    const loud = joined(fromFirstLoud(heard).slice(0, 40));
    expect(shareAt(loud, 440)).toBeGreaterThan(0.97);
    expect(shareAt(loud, 700)).toBeLessThan(0.01);
  });

  it("says when each frame came", async () => {
    const { begin, talk, heard } = await openMicrophone(await openMedia());
    await begin();
    heard.length = 0;
    const before = performance.now();
    await talk(25);
    await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(25));
    const times = heard.map(({ at }) => at);
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect((times[24] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
    expect(times.at(-1)).toBeLessThanOrEqual(performance.now());
  });

  it("conceals what is lost, orders what overtook, and hears each packet once", async () => {
    const { begin, pause, heard, packet, send } = await openMicrophone(await openMedia());
    await begin();
    // The decoder keeps a little of what it heard: a pause shows where the next begins.
    await pause();
    heard.length = 0;
    const packets = Array.from({ length: 30 }, () => packet());
    const [swappedA, swappedB] = [packets[5], packets[6]];
    if (swappedA && swappedB) packets.splice(5, 2, swappedB, swappedA, swappedA);
    packets.splice(15, 1);
    for (const bytes of packets) send(bytes);
    await eventually(() => expect(heard.filter(isLoud).length).toBeGreaterThanOrEqual(30));
    await pause();
    const loud = heard.filter(isLoud);
    expect(loud.length).toBe(30);
    expect(shareAt(joined(loud), 440)).toBeGreaterThan(0.9);
  });

  it("takes as long as the speaker did, however much is lost on the way", async () => {
    const { begin, talk, heard, packet } = await openMicrophone(await openMedia());
    await begin();
    const startedAt = performance.now();
    heard.length = 0;
    await talk(15);
    for (let lost = 0; lost < 30; lost += 1) packet();
    await delay(600);
    await talk(15);
    await eventually(() => expect(heard.filter(isLoud).length).toBeGreaterThanOrEqual(30));
    const elapsedMs = performance.now() - startedAt;
    const heardMs = durationOf(heard);
    expect(heardMs).toBeGreaterThan(elapsedMs - 150);
    expect(heardMs).toBeLessThan(elapsedMs + 100);
    // Nothing that was said before the gap sounds again after it.
    expect(heard.filter(isLoud).length).toBeLessThanOrEqual(32);
  });

  it("conceals no more than a moment when the network gave up a long piece", async () => {
    const { begin, pause, heard, packet, send } = await openMicrophone(await openMedia());
    await begin();
    await pause();
    heard.length = 0;
    const packets = Array.from({ length: 60 }, () => packet());
    packets.splice(20, 20);
    for (const bytes of packets) send(bytes);
    // The silence of the pause may go on until the first of them comes.
    await eventually(() => expect(fromFirstLoud(heard).length).toBeGreaterThanOrEqual(60));
    const pieces = fromFirstLoud(heard);
    expect(pieces.slice(0, 20).every(isLoud)).toBe(true);
    expect(pieces.slice(28, 40).every(({ samples }) => levelOf(samples) === 0)).toBe(true);
    expect(pieces.slice(41, 60).every(isLoud)).toBe(true);
  });

  it("takes a stall of this process for no pause", async () => {
    const worker = await createWorker();
    onTestFinished(() => worker.close());
    const codec = { mimeType: "audio/opus", clockRate: 48_000, channels: 2 };
    const router = await worker.createRouter({ mediaCodecs: [{ kind: "audio", ...codec }] });
    const listenInfo = { protocol: "udp" as const, ip: "127.0.0.1" };
    const network = await router.createPlainTransport({ listenInfo, comedia: true });
    const rtpParameters = { codecs: [{ ...codec, payloadType: 100 }], encodings: [{ ssrc: 7 }] };
    const { id } = await network.produce({ kind: "audio", rtpParameters });
    const direct = await router.createDirectTransport();
    const { rtpCapabilities } = router;
    const consumer = await direct.consume({ producerId: id, rtpCapabilities });
    const queue = createInletQueue(new AbortController().signal);
    readInlet(consumer, queue);
    const encoder = createOpusEncoder();
    const packets = Array.from({ length: 40 }, (_, index) => {
      const payload = encoder.encode(tone(440, SPEAKING_FRAME, index * SPEAKING_FRAME));
      const position = { sequence: index, timestamp: index * 960, marker: false };
      return buildRtp({ payloadType: 100, ssrc: 7, ...position, payload });
    });
    // Another thread sends, for this one stands still.
    const sender = new Worker(
      `const { port, packets } = require("node:worker_threads").workerData;
      const socket = require("node:dgram").createSocket("udp4");
      const startedAt = performance.now();
      function send(index) {
        if (index === packets.length) return socket.close();
        socket.send(packets[index], port, "127.0.0.1");
        setTimeout(send, startedAt + (index + 1) * 20 - performance.now(), index + 1);
      }
      send(0);`,
      { eval: true, workerData: { port: network.tuple.localPort, packets } },
    );
    onTestFinished(() => void sender.terminate());
    const heard: PcmFrame[] = [];
    for await (const frame of queue) {
      heard.push(frame);
      if (heard.length === 10) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
        expect(performance.now() - frame.at).toBeGreaterThan(390);
      }
      if (heard.filter(isLoud).length === 38) break;
    }
    // Without care 17 of them would be silence.
    expect(heard.length).toBeLessThan(38 + 6);
  });

  it("waits for a word that the network brings late, and puts nothing into it", async () => {
    const { begin, talk, heard } = await openMicrophone(await openMedia());
    await begin();
    heard.length = 0;
    await talk(10);
    await delay(250);
    await talk(10);
    await eventually(() => expect(heard.filter(isLoud).length).toBeGreaterThanOrEqual(20));
    expect(heard.every(isLoud)).toBe(true);
  });

  it("goes on with silence when the microphone stops sending, and then rests", async () => {
    const { begin, talk, heard } = await openMicrophone(await openMedia());
    await begin();
    heard.length = 0;
    // Made-up silence comes in real time: 600 ms of it take no less.
    await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(30), 2_500);
    expect(heard.slice(5).every(({ samples }) => levelOf(samples) === 0)).toBe(true);
    expect((heard.at(-1)?.at ?? 0) - (heard[0]?.at ?? 0)).toBeGreaterThan(500);
    await delay(200);
    expect(heard.length).toBeLessThanOrEqual(32);
    await talk(10);
    await eventually(() => expect(heard.slice(-5).every(isLoud)).toBe(true));
  });

  it("goes on with silence without a gap when the microphone says that it rests", async () => {
    const { begin, talk, send, packet, heard } = await openMicrophone(await openMedia());
    await begin();
    heard.length = 0;
    await talk(10);
    send(packet({ payload: Uint8Array.of(0xf8) }));
    const isSilent = ({ samples }: PcmFrame) => levelOf(samples) === 0;
    await eventually(() =>
      expect(heard.slice(heard.findLastIndex(isLoud)).length).toBeGreaterThan(9),
    );
    const first = heard.findIndex(
      (frame, index) => index > heard.findIndex(isLoud) && isSilent(frame),
    );
    const rests = heard[first - 1]?.at ?? 0;
    const silence = heard.slice(first, first + 8);
    expect(silence.every(isSilent)).toBe(true);
    expect(silence.map(({ at }) => Math.round(at - rests))).toEqual(
      silence.map((_, index) => 20 + index * 20),
    );
  });

  it("hears time pass while the microphone's own encoder falls silent (DTX)", async () => {
    const { heard, packet, send, begin } = await openMicrophone(await openMedia());
    await begin();
    const encoder = new Encoder({ channels: 1, sample_rate: 24_000, application: "voip" });
    encoder.dtx = true;
    heard.length = 0;
    const startedAt = performance.now();
    let sent = 0;
    for (let index = 0; index < 60; index += 1) {
      await delay(Math.max(0, startedAt + index * 20 - performance.now()));
      const payload = encoder.encode(new Int16Array(SPEAKING_FRAME));
      // What an encoder in DTX gives is sent only where it holds something.
      if (payload.length <= 2) continue;
      sent += 1;
      send(packet({ payload }));
    }
    expect(sent).toBeLessThan(20);
    await eventually(() => expect(durationOf(heard)).toBeGreaterThan(1_100));
    expect(durationOf(heard)).toBeLessThan(performance.now() - startedAt + 60);
  });

  it("hears other lengths of packets, in stereo too", async () => {
    const { heard, producer, packet, send, begin, pause } = await openMicrophone(await openMedia());
    await begin();
    await pause();
    heard.length = 0;
    const encoder = new Encoder({ channels: 2, sample_rate: 48_000, application: "voip" });
    for (let index = 0; index < 10; index += 1) {
      const mono = tone(440, 2_880, index * 2_880, 48_000);
      const stereo = Int16Array.from({ length: 5_760 }, (_, sample) => mono[sample >> 1] ?? 0);
      const bytes = packet({ payload: encoder.encode(stereo) });
      if (index !== 6) send(bytes);
    }
    await eventually(() => expect(heard.filter(isLoud).length).toBe(10));
    const loud = joined(heard.filter(isLoud));
    expect(loud.length).toBe(10 * 960);
    expect(shareAt(loud, 440)).toBeGreaterThan(0.9);
    producer.close();
  });

  it("survives packets that hold no Opus", async () => {
    const { packet, send, heard } = await openMicrophone(await openMedia());
    for (let round = 0; round < 100; round += 1) {
      send(packet({ payload: randomBytes(round % 90) }));
    }
    await vi.waitFor(() => {
      send(packet());
      expect(shareAt(joined(heard.slice(-20)), 440)).toBeGreaterThan(0.9);
    }, eachPacket);
  });

  it("decodes no more of a flood than somebody could have said", async () => {
    const { packet, send, heard, begin, room } = await openMicrophone(await openMedia());
    await begin();
    heard.length = 0;
    for (let round = 0; round < 40; round += 1) {
      for (let index = 0; index < 50; index += 1) send(packet());
      await openBackdoor(room).settle();
    }
    const seconds = durationOf(heard) / 1000;
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(12);
  });

  it("ends with its producer, and at once when told to", async () => {
    const { producer, ended, begin, room } = await openMicrophone(await openMedia());
    await begin();
    producer.close();
    await ended;
    const gone = room.openInlet(producer.id, { signal: new AbortController().signal });
    await expect(gone[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      reason: "PRODUCER_NOT_FOUND",
    });
  });

  it("leaves nothing open in the worker, however it ends", async () => {
    const { producer, stop, ended, begin, room } = await openMicrophone(await openMedia());
    await begin();
    const reading = room.openInlet(producer.id, { signal: new AbortController().signal });
    const other = new AbortController();
    other.abort();
    for await (const _ of room.openInlet(producer.id, other)) expect.unreachable();
    stop.abort();
    await ended;
    await openBackdoor(room).settle();
    expect((await room.direct.dump()).consumerIds.length).toBe(1);
    producer.close();
    for await (const _ of reading) expect(_.samples.length).toBe(320);
    expect((await room.direct.dump()).consumerIds).toEqual([]);
  });
});
