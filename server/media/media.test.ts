import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import { type Consumer, type Producer } from "mediasoup/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HEARING_RATE, type PcmFrame, SPEAKING_RATE } from "../kit/pcm.ts";
import { silentLog } from "../kit/log.ts";
import { createMedia, type Media } from "./media.ts";
import { createOpusEncoder, SPEAKING_FRAME } from "./opus.ts";
import { buildRtp, parseRtp, type RtpPacket } from "./rtp-packet.ts";
import { openBackdoor } from "./testing/backdoor.ts";

let media: Media;

const open = (workers = 1) =>
  createMedia({ workers, listenAddress: "127.0.0.1", firstPort: 0, log: silentLog });

beforeEach(async () => {
  media = await open();
});

afterEach(() => media.close());

/** A tone of `hertz` at 24 kHz, from sample `from` on. */
function tone(hertz: number, length: number, from = 0): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hertz * (from + index)) / SPEAKING_RATE)),
  );
}

/** Share of the energy of `samples` (16 kHz) that lies at `hertz`. */
function shareAt(samples: Int16Array, hertz: number): number {
  let [sine, cosine, energy] = [0, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * hertz * index) / HEARING_RATE;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (sine * sine + cosine * cosine)) / (samples.length * energy);
}

const joined = (frames: PcmFrame[]) =>
  Int16Array.from(frames.flatMap(({ samples }) => Array.from(samples)));

const level = (samples: Int16Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** As often as a microphone sends a packet. */
const eachPacket = { interval: 20, timeout: 5_000 };

/** Reads an inlet in the background. */
function listen(frames: AsyncIterable<PcmFrame>) {
  const heard: PcmFrame[] = [];
  const ended = (async () => {
    for await (const frame of frames) heard.push(frame);
  })();
  return { heard, ended };
}

/** A sender whose packets a test makes itself. */
function createSender(producer: Producer, ssrc: number) {
  const encoder = createOpusEncoder();
  let sent = 0;
  const packet = (change: Partial<RtpPacket> = {}): Buffer => {
    const payload = encoder.encode(tone(440, SPEAKING_FRAME, sent * SPEAKING_FRAME));
    const bytes = buildRtp({
      payloadType: 100,
      sequence: 1_000 + sent,
      timestamp: sent * 960,
      ssrc,
      marker: sent === 0,
      payload,
      ...change,
    });
    sent += 1;
    return bytes;
  };
  return { packet, send: (bytes: Buffer) => producer.send(bytes) };
}

describe("the inlet", () => {
  it("gives what was sent, as 16 kHz mono, 20 ms a frame", async () => {
    const room = await media.openRoom("room");
    const { producer, ssrc } = await openBackdoor(room).produce();
    const stop = new AbortController();
    const { heard, ended } = listen(room.openInlet(producer.id, { signal: stop.signal }));
    const sender = createSender(producer, ssrc);
    await vi.waitFor(() => {
      sender.send(sender.packet());
      expect(heard.filter(({ samples }) => level(samples) > 2_000).length).toBeGreaterThan(30);
    }, eachPacket);
    stop.abort();
    await ended;
    expect(heard.every(({ samples }) => samples.length === 320)).toBe(true);
    const loud = joined(heard.filter(({ samples }) => level(samples) > 2_000).slice(5));
    expect(shareAt(loud, 440)).toBeGreaterThan(0.9);
    expect(shareAt(loud, 700)).toBeLessThan(0.05);
  });

  it("conceals what is lost, orders what overtook, and hears each packet once", async () => {
    const room = await media.openRoom("room");
    const { producer, ssrc } = await openBackdoor(room).produce();
    const stop = new AbortController();
    const { heard } = listen(room.openInlet(producer.id, { signal: stop.signal }));
    const sender = createSender(producer, ssrc);
    await vi.waitFor(() => {
      sender.send(sender.packet());
      expect(heard.some(({ samples }) => level(samples) > 2_000)).toBe(true);
    }, eachPacket);
    // The decoder keeps a little of what it heard: a pause shows where the next begins.
    await vi.waitFor(() => expect(level(heard.at(-1)?.samples ?? tone(440, 320))).toBe(0));
    heard.length = 0;
    const packets = Array.from({ length: 30 }, () => sender.packet());
    const [swappedA, swappedB] = [packets[5], packets[6]];
    if (swappedA && swappedB) packets.splice(5, 2, swappedB, swappedA, swappedA);
    packets.splice(15, 1);
    for (const bytes of packets) sender.send(bytes);
    const stillAhead = () => heard.filter(({ samples }) => level(samples) > 1_000).length;
    await vi.waitFor(() => expect(stillAhead()).toBeGreaterThanOrEqual(30));
    expect(stillAhead()).toBe(30);
    expect(shareAt(joined(heard.slice(0, 30)), 440)).toBeGreaterThan(0.85);
    stop.abort();
  });

  it("goes on with silence when the microphone stops sending, and then waits", async () => {
    const room = await media.openRoom("room");
    const { producer, ssrc } = await openBackdoor(room).produce();
    const stop = new AbortController();
    const { heard } = listen(room.openInlet(producer.id, { signal: stop.signal }));
    const sender = createSender(producer, ssrc);
    await vi.waitFor(() => {
      sender.send(sender.packet());
      expect(heard.length).toBeGreaterThan(10);
    }, eachPacket);
    heard.length = 0;
    // Made-up silence comes in real time: a second of it takes no less.
    await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(40), 2_000);
    expect(heard.slice(5).every(({ samples }) => level(samples) === 0)).toBe(true);
    expect((heard.at(-1)?.at ?? 0) - (heard[0]?.at ?? 0)).toBeGreaterThan(600);
    await vi.waitFor(() => {
      sender.send(sender.packet());
      expect(level(heard.at(-1)?.samples ?? new Int16Array(1))).toBeGreaterThan(2_000);
    }, eachPacket);
    stop.abort();
  });

  it("survives packets that hold no Opus", async () => {
    const room = await media.openRoom("room");
    const { producer, ssrc } = await openBackdoor(room).produce();
    const stop = new AbortController();
    const { heard } = listen(room.openInlet(producer.id, { signal: stop.signal }));
    const sender = createSender(producer, ssrc);
    for (let round = 0; round < 50; round += 1) {
      sender.send(sender.packet({ payload: randomBytes(1 + (round % 90)) }));
    }
    await vi.waitFor(() => {
      sender.send(sender.packet());
      expect(shareAt(joined(heard.slice(-20)), 440)).toBeGreaterThan(0.9);
    }, eachPacket);
    stop.abort();
  });

  it("ends with its producer", async () => {
    const room = await media.openRoom("room");
    const { producer } = await openBackdoor(room).produce();
    const inlet = room.openInlet(producer.id, { signal: new AbortController().signal });
    const { ended } = listen(inlet);
    await openBackdoor(room).settle();
    producer.close();
    await ended;
  });
});

