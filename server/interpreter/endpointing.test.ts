import { describe, expect, test } from "vitest";
import { createEndpointer, type EndpointEvent, WINDOW } from "./endpointing.ts";
import { endpointPolicy } from "./policy.ts";

const loud = new Int16Array(WINDOW).fill(8000);
const soft = new Int16Array(WINDOW).fill(20);
const ms = (samples: number) => samples / 16;
/** Windows that last about as long. */
const windows = (ms: number) => Math.round((ms * 16) / WINDOW);

type Part = [ms: number, probability: number, window?: Int16Array];

function run(parts: Part[], policy = endpointPolicy) {
  const endpointer = createEndpointer(policy);
  const events: (EndpointEvent & { decidedAt: number })[] = [];
  for (const [length, probability, window = probability > 0.4 ? loud : soft] of parts) {
    for (let count = windows(length); count > 0; count -= 1) {
      for (const event of endpointer.push(window, probability)) {
        events.push({ ...event, decidedAt: endpointer.position });
      }
    }
  }
  return { endpointer, events };
}

describe("the start of speech", () => {
  test("is the first of two windows in a row that are likely speech", () => {
    const { events } = run([
      [992, 0],
      [320, 0.9],
    ]);
    expect(events).toMatchObject([{ type: "start", startedAt: 31 * WINDOW }]);
    expect(events[0]?.decidedAt).toBe(33 * WINDOW);
  });

  test("isn't a single window", () => {
    const { events } = run([
      [320, 0],
      [32, 0.9],
      [320, 0.2],
      [32, 0.9],
      [320, 0],
    ]);
    expect(events).toEqual([]);
  });

  test("gives the recogniser 300 ms from before, as far as there are any", () => {
    expect(
      run([
        [960, 0],
        [64, 1],
      ]).events[0],
    ).toMatchObject({ from: (960 - 300) * 16, startedAt: 960 * 16 });
    expect(
      run([
        [96, 0],
        [64, 1],
      ]).events[0],
    ).toMatchObject({ from: 0 });
  });
});

describe("the end of speech", () => {
  test("comes with 350 ms of silence and is dated at its beginning", () => {
    const { events } = run([
      [320, 0],
      [960, 1],
      [960, 0],
    ]);
    expect(events[1]).toMatchObject({ type: "end", endedAt: 1280 * 16, brief: false });
    const waited = ms((events[1]?.decidedAt ?? 0) - 1280 * 16);
    expect(Math.abs(waited - 350)).toBeLessThanOrEqual(16);
  });

  test("doesn't come with a shorter pause", () => {
    const { events } = run([
      [960, 1],
      [288, 0],
      [960, 1],
      [288, 0],
    ]);
    expect(events.map(({ type }) => type)).toEqual(["start"]);
  });

  test("is where the voice falls silent, although the detector still believes in it", () => {
    const { events } = run([
      [960, 1],
      [96, 0.8, soft],
      [960, 0],
    ]);
    expect(events[1]).toMatchObject({ type: "end", endedAt: 960 * 16 });
  });

  test("is found within a window", () => {
    const half = loud.map((sample, index) => (index < WINDOW / 2 ? sample : 0));
    const { events } = run([
      [960, 1],
      [32, 0.9, half],
      [960, 0],
    ]);
    expect(events[1]).toMatchObject({ endedAt: 960 * 16 + WINDOW / 2 });
  });

  test("doesn't come when a loud voice becomes soft", () => {
    const murmur = new Int16Array(WINDOW).fill(500);
    const { events } = run([
      [960, 1],
      [3200, 0.8, murmur],
    ]);
    expect(events.map(({ type }) => type)).toEqual(["start"]);
  });

  test("of a click says that it was brief", () => {
    const { events } = run([
      [64, 0.9],
      [960, 0],
    ]);
    expect(events[1]).toMatchObject({ type: "end", brief: true });
  });

  test("comes with the end of the audio", () => {
    const { endpointer } = run([[960, 1]]);
    expect(endpointer.finish()).toMatchObject([{ type: "end", endedAt: 960 * 16 }]);
    expect(endpointer.finish()).toEqual([]);
  });
});

describe("an utterance that gets too long", () => {
  test("ends with a short pause over its last 5 seconds", () => {
    const { events } = run([
      [28_000, 1],
      [192, 0],
      [320, 1],
    ]);
    expect(events.map(({ type }) => type)).toEqual(["start", "end", "start"]);
    expect(events[1]).toMatchObject({ endedAt: 28_000 * 16 });
  });

  test("is cut at the maximum where it is quietest, and nothing is lost or given twice", () => {
    const quiet = new Int16Array(WINDOW).fill(1500);
    const { events, endpointer } = run([
      [29_760, 1],
      [32, 1, quiet],
      [12_000, 1],
    ]);
    expect(events.map(({ type }) => type)).toEqual(["start", "end", "start"]);
    const [, end, start] = events;
    const to = end?.type === "end" ? end.to : NaN;
    const from = start?.type === "start" ? start.from : NaN;
    expect(to).toBe(from);
    expect(ms(to)).toBeGreaterThan(29_760);
    expect(ms(to)).toBeLessThan(29_792);
    expect(endpointer.voicedTo).toBe(endpointer.position);
  });

  test("keeps back only the audio in which it may be cut", () => {
    const endpointer = createEndpointer(endpointPolicy);
    let fed = 0;
    for (let window = 0; window < windows(60_000); window += 1) {
      const cut = endpointer.push(loud, 1).some(({ type }) => type === "end");
      expect(endpointer.feedTo).toBeGreaterThanOrEqual(cut ? 0 : fed);
      expect(ms(endpointer.position - endpointer.feedTo)).toBeLessThanOrEqual(
        endpointPolicy.holdMs,
      );
      fed = endpointer.feedTo;
    }
  });
});

test("an utterance can be ended and followed by the next in mid-speech", () => {
  const { endpointer } = run([[960, 1]]);
  expect(endpointer.restart()).toMatchObject([
    { type: "end", to: 960 * 16 },
    { type: "start", from: 960 * 16 },
  ]);
});

test("windows that are judged together are those that decide nothing", () => {
  // Whatever the detector says: where it could wait, no event comes out of the windows waited for.
  let state = 7;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const endpointer = createEndpointer({ ...endpointPolicy, maximumUtteranceMs: 8_000 });
  let idle = 0;
  let waited = 0;
  for (let window = 0; window < 20_000; window += 1) {
    const speaking = Math.sin(window / 40) + random() > 0;
    const events = endpointer.push(speaking ? loud : soft, speaking ? 0.9 : 0.1);
    if (idle > 0) {
      expect(events).toEqual([]);
      idle -= 1;
      waited += 1;
    } else {
      idle = endpointer.idleWindows;
    }
  }
  expect(waited).toBeGreaterThan(5_000);
});
