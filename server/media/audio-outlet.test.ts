import { type Consumer } from "mediasoup/types";
import { describe, expect, it, vi } from "vitest";
import { type PcmFrame, SPEAKING_RATE } from "../kit/pcm.ts";
import { SILENT_PACKET, SPEAKING_FRAME } from "./opus.ts";
import { parseRtp, type RtpPacket } from "./rtp-packet.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { levelOf, shareAt, tone } from "./testing/tone.ts";

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

const isSilence = ({ packet }: { packet: RtpPacket }) =>
  Buffer.compare(packet.payload, SILENT_PACKET) === 0;

describe("the outlet", () => {
  it("sends a packet each 20 ms without a gap: silence, then what was written", async () => {
    const { outlet, packets } = await openOutlet();
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(10));
    expect(packets.every(isSilence)).toBe(true);
    outlet.write(tone(440, SPEAKING_FRAME * 25 + 100));
    expect(outlet.bufferedMs).toBeCloseTo(504.2, 0);
    outlet.flush();
    await vi.waitFor(() => expect(outlet.bufferedMs).toBe(0), 2_000);
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(45), 2_000);
    const loud = packets.filter((packet) => !isSilence(packet));
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
  });

  it("marks the first packet of each talkspurt", async () => {
    const { outlet, packets } = await openOutlet();
    for (const spurt of [1, 2]) {
      outlet.write(tone(440, SPEAKING_FRAME * 3));
      await vi.waitFor(() => {
        expect(packets.filter(({ packet }) => packet.marker).length).toBe(spurt);
        expect(packets.slice(-3).every(isSilence)).toBe(true);
      });
    }
  });

  it("tells when the first of what was written leaves, once", async () => {
    const { outlet, packets } = await openOutlet();
    const marks: string[] = [];
    outlet.write(tone(440, SPEAKING_FRAME * 3 + 7), () => marks.push("one"));
    outlet.write(tone(440, SPEAKING_FRAME * 3), () => marks.push("two"));
    outlet.write(new Int16Array(0), () => marks.push("nothing"));
    expect(marks).toEqual([]);
    await vi.waitFor(() => expect(marks).toEqual(["one"]), { interval: 2 });
    expect(outlet.bufferedMs).toBeGreaterThan(80);
    await vi.waitFor(() => expect(marks).toEqual(["one", "two"]), { interval: 2 });
    expect(outlet.bufferedMs).toBeGreaterThan(20);
    await vi.waitFor(() => expect(packets.filter(({ packet }) => packet.marker).length).toBe(1));
  });

  it("keeps a started frame until it is full or flushed", async () => {
    const { outlet, packets } = await openOutlet();
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(0));
    outlet.write(tone(440, 100));
    await vi.waitFor(() => expect(packets.length).toBeGreaterThan(4));
    expect(packets.every(isSilence)).toBe(true);
    expect(outlet.bufferedMs).toBeGreaterThan(4);
    outlet.flush();
    await vi.waitFor(() => expect(packets.filter((packet) => !isSilence(packet)).length).toBe(1));
    expect(outlet.bufferedMs).toBe(0);
  });

  it("is heard by the inlet as it was written", async () => {
    const { outlet, room } = await openOutlet();
    const stop = new AbortController();
    const heard: PcmFrame[] = [];
    const listening = (async () => {
      for await (const frame of room.openInlet(outlet.producerId, stop)) heard.push(frame);
    })();
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(3));
    outlet.write(tone(523, SPEAKING_RATE / 2));
    const loud = () => heard.filter(({ samples }) => levelOf(samples) > 2_000);
    await vi.waitFor(() => expect(loud().length).toBeGreaterThanOrEqual(23), 2_000);
    const samples = loud().slice(2, 22);
    const together = Int16Array.from(samples.flatMap((frame) => Array.from(frame.samples)));
    expect(shareAt(together, 523)).toBeGreaterThan(0.97);
    stop.abort();
    await listening;
  });

  it("forgets what waits when told to", async () => {
    const { outlet, packets } = await openOutlet();
    const mark = vi.fn();
    outlet.write(tone(440, SPEAKING_RATE));
    await vi.waitFor(() => expect(packets.some((packet) => !isSilence(packet))).toBe(true));
    outlet.write(tone(440, SPEAKING_RATE), mark);
    outlet.drop();
    expect(outlet.bufferedMs).toBe(0);
    await vi.waitFor(() => expect(packets.slice(-5).every(isSilence)).toBe(true));
    expect(packets.filter((packet) => !isSilence(packet)).length).toBeLessThan(20);
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
