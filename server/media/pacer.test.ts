import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pacer } from "./pacer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the pacer", () => {
  it("ticks for everyone each 20 ms and does not drift", () => {
    const pacer = new Pacer();
    const ticks: number[] = [];
    const other = vi.fn();
    const startedAt = performance.now();
    pacer.add(() => ticks.push(performance.now() - startedAt));
    pacer.add(other);
    vi.advanceTimersByTime(10_000);
    expect(ticks.length).toBe(500);
    expect(other).toHaveBeenCalledTimes(500);
    for (const [index, at] of ticks.entries()) {
      expect(Math.abs(at - (index + 1) * 20)).toBeLessThan(2);
    }
    expect(vi.getTimerCount()).toBe(1);
  });

  it("makes up for a late tick with early ones, and for a long stall not at all", () => {
    const pacer = new Pacer();
    const tick = vi.fn();
    pacer.add(tick);
    vi.advanceTimersByTime(100);
    expect(tick).toHaveBeenCalledTimes(5);
    vi.setSystemTime(Date.now());
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

  it("keeps no timer when nobody listens", () => {
    const pacer = new Pacer();
    const removers = [pacer.add(() => {}), pacer.add(() => {})];
    for (const remove of removers) remove();
    expect(vi.getTimerCount()).toBe(0);
    const tick = vi.fn();
    pacer.add(tick);
    vi.advanceTimersByTime(40);
    expect(tick).toHaveBeenCalledTimes(2);
  });

  it("lets a listener leave during a tick", () => {
    const pacer = new Pacer();
    const remove = pacer.add(() => remove());
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
