import type { Consumer } from "mediasoup/types";
import { describe, expect, it, vi } from "vitest";
import { type PcmFrame, SPEAKING_RATE } from "../kit/pcm.ts";
import { SILENT_PACKET, SPEAKING_FRAME } from "./opus.ts";
import { parseRtp, type RtpPacket } from "./rtp-packet.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { levelOf, shareAt, tone } from "./testing/tone.ts";
import { eventually } from "../../shared/testing/eventually.ts";

async function openOutlet() {
  const media = await openMedia();
  const room = await media.openRoom("room");
  const outlet = await room.openOutlet();
  const packets = packetsOf(await openBackdoor(room).consume(outlet.producerId));
  return { media, room, outlet, packets };
}

function packetsOf(consumer: Consumer) {
  const packets: { packet: RtpPacket; at: number }[] = [];
  consumer.on("rtp", (bytes) => {
    const packet = parseRtp(bytes);
    if (packet) packets.push({ packet, at: performance.now() });
  });
  return packets;
}

type Arrived = ReturnType<typeof packetsOf>[number];

const isQuiet = ({ packet }: Arrived) => Buffer.compare(packet.payload, SILENT_PACKET) === 0;
const isLoud = (arrived: Arrived) => !isQuiet(arrived);

/** How far each packet is from the one before, in ms by its timestamp. */
const steps = (packets: Arrived[]) =>
  packets.slice(1).map(({ packet }, index) => {
    const before = packets[index]?.packet.timestamp ?? 0;
    return ((packet.timestamp - before) >>> 0) / 48;
  });

