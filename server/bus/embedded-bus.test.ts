import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Bus, type Delivered, defineTopic } from "./bus.ts";
import { EmbeddedBus } from "./embedded-bus.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const topic = defineTopic<string>("words", { retain: 100 });

let bus: EmbeddedBus;
let abort: AbortController;

beforeEach(() => {
  bus = new EmbeddedBus();
  abort = new AbortController();
});
afterEach(() => bus.close());

function subscribe(options: { lastEventId?: string; bus?: Bus } = {}) {
  return (options.bus ?? bus).subscribe(topic, "room", {
    lastEventId: options.lastEventId,
    signal: abort.signal,
  });
}

async function take<Event>(events: AsyncIterable<Delivered<Event>>, count: number) {
  const taken: Delivered<Event>[] = [];
  for await (const delivered of events) {
    taken.push(delivered);
    if (taken.length === count) break;
  }
  return taken;
}

const words = (delivered: Delivered<string>[]) => delivered.map(({ event }) => event);

it("tells nobody who comes back what was to be forgotten, and goes on with the rest", async () => {
  const { position } = await subscribe();
  for (const word of ["a", "secret", "b"]) bus.publish(topic, "room", word);
  bus.publish(topic, "hall", "secret");
  bus.publish(defineTopic<string>("words-of-others", { retain: 9 }), "room", "secret");
  expect(bus.forget(topic, (word) => word === "secret")).toEqual([
    { key: "room", event: "secret" },
    { key: "hall", event: "secret" },
  ]);
  const { resumed, events } = await subscribe({ lastEventId: position });
  bus.publish(topic, "room", "c");
  expect(resumed).toBe(true);
  expect(words(await take(events, 3))).toEqual(["a", "b", "c"]);
});

describe("subscribing", () => {
  it("gives what is published from then on, in order, to everyone, as one object", async () => {
    bus.publish(topic, "room", "before");
    const [one, two] = await Promise.all([subscribe(), subscribe()]);
    for (const word of ["a", "b", "c"]) bus.publish(topic, "room", word);
    bus.publish(topic, "other", "elsewhere");
    const first = await take(one.events, 3);
    const second = await take(two.events, 3);
    expect(one.resumed).toBe(false);
    expect(words(first)).toEqual(["a", "b", "c"]);
    expect(second[0]).toBe(first[0]);
  });

  it("wakes a reader that waits", async () => {
    const { events } = await subscribe();
    const taken = take(events, 2);
    bus.publish(topic, "room", "a");
    await Promise.resolve();
    bus.publish(topic, "room", "b");
    expect(words(await taken)).toEqual(["a", "b"]);
  });

  it("ends when the signal aborts, also when it has before, and when the bus closes", async () => {
    const waiting = await subscribe();
    const reading = take(waiting.events, 1);
    abort.abort();
    expect(await reading).toEqual([]);
    expect(await take((await subscribe()).events, 1)).toEqual([]);
    abort = new AbortController();
    const closing = take((await subscribe()).events, 1);
    await bus.close();
    expect(await closing).toEqual([]);
    expect(await take((await subscribe()).events, 1)).toEqual([]);
  });
});

