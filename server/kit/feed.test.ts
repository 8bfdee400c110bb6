import { expect, it, vi } from "vitest";
import { Feed, type Reader } from "./feed.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const never = new AbortController().signal;

/** A feed, and the reader that it sends to once it is read. */
function openFeed(signal = never) {
  const { promise: opened, resolve: onOpen } = Promise.withResolvers<Reader<number>>();
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<void>();
  const feed = new Feed<number>(signal, async (reader, signal) => {
    onOpen(reader);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    onEnd();
  });
  return { feed, opened, ended };
}

it("sends to whoever runs it, at once and in order", async () => {
  const feed = new Feed<number>(never, async ({ send, ready }) => {
    send(1);
    await ready();
    send(2);
  });
  const sent: string[] = [];
  const reader = { send: (item: string) => void sent.push(item), ready: () => Promise.resolve() };
  await feed.map((number) => `${number}`).run(reader);
  expect(sent).toEqual(["1", "2"]);
});

it("begins when it is read, and not before", () => {
  const begin = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const feed = new Feed(never, begin);
  expect(begin).not.toHaveBeenCalled();
  void feed.next();
  expect(begin).toHaveBeenCalledOnce();
});

it("reads like any other iterable, to its end or its failure", async () => {
  const read: number[] = [];
  const failing = new Feed<number>(never, ({ send }) => {
    for (const item of [1, 2, 3]) send(item);
    return Promise.reject(new Error("over"));
  });
  await expect(
    (async () => {
      for await (const item of failing) read.push(item);
    })(),
  ).rejects.toThrow("over");
  expect(read).toEqual([1, 2, 3]);
  const ending = new Feed<number>(never, () => Promise.resolve());
  expect(await ending.next()).toEqual({ value: undefined, done: true });
});

it("ends for a reader that stops, and for one whose signal aborts", async () => {
  const stopped = openFeed();
  void stopped.opened.then(({ send }) => send(1));
  for await (const item of stopped.feed) {
    expect(item).toBe(1);
    break;
  }
  await stopped.ended;
  const abort = new AbortController();
  const aborted = openFeed(abort.signal);
  const reading = aborted.feed.next();
  abort.abort();
  await aborted.ended;
  expect(await reading).toEqual({ value: undefined, done: true });
});

it("waits with a replay until a reader that pulls has room", async () => {
  let sent = 0;
  const feed = new Feed<number>(never, async ({ send, ready }) => {
    for (; sent < 1000; sent += 1) {
      await ready();
      send(sent);
    }
  });
  const read: number[] = [(await feed.next()).value ?? -1];
  await eventually(() => expect(sent).toBeGreaterThan(50));
  expect(sent).toBeLessThan(200);
  for await (const item of feed) read.push(item);
  expect(read).toEqual(Array.from({ length: 1000 }, (_, index) => index));
});

it("cuts off a reader that pulls and falls too far behind with what is live", async () => {
  const { feed, opened, ended } = openFeed();
  const first = feed.next();
  const { send } = await opened;
  for (let item = 0; item < 2000; item += 1) send(item);
  expect((await first).value).toBe(0);
  await ended;
  await expect(
    (async () => {
      for await (const _item of feed);
    })(),
  ).rejects.toMatchObject({ reason: "FELL_BEHIND" });
});
