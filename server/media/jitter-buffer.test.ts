import { describe, expect, it } from "vitest";
import { createJitterBuffer, type JitterItem } from "./jitter-buffer.ts";

const packet = (sequence: number, ssrc = 1) => ({
  payloadType: 100,
  sequence: sequence & 0xffff,
  timestamp: 0,
  ssrc,
  marker: false,
  payload: Uint8Array.of(1),
});

const shape = (items: JitterItem[]) =>
  items.map((item) => {
    if (item.type === "packet") return item.packet.sequence;
    return item.type === "lost" ? `lost ${item.count}` : item.type;
  });

describe("the jitter buffer", () => {
  it("passes packets in order at once, across the wrap of their numbers", () => {
    const buffer = createJitterBuffer();
    const out = [65_534, 65_535, 65_536, 65_537].flatMap((n) => buffer.push(packet(n), 0));
    expect(shape(out)).toEqual(["restart", 65_534, 65_535, 0, 1]);
    expect(buffer.dueAt).toBeUndefined();
  });

  it("puts packets that overtook each other into order", () => {
    const buffer = createJitterBuffer();
    const out = [10, 12, 13, 11, 14].flatMap((n) => buffer.push(packet(n), 0));
    expect(shape(out)).toEqual(["restart", 10, 11, 12, 13, 14]);
  });

  it("gives up on a missing packet after a while and says how many are lost", () => {
    const buffer = createJitterBuffer();
    buffer.push(packet(10), 0);
    expect(buffer.push(packet(13), 20)).toEqual([]);
    expect(buffer.dueAt).toBe(80);
    expect(buffer.flush(79)).toEqual([]);
    expect(shape(buffer.flush(80))).toEqual(["lost 2", 13]);
    expect(buffer.dueAt).toBeUndefined();
  });

  it("gives up by itself when later packets come late enough", () => {
    const buffer = createJitterBuffer();
    buffer.push(packet(10), 0);
    expect(buffer.push(packet(12), 40)).toEqual([]);
    expect(buffer.push(packet(14), 60)).toEqual([]);
    expect(shape(buffer.push(packet(15), 101))).toEqual(["lost 1", 12]);
    expect(buffer.dueAt).toBe(120);
    expect(shape(buffer.flush(120))).toEqual(["lost 1", 14, 15]);
  });

  it("drops duplicates and latecomers", () => {
    const buffer = createJitterBuffer();
    const out = [10, 10, 11, 9, 13, 13, 12, 12].flatMap((n) => buffer.push(packet(n), 0));
    expect(shape(out)).toEqual(["restart", 10, 11, 12, 13]);
  });

  it("starts anew with another source, and after a jump that no loss explains", () => {
    const buffer = createJitterBuffer();
    buffer.push(packet(10), 0);
    expect(shape(buffer.push(packet(5_000, 2), 0))).toEqual(["restart", 5_000]);
    expect(shape(buffer.push(packet(20, 2), 0))).toEqual(["restart", 20]);
    expect(shape(buffer.push(packet(121, 2), 0))).toEqual([]);
    expect(shape(buffer.push(packet(122 + 101, 2), 0))).toEqual([121, "restart", 223]);
  });

  it("never keeps more than two seconds, whatever comes", () => {
    const buffer = createJitterBuffer();
    let given = 0;
    for (let n = 0; n < 20_000; n += 1) {
      given += buffer.push(packet((n * 7) % 1_000), 0).length;
    }
    expect(given).toBeGreaterThan(0);
    const rest = buffer.flush(1_000).filter(({ type }) => type === "packet");
    expect(rest.length).toBeLessThanOrEqual(100);
  });
});
