import { describe, expect, it } from "vitest";
import { buildRtp, parseRtp, sequenceDistance } from "./rtp-packet.ts";

const packet = {
  payloadType: 100,
  sequence: 65_535,
  timestamp: 0xffff_fff0,
  ssrc: 0x1234_5678,
  marker: true,
  payload: Uint8Array.of(1, 2, 3, 4),
};

describe("an RTP packet", () => {
  it("is read as it was written", () => {
    const parsed = parseRtp(buildRtp(packet));
    expect(parsed).toEqual({ ...packet, payload: Buffer.from([1, 2, 3, 4]) });
  });

  it("may have contributing sources, an extension and padding", () => {
    const plain = buildRtp(packet);
    const header = Buffer.from(plain.subarray(0, 12));
    header.writeUInt8(0x80 | 0x20 | 0x10 | 2, 0);
    const sources = Buffer.alloc(8, 7);
    const extension = Buffer.from([0xbe, 0xde, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2]);
    const padding = Buffer.from([0, 0, 3]);
    const bytes = Buffer.concat([header, sources, extension, packet.payload, padding]);
    expect(parseRtp(bytes)?.payload).toEqual(Buffer.from([1, 2, 3, 4]));
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["too little", Buffer.alloc(11, 0x80)],
    ["another version", Buffer.alloc(20, 0x40)],
    ["sources beyond its end", Buffer.concat([Buffer.from([0x8f]), Buffer.alloc(20)])],
    ["an extension beyond its end", Buffer.concat([Buffer.from([0x90]), Buffer.alloc(15, 0xff)])],
    ["padding beyond its start", Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(15, 0xff)])],
    ["padding of nothing", Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(15, 0)])],
  ])("is not: %s", (_, bytes) => {
    expect(parseRtp(bytes)).toBeUndefined();
  });

  it("never makes the parser fail, whatever the bytes", () => {
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 0x7fff_ffff) & 0xff;
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Buffer.from(Array.from({ length: random() % 64 }, random));
      expect(() => parseRtp(bytes)).not.toThrow();
    }
  });

  it("has a sequence that wraps", () => {
    expect(sequenceDistance(2, 65_534)).toBe(4);
    expect(sequenceDistance(65_534, 2)).toBe(-4);
    expect(sequenceDistance(7, 7)).toBe(0);
  });
});