describe("resuming", () => {
  it("gives what came after an event, and only that", async () => {
    const { events } = await subscribe();
    for (const word of ["a", "b", "c"]) bus.publish(topic, "room", word);
    const [first] = await take(events, 1);
    const again = await subscribe({ lastEventId: first?.id });
    expect(again.resumed).toBe(true);
    expect(words(await take(again.events, 2))).toEqual(["b", "c"]);
  });

  it("from the position of a subscription misses nothing", async () => {
    const { position } = await subscribe();
    bus.publish(topic, "room", "a");
    const again = await subscribe({ lastEventId: position });
    expect(again.resumed).toBe(true);
    expect(words(await take(again.events, 1))).toEqual(["a"]);
  });

  it.each(["", "nonsense", "AAAAAAAA.1", "."])("with the foreign id %o starts anew", async (id) => {
    bus.publish(topic, "room", "a");
    expect((await subscribe({ lastEventId: id })).resumed).toBe(false);
  });

  it("with an id of an earlier process, or of the future, starts anew", async () => {
    const earlier = new EmbeddedBus();
    const { position } = await subscribe({ bus: earlier });
    await earlier.close();
    expect((await subscribe({ lastEventId: position })).resumed).toBe(false);
    const { position: now } = await subscribe();
    const future = now.replace(/^[^.]+/u, "zzz");
    expect((await subscribe({ lastEventId: future })).resumed).toBe(false);
  });

  it("with an id that nobody was given here starts anew: it is no way to what was before", async () => {
    const { position: elsewhere } = await bus.subscribe(topic, "other", { signal: abort.signal });
    const { position: first } = await subscribe();
    bus.publish(topic, "room", "a");
    const { position: second } = await subscribe();
    expect((await subscribe({ lastEventId: first })).resumed).toBe(true);
    expect((await subscribe({ lastEventId: elsewhere })).resumed).toBe(false);
    const [place = ""] = second.split(".");
    const made = second.replace(place, (Number.parseInt(place, 36) - 1).toString(36));
    expect((await subscribe({ lastEventId: made })).resumed).toBe(false);
  });

  it("over something from before one may know it starts anew", async () => {
    const { position } = await subscribe();
    vi.useFakeTimers({ toFake: ["Date"], now: 1000 });
    try {
      for (const word of ["a", "b"]) bus.publish(topic, "room", word);
      vi.setSystemTime(2000);
      bus.publish(topic, "room", "c");
    } finally {
      vi.useRealTimers();
    }
    const from = (lastEventId: string, since: number) =>
      bus.subscribe(topic, "room", { lastEventId, since, signal: abort.signal });
    expect((await from(position, 1000)).resumed).toBe(false);
    const resumed = await from(position, 999);
    const ids = (await take(resumed.events, 3)).map(({ id }) => id);
    expect([resumed.resumed, ids.length]).toEqual([true, 3]);
    expect((await from(ids[0] ?? "", 1000)).resumed).toBe(false);
    const rest = await from(ids[1] ?? "", 1000);
    expect(words(await take(rest.events, 1))).toEqual(["c"]);
    expect((await from(ids[2] ?? "", 9000)).resumed).toBe(true);
  });

  it("after more than the topic retains starts anew", async () => {
    const { position } = await subscribe();
    for (let count = 0; count < 100; count += 1) bus.publish(topic, "room", `${count}`);
    expect((await subscribe({ lastEventId: position })).resumed).toBe(true);
    for (let count = 0; count < 100; count += 1) bus.publish(topic, "room", `${count}`);
    expect((await subscribe({ lastEventId: position })).resumed).toBe(false);
  });
});

describe("a slow reader", () => {
  it("gets only the newest of the events that replace each other, in its place", async () => {
    const { events, position } = await subscribe();
    bus.publish(topic, "room", "hel", { replaces: "partial" });
    bus.publish(topic, "room", "other");
    bus.publish(topic, "room", "hello", { replaces: "partial" });
    bus.publish(topic, "room", "hello!", { replaces: "partial" });
    expect(words(await take(events, 2))).toEqual(["other", "hello!"]);
    const resumed = await subscribe({ lastEventId: position });
    expect(words(await take(resumed.events, 2))).toEqual(["other", "hello!"]);
  });

  it("loses nothing to events that replace each other, however many there are", async () => {
    const { events } = await subscribe();
    bus.publish(topic, "room", "kept");
    for (let count = 0; count < 5000; count += 1) {
      bus.publish(topic, "room", `partial ${count}`, { replaces: "partial" });
    }
    expect(words(await take(events, 2))).toEqual(["kept", "partial 4999"]);
  });

  it("that missed something gets an error, and others notice nothing", async () => {
    const slow = await subscribe();
    const quick = await subscribe();
    const reading = take(quick.events, 300);
    for (let count = 0; count < 300; count += 1) {
      bus.publish(topic, "room", `${count}`);
      await Promise.resolve();
    }
    await expect(take(slow.events, 1)).rejects.toMatchObject({ reason: "FELL_BEHIND" });
    expect(await reading).toHaveLength(300);
  });
});

