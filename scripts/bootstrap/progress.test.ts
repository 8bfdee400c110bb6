import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Progress } from "./progress.mjs";

let shown: string;
const write = (text: string) => (shown += text);

beforeEach(() => {
  shown = "";
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("without a terminal a step that takes long shows a line now and then", () => {
  const progress = new Progress({ write });
  progress.start("worker");
  vi.advanceTimersByTime(20_000);
  progress.update("worker", "7 of 9");
  vi.advanceTimersByTime(20_000);
  progress.end("worker", "ok");
  expect(shown.split("\n")).toEqual([
    "  .. worker",
    expect.stringMatching(/^ {2}\.\. worker, 3\d\.\d s \(7 of 9\)$/),
    "  ok worker, 40.0 s",
    "",
  ]);
});

test("on a terminal one line is rewritten, no longer than the terminal is wide", () => {
  const progress = new Progress({ write, isTTY: true, columns: 30 });
  progress.start("a step with a name that is rather long");
  vi.advanceTimersByTime(1_000);
  expect(shown).not.toContain("\n");
  expect(shown.split("\r\u001B[2K").every((line) => line.length < 30)).toBe(true);
  progress.end("a step with a name that is rather long", "!!", "failed");
  expect(shown).toMatch(/!! a step with a name that is rather long, 1\.0 s: failed\n/);
});

test("nothing keeps the process alive once all steps have ended", () => {
  const progress = new Progress({ write });
  progress.start("one");
  progress.start("two");
  progress.end("one", "ok");
  progress.end("two", "ok");
  expect(vi.getTimerCount()).toBe(0);
});
