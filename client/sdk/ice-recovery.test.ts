import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recoverIce } from "./ice-recovery.ts";
import { ParleyError } from "./parley-error.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(restart: () => Promise<void>) {
  const mended = new AbortController();
  let connected = false;
  const result = recoverIce({ connected: () => connected, restart, signal: mended.signal });
  const connect = () => {
    connected = true;
    mended.abort();
  };
  return { result, connect };
}

describe("a broken path for media", () => {
  it("is left alone when it heals by itself at once", async () => {
    const restart = vi.fn(async () => undefined);
    const { result, connect } = setUp(restart);
    await vi.advanceTimersByTimeAsync(100);
    connect();
    await expect(result).resolves.toBe(true);
    expect(restart).not.toHaveBeenCalled();
  });

  it("is negotiated anew once, when that helps", async () => {
    const restart = vi.fn(async () => void setTimeout(() => connect(), 300));
    const { result, connect } = setUp(restart);
    await vi.advanceTimersByTimeAsync(2000);
    await expect(result).resolves.toBe(true);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("is waited for as long as the server can't be reached either", async () => {
    let reachable = false;
    const restart = vi.fn(async () => {
      if (!reachable) throw new ParleyError("CONNECTION_LOST", "The server can't be reached.");
      setTimeout(() => connect(), 100);
    });
    const { result, connect } = setUp(restart);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(restart.mock.calls.length).toBeGreaterThan(10);
    reachable = true;
    await vi.advanceTimersByTimeAsync(6000);
    await expect(result).resolves.toBe(true);
  });

  it("is given up when the server answers but nothing comes through", async () => {
    const { result } = setUp(async () => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(result).resolves.toBe(false);
  });

  it("is given up at once when the server has forgotten it", async () => {
    const { result } = setUp(async () => {
      throw new ParleyError("PEER_NOT_FOUND", "This call has ended.");
    });
    await vi.advanceTimersByTimeAsync(1000);
    await expect(result).resolves.toBe(false);
  });
});
