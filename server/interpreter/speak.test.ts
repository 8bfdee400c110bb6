import { describe, expect, test } from "vitest";
import { AsyncQueue } from "../kit/async-queue.ts";
import type { SynthesisRequest } from "./engines.ts";
import { speak, type SpeakOptions } from "./speak.ts";
import type { Spoken, TranslatedClause } from "./speech.ts";
import { all, clauseOf, fakeSynthesiser, queueOf } from "./testing/fakes.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const chunk = new Int16Array(2_400).fill(1_000);
const asked: SynthesisRequest[] = [];
const voice = fakeSynthesiser(async function* (request) {
  asked.push(request);
  yield chunk;
  yield chunk;
});

/** A clause that the speaker ended `ago` ms ago. */
const said = (text: string, ago = 0): TranslatedClause => ({
  clause: clauseOf(text, { endedAt: performance.now() - ago }),
  to: "es",
  text,
});

function ended(...items: TranslatedClause[]) {
  const queue = queueOf(...items);
  queue.end();
  return queue;
}

function start(clauses: AsyncIterable<TranslatedClause>, part: Partial<SpeakOptions> = {}) {
  asked.length = 0;
  return speak(clauses, {
    language: "es",
    synthesiser: voice,
    backlogMs: () => 0,
    signal: new AbortController().signal,
    ...part,
  });
}

const short = (spoken: Spoken[]) =>
  spoken.map((part) => (part.type === "audio" ? "audio" : `${part.type} ${part.clause.text}`));

const whole = (text: string) => [`begin ${text}`, "audio", "audio", `end ${text}`];

test("each clause is begun, heard and ended, in order", async () => {
  expect(short(await all(start(ended(said("a"), said("b")))))).toEqual([
    ...whole("a"),
    ...whole("b"),
  ]);
  expect(asked).toMatchObject([
    { text: "a", language: "es", rate: 1 },
    { text: "b", language: "es", rate: 1 },
  ]);
});

test("clauses without text are passed over", async () => {
  expect(await all(start(ended(said(""), said("  "))))).toEqual([]);
});

test("nobody waits for the silence that a synthesiser begins with", async () => {
  const hesitant = fakeSynthesiser(async function* () {
    yield new Int16Array(2_400);
    yield Int16Array.from({ length: 2_400 }, (_, index) => (index < 1_000 ? 10 : 1_000));
    yield new Int16Array(2_400);
  });
  const spoken = await all(start(ended(said("a")), { synthesiser: hesitant }));
  const lengths = spoken.map((part) => (part.type === "audio" ? part.samples.length : part.type));
  // What lies within a sentence is part of it, and so are 5 ms before its first sound.
  expect(lengths).toEqual(["begin", 1_400 + 120, 2_400, "end"]);
});

test("what waits makes the voice hurry", async () => {
  const sentence = "x".repeat(50);
  const spoken = await all(start(ended(said(sentence), said(sentence), said(sentence))));
  const rates = spoken.flatMap((part) => (part.type === "begin" ? [part.rate] : []));
  expect(rates[0]).toBe(1.35);
  expect(rates[1]).toBeGreaterThan(1.1);
  expect(rates[1]).toBeLessThan(1.35);
  expect(rates[2]).toBe(1);
});

describe("what is too old", () => {
  test("is left out, but not the newest until it is 10 s old", async () => {
    const spoken = await all(start(ended(said("a", 9_000), said("b", 8_500), said("c", 8_200))));
    expect(short(spoken)).toEqual(["skipped a", "skipped b", ...whole("c")]);
    expect(short(await all(start(ended(said("a", 10_001)))))).toEqual(["skipped a"]);
  });

  test("counts what the outlet still has to play", async () => {
    const policy = { aheadMs: 5_000 };
    const backlogMs = () => 4_000;
    const spoken = await all(start(ended(said("a", 6_500)), { policy, backlogMs }));
    expect(short(spoken)).toEqual(["skipped a"]);
  });

  test("is left out also when it was the synthesiser that took so long", async () => {
    const slow = fakeSynthesiser(async function* () {
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield chunk;
    });
    const spoken = await all(start(ended(said("a", 9_980)), { synthesiser: slow }));
    expect(short(spoken)).toEqual(["skipped a"]);
  });

  test("goes first when too many wait", async () => {
    const policy = { waitingClauses: 2, aheadMs: 100 };
    const clauses = queueOf(said("a"), said("b"), said("c"), said("d"));
    clauses.end();
    let backlog = 150;
    setTimeout(() => (backlog = 0), 30);
    const spoken = await all(start(clauses, { policy, backlogMs: () => backlog }));
    expect(short(spoken).filter((part) => part !== "audio")).toEqual(
      expect.arrayContaining(["skipped a", "skipped b", "end c", "end d"]),
    );
  });
});