describe("the outlet", () => {
  const packetsOf = (consumer: Consumer) => {
    const packets: { packet: RtpPacket; at: number }[] = [];
    consumer.on("rtp", (bytes) => {
      const packet = parseRtp(bytes);
      if (packet) packets.push({ packet, at: performance.now() });
    });
    return packets;
  };

  it("sends a packet each 20 ms without a gap: silence, then what was written", async () => {
    const room = await media.openRoom("room");
    const outlet = await room.openOutlet();
    const packets = packetsOf(await openBackdoor(room).consume(outlet.producerId));
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(10));
    const marked = vi.fn();
    outlet.write(tone(440, SPEAKING_FRAME * 25 + 100), marked);
    expect(outlet.bufferedMs).toBeCloseTo(504.2, 0);
    outlet.flush();
    await vi.waitFor(() => expect(outlet.bufferedMs).toBe(0), 2_000);
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(45), 2_000);
    expect(marked).toHaveBeenCalledTimes(1);
    const loud = packets.filter(({ packet }) => packet.payload.length > 3);
    expect(loud.length).toBe(26);
    expect(loud.map(({ packet }) => packet.marker)).toEqual([true, ...Array(25).fill(false)]);
    for (const [index, { packet }] of packets.entries()) {
      const before = packets[index - 1];
      if (!before) continue;
      expect((packet.sequence - before.packet.sequence) & 0xffff).toBe(1);
      expect((packet.timestamp - before.packet.timestamp) >>> 0).toBe(960);
    }
    const [first, last] = [packets[0], packets.at(-1)];
    const perPacket = ((last?.at ?? 0) - (first?.at ?? 0)) / (packets.length - 1);
    expect(perPacket).toBeGreaterThan(18);
    expect(perPacket).toBeLessThan(22);
    outlet.close();
  });

  it("is heard by the inlet as it was written", async () => {
    const room = await media.openRoom("room");
    const outlet = await room.openOutlet();
    const stop = new AbortController();
    const { heard } = listen(room.openInlet(outlet.producerId, { signal: stop.signal }));
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(3));
    outlet.write(tone(523, SPEAKING_RATE / 2));
    const loud = () => heard.filter(({ samples }) => level(samples) > 2_000);
    await vi.waitFor(() => expect(loud().length).toBeGreaterThanOrEqual(23), 2_000);
    expect(shareAt(joined(loud().slice(2, 22)), 523)).toBeGreaterThan(0.9);
    stop.abort();
    outlet.close();
  });

  it("forgets what waits when told to", async () => {
    const room = await media.openRoom("room");
    const outlet = await room.openOutlet();
    outlet.write(tone(440, SPEAKING_RATE));
    outlet.drop();
    expect(outlet.bufferedMs).toBe(0);
    outlet.close();
  });
});

