import { AppError } from "../kit/errors.ts";
import type { Database } from "./database.ts";

type Waiter = { begin: () => void; fail: (error: unknown) => void };

/** Of each database, by key, those who wait for whoever is at work. */
const lines = new WeakMap<Database, Map<string, Waiter[]>>();

/**
 * Runs `work` in a transaction, once those of the same `key` that this process began before have ended.
 * For work that begins by locking a row which many want at once: a crowd waits here, where it takes no
 * connection from others, and where waiting long doesn't look like a lock that is stuck. When the
 * database is unavailable to the first in the line, it is to those who wait behind.
 */
export async function inTurn<Result>(
  db: Database,
  key: string,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> {
  const keys = lines.get(db) ?? new Map<string, Waiter[]>();
  lines.set(db, keys);
  const before = keys.get(key);
  const line = before ?? [];
  if (before) await new Promise<void>((begin, fail) => before.push({ begin, fail }));
  else keys.set(key, line);
  try {
    return await db.transaction().execute(work);
  } catch (error) {
    const unavailable = error instanceof AppError && error.reason === "DATABASE_UNAVAILABLE";
    if (unavailable) for (const waiter of line.splice(0)) waiter.fail(error);
    throw error;
  } finally {
    const next = line.shift();
    if (next) next.begin();
    else keys.delete(key);
  }
}
