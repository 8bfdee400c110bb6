import { Encoder } from "@evan/opus";
import { describe, expect, it } from "vitest";
import { createOpusDecoder, createOpusEncoder, SILENT_PACKET, SPEAKING_FRAME } from "./opus.ts";
import { levelOf, shareAt, tone } from "./testing/tone.ts";

describe("the Opus decoder", () => {
  it("gives silence for the packet of silence", () => {
    const samples = createOpusDecoder().decode(SILENT_PACKET);
    expect(samples.length).toBe(320);
    expect(levelOf(samples)).toBe(0);
  });

  it("keeps apart what it gives and what it gives next", () => {
    const [encoder, decoder] = [createOpusEncoder(), createOpusDecoder()];
    const packets = Array.from({ length: 10 }, (_, index) =>
      encoder.encode(tone(440, SPEAKING_FRAME, index * SPEAKING_FRAME)),
    );
    const frames = packets.map((packet) => decoder.decode(packet));
    const before = frames.map((frame) => frame.slice());
    for (const packet of packets) decoder.decode(packet);
    expect(frames).toEqual(before);
  });

  it.each([10, 20, 40, 60, 120])("conceals a lost packet of %i ms by as much sound", (ms) => {
    const encoder = new Encoder({ channels: 2, sample_rate: 48_000, application: "voip" });
    const decoder = createOpusDecoder();
    const mono = tone(440, 48 * ms * 10, 0, 48_000);
    const stereo = Int16Array.from(
      { length: mono.length * 2 },
      (_, index) => mono[index >> 1] ?? 0,
    );
    const length = 48 * ms * 2;
    for (let packet = 0; packet < 10; packet += 1) {
      const bytes = encoder.encode(stereo.subarray(packet * length, (packet + 1) * length));
      expect(decoder.decode(bytes).length).toBe(16 * ms);
    }
    const concealed = decoder.conceal();
    expect(concealed.length).toBe(16 * ms);
    expect(levelOf(concealed.subarray(0, 160))).toBeGreaterThan(2_000);
    expect(shareAt(concealed.subarray(0, 160), 440)).toBeGreaterThan(0.7);
  });

  it("fades while more and more is lost", () => {
    const [encoder, decoder] = [createOpusEncoder(), createOpusDecoder()];
    for (let index = 0; index < 20; index += 1) {
      decoder.decode(encoder.encode(tone(440, SPEAKING_FRAME, index * SPEAKING_FRAME)));
    }
    const first = levelOf(decoder.conceal());
    for (let lost = 0; lost < 20; lost += 1) decoder.conceal();
    expect(levelOf(decoder.conceal())).toBeLessThan(first / 4);
  });

  it("throws for what is no packet", () => {
    expect(() => createOpusDecoder().decode(new Uint8Array(0))).toThrow();
    expect(() => createOpusDecoder().decode(Uint8Array.of(0b11, 0xff, 1, 2, 3))).toThrow();
  });
});
