import { tracked } from "@trpc/server";
import { expect, it, vi } from "vitest";
import { createEventFrames } from "./event-frames.ts";
import { textFrame } from "./text-frame.ts";

/** What a client makes of the bytes (RFC 6455, 5.2). */
function read(...frames: Buffer[]): string[] {
  const bytes = Buffer.concat(frames);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81);
    const short = bytes.readUInt8(at + 1);
    const [head, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))];
    // The shortest form is the only one that is allowed.
    expect(head).toBe(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    texts.push(bytes.toString("utf8", at + head, at + head + length));
    at += head + length;
  }
  return texts;
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 300_000])("frames a text of %i letters", (length) => {
  const text = "é".repeat(length);
  expect(read(textFrame(text))).toEqual([text]);
});

it("serialises an event once, and frames it once for each call that it answers", () => {
  const serialise = vi.fn<(data: unknown) => unknown>((data) => data);
  const frames = createEventFrames(serialise);
  const event = { text: "hé" };
  const one = frames.frame('{"id":1,"result":', tracked("a.1", event));
  const same = frames.frame('{"id":1,"result":', tracked("a.1", event));
  const other = frames.frame('{"id":"x","result":', tracked("a.1", event));
  expect(same).toBe(one);
  expect(serialise).toHaveBeenCalledOnce();
  const result = '{"type":"data","data":{"id":"a.1","data":{"text":"hé"}},"id":"a.1"}';
  expect(read(one, other)).toEqual([
    `{"id":1,"result":${result}}`,
    `{"id":"x","result":${result}}`,
  ]);
});

it("keeps no frames of the events before: each may have as many as it had readers", () => {
  const serialise = vi.fn<(data: unknown) => unknown>((data) => data);
  const frames = createEventFrames(serialise);
  const [event, next] = [{ text: "a" }, { text: "b" }];
  const first = () => frames.frame('{"id":1,"result":', tracked("1", event));
  const frame = first();
  frames.frame('{"id":1,"result":', tracked("2", next));
  expect(first()).not.toBe(frame);
  expect(first()).toEqual(frame);
  // Who comes back later is told the same.
  expect(serialise).toHaveBeenCalledTimes(2);
});

it("tells one event under two ids apart", () => {
  const frames = createEventFrames((data) => data);
  const event = { text: "a" };
  const [one, two] = ["1", "2"].map((id) => frames.frame('{"id":1,"result":', tracked(id, event)));
  expect(one).not.toEqual(two);
});

it("frames what has no id, and what is no object", () => {
  const frames = createEventFrames((data) => data);
  const head = '{"id":1,"result":';
  const texts = read(
    frames.frame(head, { muted: true }),
    frames.frame(head, tracked("7", "text")),
    frames.frame(head, null),
    frames.frame(head, undefined),
  );
  expect(texts).toEqual([
    '{"id":1,"result":{"type":"data","data":{"muted":true}}}',
    '{"id":1,"result":{"type":"data","data":{"id":"7","data":"text"},"id":"7"}}',
    '{"id":1,"result":{"type":"data","data":null}}',
    '{"id":1,"result":{"type":"data"}}',
  ]);
});
