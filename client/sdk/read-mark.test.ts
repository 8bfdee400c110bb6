import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createReadMark } from "./read-mark.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const closing = new AbortController();
  const tell = vi.fn((_messageId: string): Promise<void> => Promise.resolve());
  return { closing, tell, mark: createReadMark(tell, closing.signal) };
}

it("is told at once, and what follows once a second, the newest alone", async () => {
  const { tell, mark } = setUp();
  await mark("1");
  expect(tell.mock.calls).toEqual([["1"]]);
  const later = ["2", "4", "3"].map(mark);
  await vi.advanceTimersByTimeAsync(900);
  expect(tell).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  await Promise.all(later);
  expect(tell.mock.calls).toEqual([["1"], ["4"]]);
});

it("is told again when there is more by the time that it has been told", async () => {
  const { tell, mark } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  tell.mockReturnValueOnce(promise);
  const marked = [mark("1"), mark("2")];
  await vi.advanceTimersByTimeAsync(5000);
  resolve();
  await Promise.all(marked);
  expect(tell.mock.calls).toEqual([["1"], ["2"]]);
});

it("never goes back, and is not told twice", async () => {
  const { tell, mark } = setUp();
  await mark("2");
  await mark("1");
  await mark("2");
  expect(tell.mock.calls).toEqual([["2"]]);
});

it("may be tried again when it could not be told", async () => {
  const { tell, mark } = setUp();
  tell.mockRejectedValueOnce(new Error("no"));
  await expect(mark("1")).rejects.toThrow("no");
  const again = mark("1");
  await vi.advanceTimersByTimeAsync(1000);
  await again;
  expect(tell.mock.calls).toEqual([["1"], ["1"]]);
});

it("waits no longer when the chat is closed", async () => {
  const { closing, tell, mark } = setUp();
  await mark("1");
  const last = mark("2");
  closing.abort();
  await last;
  expect(tell.mock.calls).toEqual([["1"], ["2"]]);
});
