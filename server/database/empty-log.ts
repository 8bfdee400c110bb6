import { sql } from "kysely";
import type { Database } from "./database.ts";
import { isPostgres } from "./full-text.ts";

/**
 * Empties SQLite's log, in which what was removed stands until something else is written over it. Fails
 * at nothing: while the disk or another reader doesn't allow it, the log stays for the next time.
 * Postgres has no such call: it does away with old rows by itself.
 */
export async function emptyLog(db: Database): Promise<void> {
  if (isPostgres(db)) return;
  await sql`pragma wal_checkpoint(truncate)`.execute(db).catch(() => undefined);
}