describe("a room", () => {
  it("is one for everyone who opens it, and rooms are spread over the workers", async () => {
    media.close();
    media = await open(2);
    const [one, same] = await Promise.all([media.openRoom("one"), media.openRoom("one")]);
    expect(one).toBe(same);
    await media.openRoom("two");
    await media.openRoom("three");
    await media.openRoom("four");
    expect(media.roomsPerWorker).toEqual([2, 2]);
    one.close();
    expect(media.roomsPerWorker).toEqual(expect.arrayContaining([1, 2]));
    expect(await media.openRoom("one")).not.toBe(one);
  });

  const opus = { mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, channels: 2 };

  it("takes sound in Opus and nothing else", async () => {
    const room = await media.openRoom("room");
    const transport = await room.createTransport();
    const produce = (codec: typeof opus) =>
      transport.produce({ codecs: [codec], encodings: [{ ssrc: 1 }], rtcp: { cname: "x" } });
    await expect(
      produce({ mimeType: "video/VP8", payloadType: 101, clockRate: 90_000, channels: 1 }),
    ).rejects.toMatchObject({ reason: "CODEC_NOT_SUPPORTED" });
    await expect(
      produce({ mimeType: "audio/PCMU", payloadType: 0, clockRate: 8_000, channels: 1 }),
    ).rejects.toMatchObject({ reason: "CODEC_NOT_SUPPORTED" });
    await expect(produce({ ...opus, clockRate: 8_000 })).rejects.toMatchObject({
      reason: "RTP_PARAMETERS_INVALID",
    });
    const microphone = await produce(opus);
    expect(microphone.id).not.toBe("");
  });

  it("lets nobody consume what isn't there, or what they can't play", async () => {
    const room = await media.openRoom("room");
    const transport = await room.createTransport();
    const outlet = await room.openOutlet();
    await expect(transport.consume("elsewhere", room.rtpCapabilities)).rejects.toMatchObject({
      reason: "PRODUCER_NOT_FOUND",
    });
    await expect(transport.consume(outlet.producerId, {})).rejects.toMatchObject({
      reason: "RTP_PARAMETERS_INVALID",
    });
    const consumer = await transport.consume(outlet.producerId, room.rtpCapabilities);
    expect(consumer.producerId).toBe(outlet.producerId);
  });
});

describe("a media worker", () => {
  it("that dies is replaced within two seconds, and its rooms are told", async () => {
    const room = await media.openRoom("room");
    const lost = vi.fn();
    room.onLost(lost);
    const [pid] = media.workerPids;
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), 2_000);
    const again = await media.openRoom("room");
    expect(again).not.toBe(room);
    expect(again.closed).toBe(false);
    expect(media.workerPids).not.toContain(pid);
  });

  it("isn't impressed by garbage on its port", async () => {
    const room = await media.openRoom("room");
    const transport = await room.createTransport();
    const port = transport.parameters.iceCandidates.find(
      ({ protocol }) => protocol === "udp",
    )?.port;
    const before = media.workerPids;
    const socket = createSocket("udp4");
    const starts = [[], [0, 1], [0x16, 0xfe, 0xff], [0x80, 100], [0x80, 200], [0x90, 111]];
    for (let round = 0; round < 3_000; round += 1) {
      const start = Buffer.from(starts[round % starts.length] ?? []);
      socket.send(Buffer.concat([start, randomBytes(1 + (round % 1_400))]), port, "127.0.0.1");
      if (round % 200 === 0) await openBackdoor(room).settle();
    }
    await openBackdoor(room).settle();
    socket.close();
    expect(media.workerPids).toEqual(before);
    expect(room.closed).toBe(false);
  });

  it("whose port is taken makes media unavailable, with a sentence", async () => {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const firstPort = socket.address().port;
    const options = { workers: 1, listenAddress: "127.0.0.1", firstPort, log: silentLog };
    await expect(createMedia(options)).rejects.toMatchObject({ reason: "MEDIA_UNAVAILABLE" });
    socket.close();
  });
});
