import { describe, expect, it, vi } from "vitest";
import { silentLog } from "../../kit/log.ts";
import { expectEngineError } from "../conformance/expect-engine-error.ts";
import { DecoderPool, type PooledDecoder } from "./decoder-pool.ts";

const never = new AbortController().signal;

function createDecoder() {
  const decoder = {
    gone: false,
    onGone: () => {},
    release: vi.fn<() => void>(),
    close: vi.fn<() => Promise<void>>(async () => {}),
  };
  return decoder satisfies PooledDecoder;
}

function createPool(options: { maximum?: number; maximumWait?: number; idleTime?: number } = {}) {
  const start = vi.fn<() => Promise<ReturnType<typeof createDecoder>>>(async () => createDecoder());
  const { maximum = 2, maximumWait = 50, idleTime = 10_000 } = options;
  const pool = new DecoderPool({ start, maximum, maximumWait, idleTime, log: silentLog });
  return { pool, start };
}

describe("the pool of decoders", () => {
  it("loads nothing before somebody may speak, then one more than are lent", async () => {
    const { pool, start } = createPool({ maximum: 8 });
    const [a, b, c] = [{}, {}, {}];
    expect(start).toHaveBeenCalledTimes(0);
    for (const session of [a, b, c]) await pool.enter(session);
    expect(pool.size).toBe(1);
    await pool.borrow(a, never);
    await expect.poll(() => pool.size).toBe(2);
    await pool.borrow(b, never);
    await pool.borrow(c, never);
    await expect.poll(() => pool.size).toBe(3);
  });

  it("waits for the first model as long as that takes to load", async () => {
    const start = async () => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return createDecoder();
    };
    const limits = { maximum: 2, maximumWait: 10, idleTime: 10_000 };
    const pool = new DecoderPool({ start, ...limits, log: silentLog });
    await pool.enter({});
    expect(pool.size).toBe(1);
  });

  it("lets who speaks wait for the model that loads for them, and nobody else", async () => {
    const { pool, start } = createPool({ maximum: 2, maximumWait: 10 });
    const [a, b, c] = [{}, {}, {}];
    for (const session of [a, b, c]) await pool.enter(session);
    const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
    const second = createDecoder();
    start.mockImplementation(() => loaded.then(() => second));
    await pool.borrow(a, never);
    const waiting = pool.borrow(b, never);
    await expectEngineError(pool.borrow(c, never), "overloaded");
    load();
    expect(await waiting).toBe(second);
    expect(start).toHaveBeenCalledTimes(2);
  });

  it("gives a session the decoder that it had before", async () => {
    const { pool } = createPool();
    const [a, b] = [{}, {}];
    await pool.enter(a);
    await pool.enter(b);
    const [forA, forB] = [await pool.borrow(a, never), await pool.borrow(b, never)];
    expect(forA).not.toBe(forB);
    pool.release(forA);
    pool.release(forB);
    expect(await pool.borrow(b, never)).toBe(forB);
    expect(await pool.borrow(a, never)).toBe(forA);
  });

  it("lets who comes too many wait in line, and turns them away when it takes too long", async () => {
    const { pool, start } = createPool({ maximum: 1, maximumWait: 50 });
    const decoder = await pool.borrow({}, never);
    const [second, third] = [pool.borrow({}, never), pool.borrow({}, never)];
    third.catch(() => {});
    pool.release(decoder);
    expect(await second).toBe(decoder);
    await expectEngineError(third, "overloaded");
    expect(start).toHaveBeenCalledTimes(1);
  });

  it("loses no decoder to who gives up waiting", async () => {
    const { pool } = createPool({ maximum: 1, maximumWait: 5000 });
    const decoder = await pool.borrow({}, never);
    const controller = new AbortController();
    const waiting = pool.borrow({}, controller.signal);
    controller.abort(new Error("no longer wanted"));
    pool.release(decoder);
    await expect(waiting).rejects.toThrow("no longer wanted");
    expect(await pool.borrow({}, never)).toBe(decoder);
  });

  it("loses no decoder to who gives up in the moment that one is handed to them", async () => {
    const { pool } = createPool({ maximum: 1, maximumWait: 5000 });
    const decoder = await pool.borrow({}, never);
    const controller = new AbortController();
    const waiting = pool.borrow({}, controller.signal);
    pool.release(decoder);
    controller.abort(new Error("no longer wanted"));
    await expect(waiting).rejects.toThrow("no longer wanted");
    expect(await pool.borrow({}, never)).toBe(decoder);
  });

  it("replaces a decoder that dies", async () => {
    const { pool, start } = createPool({ maximum: 1 });
    await pool.enter({});
    const decoder = await pool.borrow({}, never);
    decoder.gone = true;
    decoder.onGone();
    pool.release(decoder);
    const next = await pool.borrow({}, never);
    expect(next).not.toBe(decoder);
    expect(start).toHaveBeenCalledTimes(2);
  });

  it("says at once when none can be started, and tries again for the next", async () => {
    const { pool, start } = createPool({ maximumWait: 5000 });
    start.mockRejectedValueOnce(new Error("out of memory"));
    await expect(pool.enter({})).rejects.toThrow("out of memory");
    await pool.enter({});
    expect(pool.size).toBe(1);
  });

  it("lets go of what nobody needs after a while, and keeps one", async () => {
    const { pool } = createPool({ maximum: 3, idleTime: 20 });
    const sessions = [{}, {}, {}];
    for (const session of sessions) await pool.enter(session);
    const lent = await Promise.all(sessions.map((session) => pool.borrow(session, never)));
    expect(pool.size).toBe(3);
    for (const decoder of lent) pool.release(decoder);
    for (const session of sessions) pool.leave(session);
    await expect.poll(() => pool.size).toBe(1);
    expect(lent.filter(({ close }) => close.mock.calls.length > 0)).toHaveLength(2);
  });

  it("ends the waiting and all decoders when it is closed", async () => {
    const { pool } = createPool({ maximum: 1, maximumWait: 5000 });
    const decoder = await pool.borrow({}, never);
    const waiting = pool.borrow({}, never);
    waiting.catch(() => {});
    await pool.close();
    await pool.close();
    await expectEngineError(waiting, "unavailable");
    await expectEngineError(pool.borrow({}, never), "unavailable");
    expect(decoder.close).toHaveBeenCalledTimes(1);
  });
});
