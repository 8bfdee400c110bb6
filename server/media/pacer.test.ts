import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pacer } from "./pacer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Remembers when it was called, in ms since now. */
function ticking(intervalMs: number) {
  const startedAt = performance.now();
  const calls: number[] = [];
  const tick = () => {
    calls.push(performance.now() - startedAt);
    return intervalMs;
  };
  return { calls, tick };
}

describe("the pacer", () => {
  it("calls at once, then each time when it was told to, and does not drift", () => {
    const [often, seldom] = [ticking(20), ticking(400)];
    const pacer = new Pacer();
    pacer.add(often.tick);
    pacer.add(seldom.tick);
    vi.advanceTimersByTime(10_000);
    expect(often.calls.length).toBe(501);
    expect(seldom.calls.length).toBe(26);
    for (const [index, at] of often.calls.entries()) {
      expect(Math.abs(at - index * 20)).toBeLessThan(2);
    }
    expect(vi.getTimerCount()).toBe(1);
  });

  it("makes up for a late call with early ones, and for a long stall not at all", () => {
    const pacer = new Pacer();
    const tick = vi.fn(() => 20);
    pacer.add(tick);
    vi.advanceTimersByTime(80);
    expect(tick).toHaveBeenCalledTimes(5);
    const now = vi.spyOn(performance, "now");
    const at = performance.now();
    now.mockReturnValue(at + 120);
    vi.advanceTimersToNextTimer();
    expect(tick).toHaveBeenCalledTimes(11);
    now.mockReturnValue(at + 5_000);
    vi.advanceTimersToNextTimer();
    expect(tick).toHaveBeenCalledTimes(12);
    now.mockRestore();
  });

  it("wakes who waits at once, and counts from there", () => {
    const { calls, tick } = ticking(400);
    const paced = new Pacer().add(tick);
    vi.advanceTimersByTime(90);
    paced.wake();
    expect(calls).toEqual([0, 90]);
    vi.advanceTimersByTime(399);
    expect(calls.length).toBe(2);
    vi.advanceTimersByTime(1);
    expect(calls).toEqual([0, 90, 490]);
  });

  it("calls those together who are due shortly after each other", () => {
    const pacer = new Pacer();
    const one = ticking(40);
    pacer.add(one.tick);
    vi.advanceTimersByTime(5);
    const [another, apart] = [ticking(40), ticking(40)];
    pacer.add(another.tick);
    vi.advanceTimersByTime(15);
    pacer.add(apart.tick);
    vi.advanceTimersByTime(400);
    expect(one.calls.slice(0, 3)).toEqual([0, 40, 80]);
    expect(another.calls.slice(0, 3)).toEqual([0, 35, 75]);
    expect(apart.calls.slice(0, 3)).toEqual([15, 55, 95]);
  });

  it("keeps no timer when nobody is left", () => {
    const pacer = new Pacer();
    const all = [pacer.add(() => 20), pacer.add(() => 20)];
    for (const paced of all) paced.stop();
    expect(vi.getTimerCount()).toBe(0);
    all[0]?.wake();
    expect(vi.getTimerCount()).toBe(0);
    const tick = vi.fn(() => 20);
    pacer.add(tick);
    vi.advanceTimersByTime(40);
    expect(tick).toHaveBeenCalledTimes(3);
  });

  it("lets somebody stop while being called", () => {
    const pacer = new Pacer();
    const tick = vi.fn(() => {
      if (tick.mock.calls.length > 1) paced.stop();
      return 20;
    });
    const paced = pacer.add(tick);
    vi.advanceTimersByTime(100);
    expect(tick).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
