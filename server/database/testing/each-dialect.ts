import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, afterEach, describe } from "vitest";
import { silentLog } from "../../kit/log.ts";
import type { Database } from "../database.ts";
import { migrateToLatest } from "../migrations.ts";
import { type DatabaseLocation, openDatabase } from "../open-database.ts";
import { createPostgresDatabase, dropPostgresDatabase } from "./postgres.ts";

/** Gives a database without rows; of its own and without tables, or with all of them. */
export type OpenTestDatabase = (options?: {
  empty?: boolean;
}) => Promise<{ db: Database; location: DatabaseLocation }>;

/** Runs the same tests on SQLite and on a real Postgres server. */
export function describeEachDialect(name: string, tests: (open: OpenTestDatabase) => void): void {
  describe.each(["sqlite", "postgres"] as const)(`${name}, on %s`, (dialect) => {
    const opened: Database[] = [];
    const directories: string[] = [];
    const databases: string[] = [];
    /** Databases are dear on Postgres: tests that don't change the tables take turns with one. */
    let shared: string | undefined;

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((db) => db.destroy()));
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
    });
    afterAll(async () => {
      for (const url of databases) await dropPostgresDatabase(url);
    });

    tests(async ({ empty = false } = {}) => {
      const location = dialect === "postgres" ? await postgres(empty) : sqlite();
      const db = openDatabase(location, silentLog);
      opened.push(db);
      if (!empty) {
        await migrateToLatest(db);
        // A file is new each time.
        if (dialect === "postgres") await removeRows(db);
      }
      return { db, location };
    });

    async function postgres(own: boolean): Promise<DatabaseLocation> {
      if (own) return { postgresUrl: await create() };
      shared ??= await create();
      return { postgresUrl: shared };
    }

    async function create(): Promise<string> {
      const url = await createPostgresDatabase();
      databases.push(url);
      return url;
    }

    function sqlite(): DatabaseLocation {
      const directory = mkdtempSync(join(tmpdir(), "parley-sqlite-"));
      directories.push(directory);
      return { sqliteFile: join(directory, "parley.db") };
    }
  });
}

async function removeRows(db: Database): Promise<void> {
  for (const { name } of await db.introspection.getTables()) {
    // Those that refer to it go along.
    await sql`delete from ${sql.table(name)}`.execute(db);
  }
}
