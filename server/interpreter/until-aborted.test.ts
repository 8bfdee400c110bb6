import { expect, test } from "vitest";
import { AsyncQueue } from "../kit/async-queue.ts";
import { untilAborted } from "./until-aborted.ts";

async function readAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = [];
  for await (const item of items) read.push(item);
  return read;
}

test("gives what the source gives, and ends with it", async () => {
  const source = new AsyncQueue<string>();
  const read = readAll(untilAborted(source, new AbortController().signal));
  source.push("one");
  source.push("two");
  source.end();
  expect(await read).toEqual(["one", "two"]);
});

test("an abort ends it while the source is silent, and lets go of the source", async () => {
  const source = new AsyncQueue<string>();
  const abort = new AbortController();
  const read = readAll(untilAborted(source, abort.signal));
  source.push("one");
  await new Promise(setImmediate);
  abort.abort();
  expect(await read).toEqual(["one"]);
  expect(source.ended).toBe(true);
});

test("gives nothing after an abort, not even what waits", async () => {
  const source = new AsyncQueue<string>();
  source.push("one");
  expect(await readAll(untilAborted(source, AbortSignal.abort()))).toEqual([]);
  expect(source.ended).toBe(true);
});

test("an error of the source ends it", async () => {
  const source = new AsyncQueue<string>();
  const read = readAll(untilAborted(source, new AbortController().signal));
  source.fail(new Error("the line is dead"));
  await expect(read).rejects.toThrow("the line is dead");
});

test("whoever stops reading lets go of the source", async () => {
  const source = new AsyncQueue<string>();
  source.push("one");
  for await (const item of untilAborted(source, new AbortController().signal)) {
    expect(item).toBe("one");
    break;
  }
  expect(source.ended).toBe(true);
});
