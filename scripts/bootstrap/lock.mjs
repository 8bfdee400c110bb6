// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does something while no other process does it; waits for the one that does.
 * The lock of a process that has died counts for nothing.
 * @template Result
 * @param {string} path the lock's file
 * @param {object} options
 * @param {AbortSignal} options.signal ends the waiting
 * @param {(owner: number) => void} options.onWait called once, with the process that is waited for
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withLock(path, { signal, onWait }, work) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!take(path)) {
    const owner = ownerOf(path);
    if (owner === undefined) rmSync(path, { force: true });
    else {
      if (!told) onWait(owner);
      told = true;
      await sleep(300, undefined, { signal });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * The living process that holds the lock, 0 in the instant in which its number isn't written yet.
 * @param {string} path
 */
function ownerOf(path) {
  try {
    const owner = Number(readFileSync(path, "utf8"));
    process.kill(owner, 0);
    return owner;
  } catch (error) {
    if (hasCode(error, "ESRCH") || hasCode(error, "ENOENT")) return undefined;
    if (hasCode(error, "EPERM")) return Number(readFileSync(path, "utf8"));
    throw error;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
