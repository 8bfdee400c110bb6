import type { Database } from "../database/database.ts";
import type { Log } from "../kit/log.ts";
import type { Storage } from "../storage/storage.ts";
import type { Incoming } from "./incoming.ts";
import {
  closeDoomed,
  deleteUpload,
  type DoomedOf,
  knownKeys,
  listDoomed,
  listReady,
} from "./sweep-store.ts";
import { doomUploads } from "./upload-store.ts";

/** Rows or files that are looked at in one pass. */
const BATCH = 200;
/** Files younger than this may be on their way. */
const GRACE_MS = 60 * 60 * 1000;
const UNFINISHED_MS = 24 * 60 * 60 * 1000;
/** When so many and more than half of a batch are gone, the disk is, or the database is another one. */
const SUSPICIOUS = 20;

/** Removes what nobody needs: a bounded piece of it each time. */
export function createSweeper(deps: {
  db: Database;
  storage: Storage;
  incoming: Incoming;
  log: Log;
  graceMs?: number;
}) {
  const { db, storage, incoming, log, graceMs = GRACE_MS } = deps;
  /** How far the last pass came: through the rows, and through the files. */
  let lastRow = "";
  let lastKey = "";

  /**
   * Removes files that were given up, and then their rows. Until then a row remembers its file. One
   * that can't be removed keeps no other: the first failure is thrown when all have been tried.
   */
  async function purge(of: DoomedOf = {}): Promise<number> {
    const at = new Date().toISOString();
    let removed = 0;
    let failure: { error: unknown } | undefined;
    for (let after = ""; ;) {
      const doomed = await listDoomed(db, { at, of, after, limit: BATCH });
      for (const { id, storageKey } of doomed) {
        after = id;
        try {
          if (!(await closeDoomed(db, id, at))) continue;
          await storage.remove(storageKey);
          await deleteUpload(db, id);
          removed += 1;
        } catch (error) {
          failure ??= { error };
        }
      }
      if (doomed.length < BATCH) break;
    }
    if (failure) throw failure.error;
    return removed;
  }

  async function sweepRows(now: number): Promise<void> {
    const createdBefore = new Date(now - graceMs).toISOString();
    const rows = await listReady(db, { after: lastRow, createdBefore, limit: BATCH });
    const present = await Promise.all(rows.map(({ storageKey }) => storage.has(storageKey)));
    const missing = rows.filter((_row, index) => !present[index]);
    lastRow = rows.length < BATCH ? "" : (rows.at(-1)?.id ?? "");
    if (isSuspicious(missing.length, rows.length)) {
      log.error({ missing: missing.length }, "uploads are missing: is the storage the right one?");
      return;
    }
    const orphans = new Set([...missing, ...rows.filter(({ messageGone }) => messageGone)]);
    for (const { id } of orphans) await doomUploads(db, { id }, new Date(now).toISOString());
    if (orphans.size > 0)
      log.warn({ count: orphans.size }, "swept uploads without file or message");
  }

  async function sweepFiles(now: number): Promise<void> {
    const files = await storage.list({ after: lastKey, limit: BATCH });
    lastKey = files.length < BATCH ? "" : (files.at(-1)?.key ?? "");
    const known = await knownKeys(
      db,
      files.map(({ key }) => key),
    );
    const orphans = files.filter(
      ({ key, modifiedAt }) => !known.has(key) && modifiedAt.getTime() < now - graceMs,
    );
    if (isSuspicious(orphans.length, files.length)) {
      log.error({ unknown: orphans.length }, "files are unknown: is the database the right one?");
      return;
    }
    for (const { key } of orphans) await storage.remove(key);
    if (orphans.length > 0) log.warn({ count: orphans.length }, "swept files that nothing knows");
  }

  return {
    purge,

    /** Goes on where the pass before ended. */
    async sweep(now = Date.now()): Promise<void> {
      await incoming.sweep(now);
      await purge();
      await sweepRows(now);
      await sweepFiles(now);
      await purge();
      await storage.removeUnfinished(new Date(now - UNFINISHED_MS));
    },
  };
}

function isSuspicious(gone: number, of: number): boolean {
  return gone >= SUSPICIOUS && gone > of / 2;
}