test("a clause isn't begun while a second still waits in the outlet", async () => {
  let backlog = 1_200;
  const startedAt = performance.now();
  const [first] = await all(
    start(ended(said("a")), {
      backlogMs: () => Math.max(0, backlog - (performance.now() - startedAt)),
    }),
  );
  backlog = 0;
  expect(first?.type).toBe("begin");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199);
});

describe("a synthesiser that fails", () => {
  const failing = (synthesise: (text: string) => AsyncIterable<Int16Array>) =>
    all(
      start(ended(said("bad"), said("good")), {
        synthesiser: fakeSynthesiser((request) =>
          request.text === "bad" ? synthesise(request.text) : voice.synthesise(request),
        ),
        policy: { chunkTimeoutMs: 30 },
      }),
    );
  const good = whole("good");

  test("at once, in the middle, or by saying nothing costs its clause", async () => {
    const atOnce = failing(() => {
      throw new Error("no");
    });
    expect(short(await atOnce)).toEqual(["failed bad", ...good]);
    const inTheMiddle = failing(async function* () {
      yield chunk;
      throw new Error("no");
    });
    expect(short(await inTheMiddle)).toEqual(["begin bad", "audio", "failed bad", ...good]);
    const nothing = failing(async function* () {});
    expect(short(await nothing)).toEqual(["failed bad", ...good]);
  });

  test("by never answering costs its clause too", async () => {
    const spoken = await failing(async function* () {
      await new Promise(() => undefined);
      yield chunk;
    });
    expect(short(spoken)).toEqual(["failed bad", ...good]);
    expect(spoken[0]).toMatchObject({ error: { code: "timeout" } });
  });
});

describe("a synthesiser that has begun", () => {
  /** Voiced chunks of 60 ms, one at each turn of the event loop or each `ms`. */
  const endless = (ms = 0) => {
    let stopped = false;
    const synthesiser = fakeSynthesiser(async function* (request) {
      request.signal.addEventListener("abort", () => (stopped = true));
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        yield new Int16Array(1_440).fill(1_000);
      }
    });
    return { synthesiser, stopped: () => stopped };
  };

  test("and comes to no end is stopped, and the next clause has its turn", async () => {
    const { synthesiser, stopped } = endless();
    const policy = { endlessMs: 300 };
    const spoken = await all(start(ended(said("a"), said("b")), { synthesiser, policy }));
    const outcomes = spoken.filter(({ type }) => type !== "audio");
    expect(outcomes).toMatchObject([
      { type: "begin" },
      { type: "failed", error: { code: "failed" } },
      { type: "begin" },
      { type: "failed", error: { code: "failed" } },
    ]);
    // A letter may take 4 times 70 ms, and 300 ms more: of each clause 10 chunks.
    expect(spoken.length - outcomes.length).toBe(20);
    expect(stopped()).toBe(true);
  });

  test("and is slower than speech is stopped once what it says is 10 s old", async () => {
    const { synthesiser } = endless(150);
    const spoken = await all(start(ended(said("a".repeat(60), 9_000)), { synthesiser }));
    expect(spoken.at(-1)).toMatchObject({ type: "failed", error: { code: "timeout" } });
    expect(spoken[0]).toMatchObject({ type: "begin" });
    expect(spoken.length).toBeLessThan(25);
  });
});

test("an abort ends it at once and stops the synthesiser", async () => {
  const stop = new AbortController();
  const clauses = new AsyncQueue<TranslatedClause>();
  let stopped = false;
  const endless = fakeSynthesiser(async function* ({ signal }) {
    signal.addEventListener("abort", () => (stopped = true));
    yield chunk;
    await new Promise(() => undefined);
  });
  const heard: string[] = [];
  const done = (async () => {
    for await (const part of start(clauses, { synthesiser: endless, signal: stop.signal })) {
      heard.push(part.type);
    }
  })();
  clauses.push(said("a"));
  await eventually(() => expect(heard).toEqual(["begin", "audio"]));
  stop.abort();
  await done;
  expect(heard).toEqual(["begin", "audio"]);
  expect(stopped).toBe(true);
});
