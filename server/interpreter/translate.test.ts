import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { AsyncQueue } from "../kit/async-queue.ts";
import type { Clause } from "./speech.ts";
import { all, clauseOf, fakeTranslator, queueOf } from "./testing/fakes.ts";
import { translate } from "./translate.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const signal = new AbortController().signal;

function clauses(...texts: string[]) {
  const queue = queueOf(...texts.map((text, index) => clauseOf(text, { index })));
  queue.end();
  return queue;
}

test("clauses come out in their order, however long each takes", async () => {
  const times: Record<string, number> = { one: 60, two: 5, three: 1 };
  const translator = fakeTranslator(async ({ text, to }) => {
    await sleep(times[text]);
    return `${to}:${text}`;
  });
  const translated = await all(
    translate(clauses("one", "two", "three"), { to: "es", translator, signal }),
  );
  expect(translated.map(({ text }) => text)).toEqual(["es:one", "es:two", "es:three"]);
});

test("each is asked for once, with the three clauses before it as context", async () => {
  const ask = vi.fn(({ text }: { text: string; context: readonly string[] }) =>
    Promise.resolve(text),
  );
  await all(
    translate(clauses("a", "b", "", "c", "d", "e"), {
      to: "es",
      translator: fakeTranslator(ask),
      signal,
    }),
  );
  expect(ask.mock.calls.map(([{ text, context }]) => [text].concat(context))).toEqual([
    ["a"],
    ["b", "a"],
    ["c", "a", "b"],
    ["d", "a", "b", "c"],
    ["e", "b", "c", "d"],
  ]);
});

test("a failure costs its clause and no other", async () => {
  const error = new Error("no");
  const translator = fakeTranslator(({ text }) =>
    text === "b" ? Promise.reject(error) : Promise.resolve(text.toUpperCase()),
  );
  expect(
    await all(translate(clauses("a", "b", "c"), { to: "es", translator, signal })),
  ).toMatchObject([{ text: "A" }, { text: "", error }, { text: "C" }]);
});

test("a translator that talks without end costs its clause and no other", async () => {
  const translator = fakeTranslator(({ text }) =>
    Promise.resolve(text === "b" ? "blah ".repeat(100_000) : text),
  );
  expect(
    await all(translate(clauses("a", "b", "c"), { to: "es", translator, signal })),
  ).toMatchObject([{ text: "a" }, { text: "", error: { code: "failed" } }, { text: "c" }]);
});

test("a translator that never answers costs its clause, and is told to stop", async () => {
  let aborted = 0;
  const translator = fakeTranslator(({ text, signal }) => {
    signal.addEventListener("abort", () => (aborted += 1));
    return text === "b" ? new Promise(() => undefined) : Promise.resolve(text);
  });
  const translated = await all(
    translate(clauses("a", "b", "c"), { to: "es", translator, signal, timeoutMs: 30 }),
  );
  expect(translated).toMatchObject([
    { text: "a" },
    { text: "", error: { name: "EngineError", code: "timeout" } },
    { text: "c" },
  ]);
  expect(aborted).toBe(1);
});

test("nobody is asked about empty clauses and clauses in the same language", async () => {
  const translator = fakeTranslator(() => Promise.reject(new Error("asked")));
  expect(await all(translate(clauses(""), { to: "es", translator, signal }))).toMatchObject([
    { text: "" },
  ]);
  expect(await all(translate(clauses("colour"), { to: "en-US", translator, signal }))).toEqual([
    { clause: expect.objectContaining({ text: "colour" }), to: "en-US", text: "colour" },
  ]);
});

test("no more than three are under way at once", async () => {
  let running = 0;
  let most = 0;
  const translator = fakeTranslator(async ({ text }) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(3);
    running -= 1;
    return text;
  });
  await all(translate(clauses(...Array.from("abcdefghij")), { to: "es", translator, signal }));
  expect(most).toBe(3);
});

test("an abort ends it at once, in the middle of a request and between them", async () => {
  const stop = new AbortController();
  const source = new AsyncQueue<Clause>();
  let asked = false;
  const translator = fakeTranslator(() => {
    asked = true;
    return new Promise(() => undefined);
  });
  const done = all(translate(source, { to: "es", translator, signal: stop.signal }));
  source.push(clauseOf("a"));
  await eventually(() => expect(asked).toBe(true));
  stop.abort();
  expect(await done).toEqual([]);
  expect(source.ended).toBe(true);
});
