import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./lock.mjs";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("two set-ups run one after the other, and the second says whom it waits for", async () => {
  const path = join(folder, "cache/lock");
  const order: string[] = [];
  const owners: number[] = [];
  const options = {
    signal: new AbortController().signal,
    onWait: (owner: number) => owners.push(owner),
  };
  const first = withLock(path, options, async () => {
    order.push("first begins");
    await expect.poll(() => owners.length).toBe(1);
    order.push("first ends");
  });
  await Promise.all([first, withLock(path, options, async () => order.push("second"))]);
  expect(order).toEqual(["first begins", "first ends", "second"]);
  expect(owners).toEqual([process.pid]);
  expect(existsSync(path)).toBe(false);
});

test("the lock of a dead process counts for nothing", async () => {
  const path = join(folder, "lock");
  writeFileSync(path, "999999999");
  const onWait = () => expect.unreachable();
  const result = await withLock(
    path,
    { signal: AbortSignal.timeout(5_000), onWait },
    async () => 7,
  );
  expect(result).toBe(7);
});

test("waiting ends when it is interrupted, and leaves the other's lock", async () => {
  const path = join(folder, "lock");
  writeFileSync(path, String(process.pid));
  const waiting = withLock(path, { signal: AbortSignal.timeout(50), onWait() {} }, async () => 7);
  await expect(waiting).rejects.toThrow();
  expect(existsSync(path)).toBe(true);
});