describe("a listener", () => {
  it("is told at the moment of publishing, after what has waited for it", async () => {
    const { events } = await subscribe();
    bus.publish(topic, "room", "a");
    const heard: string[] = [];
    const listening = events.each(({ event }) => void heard.push(event));
    expect(heard).toEqual(["a"]);
    bus.publish(topic, "room", "b");
    expect(heard).toEqual(["a", "b"]);
    abort.abort();
    bus.publish(topic, "room", "c");
    await listening;
    expect(heard).toEqual(["a", "b"]);
  });

  it("hears everything in order, also what another one publishes when it hears something", async () => {
    const [one, two] = await Promise.all([subscribe(), subscribe()]);
    const heard: string[][] = [[], []];
    void one.events.each(({ event }) => {
      heard[0]?.push(event);
      if (event === "a") bus.publish(topic, "room", "b");
    });
    void two.events.each(({ event }) => void heard[1]?.push(event));
    bus.publish(topic, "room", "a");
    bus.publish(topic, "room", "c");
    expect(heard).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("is waited for while it has not done with an event", async () => {
    const { events } = await subscribe();
    const heard: string[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    void events.each(({ event }) => {
      heard.push(event);
      return event === "a" ? done : undefined;
    });
    for (const word of ["a", "b", "c"]) bus.publish(topic, "room", word);
    expect(heard).toEqual(["a"]);
    resolve();
    await eventually(() => expect(heard).toEqual(["a", "b", "c"]));
    bus.publish(topic, "room", "d");
    expect(heard).toHaveLength(4);
  });

  it("gets an error when it kept so much waiting that something is missing", async () => {
    const { events } = await subscribe();
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const listening = events.each(() => done);
    for (let count = 0; count < 300; count += 1) bus.publish(topic, "room", `${count}`);
    resolve();
    await expect(listening).rejects.toMatchObject({ reason: "FELL_BEHIND" });
  });

  it("that fails hears nothing more, and others hear on", async () => {
    const [one, two] = await Promise.all([subscribe(), subscribe()]);
    const failing = vi.fn<() => void>(() => {
      throw new Error("no");
    });
    const listening = one.events.each(failing);
    const heard: string[] = [];
    void two.events.each(({ event }) => void heard.push(event));
    for (const word of ["a", "b"]) bus.publish(topic, "room", word);
    await expect(listening).rejects.toThrow("no");
    expect(failing).toHaveBeenCalledOnce();
    expect(heard).toEqual(["a", "b"]);
  });
});

it("keeps what was published for a reader who was cut off for 30 seconds and more", async () => {
  vi.useFakeTimers();
  try {
    const patient = new EmbeddedBus();
    const { position } = await subscribe({ bus: patient });
    abort.abort();
    patient.publish(topic, "room", "a");
    vi.advanceTimersByTime(61_000);
    abort = new AbortController();
    const again = await subscribe({ bus: patient, lastEventId: position });
    expect(again.resumed).toBe(true);
    expect(words(await take(again.events, 1))).toEqual(["a"]);
    await patient.close();
  } finally {
    vi.useRealTimers();
  }
});

it("frees what nobody reads any more", async () => {
  vi.useFakeTimers();
  try {
    const brief = new EmbeddedBus({ keepMs: 1000 });
    const { events, position } = await brief.subscribe(topic, "room", { signal: abort.signal });
    brief.publish(topic, "room", "a");
    vi.advanceTimersByTime(5000);
    expect(brief.size).toBe(1);
    abort.abort();
    await take(events, 1);
    vi.advanceTimersByTime(5000);
    expect(brief.size).toBe(0);
    abort = new AbortController();
    expect((await subscribe({ bus: brief, lastEventId: position })).resumed).toBe(false);
    await brief.close();
  } finally {
    vi.useRealTimers();
  }
});