describe("the outlet", () => {
  it("sends what was written in packets of 40 ms, and then next to nothing", async () => {
    const { outlet, packets } = await openOutlet();
    outlet.write(tone(440, SPEAKING_FRAME * 24 + 100));
    outlet.flush();
    await vi.waitFor(() => expect(packets.filter(isQuiet).length).toBeGreaterThan(2), 4_000);
    expect(outlet.bufferedMs).toBe(0);
    const spurt = packets.slice(packets.findIndex(isLoud));
    // 24 frames, the one that had begun, and one for what the encoder still had of it.
    expect(spurt.filter(isLoud).length).toBe(12 + 1 + 1);
    expect(spurt.slice(0, 15).map(({ packet }) => packet.marker)).toEqual([
      true,
      ...Array(14).fill(false),
    ]);
    expect(steps(spurt.slice(0, 14))).toEqual([...Array(12).fill(40), 20]);
    expect(spurt.slice(14).some(isLoud)).toBe(false);
    for (const [index, { packet }] of packets.entries()) {
      const before = packets[index - 1]?.packet.sequence;
      if (before !== undefined) expect((packet.sequence - before) & 0xffff).toBe(1);
    }
    const [first, last] = [spurt[0], spurt[12]];
    const perPacket = ((last?.at ?? 0) - (first?.at ?? 0)) / 12;
    expect(perPacket).toBeGreaterThan(36);
    expect(perPacket).toBeLessThan(44);
  });

  it("sends a sign of life each 400 ms while there is nothing to say", async () => {
    const { packets } = await openOutlet();
    await vi.waitFor(() => expect(packets.filter(isQuiet).length).toBeGreaterThan(2), 4_000);
    expect(packets.some(isLoud)).toBe(false);
    for (const step of steps(packets.filter(isQuiet))) {
      expect(step).toBeGreaterThan(380);
      expect(step).toBeLessThan(600);
    }
  });

  it("begins a talkspurt at once, and marks it", async () => {
    const { outlet, packets } = await openOutlet();
    for (const spurt of [1, 2]) {
      const mark = vi.fn();
      outlet.write(tone(440, SPEAKING_FRAME * 3), mark);
      expect(mark).toHaveBeenCalledOnce();
      await eventually(() => {
        expect(packets.filter(({ packet }) => packet.marker).length).toBe(spurt);
        expect(packets.slice(-1).every(isQuiet)).toBe(true);
      });
    }
  });

  it("lets its timestamps go on with the clock in a pause", async () => {
    const { outlet, packets } = await openOutlet();
    for (const spurt of [1, 2]) {
      outlet.write(tone(440, SPEAKING_FRAME * 3));
      await vi.waitFor(() => {
        expect(packets.filter(({ packet }) => packet.marker).length).toBe(spurt);
        expect(packets.slice(-4).some(isLoud)).toBe(false);
      }, 4_000);
    }
    const [one, two] = packets.filter(({ packet }) => packet.marker);
    if (!one || !two) throw new Error("there were two talkspurts");
    const [step = 0] = steps([one, two]);
    expect(Math.abs(step - (two.at - one.at))).toBeLessThan(60);
  });

  it("tells when the first of what was written leaves, once", async () => {
    const { outlet, packets } = await openOutlet();
    const marks: string[] = [];
    outlet.write(new Int16Array(0), () => marks.push("nothing"));
    outlet.write(tone(440, SPEAKING_FRAME * 4 + 7), () => marks.push("one"));
    outlet.write(tone(440, SPEAKING_FRAME * 4), () => marks.push("two"));
    expect(marks).toEqual(["one"]);
    expect(outlet.bufferedMs).toBeGreaterThan(80);
    await vi.waitFor(() => expect(marks).toEqual(["one", "two"]), { interval: 2 });
    await eventually(() => expect(packets.filter(({ packet }) => packet.marker).length).toBe(1));
  });

  it("keeps a started frame until it is full or flushed", async () => {
    const { outlet, packets } = await openOutlet();
    outlet.write(tone(440, 100));
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(1), 2_000);
    expect(packets.some(isLoud)).toBe(false);
    expect(outlet.bufferedMs).toBeGreaterThan(4);
    outlet.flush();
    expect(outlet.bufferedMs).toBe(0);
    await eventually(() => expect(packets.some(isLoud)).toBe(true));
  });

  it("is heard by the inlet as it was written", async () => {
    const { outlet, room } = await openOutlet();
    const stop = new AbortController();
    const heard: PcmFrame[] = [];
    const listening = (async () => {
      for await (const frame of room.openInlet(outlet.producerId, stop)) heard.push(frame);
    })();
    await eventually(() => expect(heard.length).toBeGreaterThan(3));
    outlet.write(tone(523, SPEAKING_RATE / 2));
    const loud = () => heard.filter(({ samples }) => levelOf(samples) > 2_000);
    await vi.waitFor(() => expect(loud().length).toBeGreaterThanOrEqual(12), 2_000);
    const samples = loud().slice(1, 11);
    const together = Int16Array.from(samples.flatMap((frame) => Array.from(frame.samples)));
    expect(shareAt(together, 523)).toBeGreaterThan(0.97);
    stop.abort();
    await listening;
  });

  it("forgets what waits when told to", async () => {
    const { outlet, packets } = await openOutlet();
    const mark = vi.fn();
    outlet.write(tone(440, SPEAKING_RATE));
    await eventually(() => expect(packets.some(isLoud)).toBe(true));
    outlet.write(tone(440, SPEAKING_RATE), mark);
    outlet.drop();
    expect(outlet.bufferedMs).toBe(0);
    await eventually(() => expect(packets.slice(-1).every(isQuiet)).toBe(true));
    expect(packets.filter(isLoud).length).toBeLessThan(20);
    expect(mark).not.toHaveBeenCalled();
  });

  it("keeps nothing once it or its room has closed", async () => {
    const { outlet, room } = await openOutlet();
    outlet.write(tone(440, SPEAKING_RATE));
    room.close();
    expect(outlet.bufferedMs).toBe(0);
    outlet.write(tone(440, SPEAKING_RATE));
    expect(outlet.bufferedMs).toBe(0);
    outlet.close();
    outlet.close();
    await expect(room.openOutlet()).rejects.toMatchObject({ reason: "MEDIA_UNAVAILABLE" });
  });
});
