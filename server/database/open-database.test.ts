import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../kit/log.ts";
import { type Database } from "./database.ts";
import { migrateToLatest } from "./migrations.ts";
import { openDatabase } from "./open-database.ts";

const room = { id: "1", name: "A", created_at: "2026-01-01", active_at: "2026-01-01" };
const unavailable = expect.objectContaining({ reason: "DATABASE_UNAVAILABLE" });

describe("a SQLite file", () => {
  let directory: string;
  let file: string;
  let db: Database;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "parley-sqlite-"));
    file = join(directory, "data", "parley.db");
    db = openDatabase({ sqliteFile: file }, silentLog);
    await migrateToLatest(db);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(directory, { recursive: true });
  });

  it("that another process has locked gives an error soon, stops nothing else, and heals", async () => {
    const other = new Sqlite(file);
    other.exec("begin immediate");
    const started = performance.now();
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    const write = () => db.insertInto("rooms").values(room).execute();
    const results = await Promise.allSettled([write(), write(), db.transaction().execute(write)]);
    clearInterval(ticking);
    expect(performance.now() - started).toBeLessThan(400);
    expect(ticks).toBeGreaterThan(5);
    for (const result of results) {
      expect(result).toEqual({ status: "rejected", reason: unavailable });
    }
    other.exec("rollback");
    other.close();
    await write();
    expect(await db.selectFrom("rooms").select("id").execute()).toEqual([{ id: "1" }]);
  });

  it("that waits a moment for a lock gets it", async () => {
    const other = new Sqlite(file);
    other.exec("begin immediate");
    setTimeout(() => other.exec("commit"), 60);
    await db.insertInto("rooms").values(room).execute();
    other.close();
  });

  it("on a full disk gives an error, also in a transaction, and heals", async () => {
    const { page_count: pages } = await sql<{ page_count: number }>`pragma page_count`
      .execute(db)
      .then(({ rows: [row = { page_count: 0 }] }) => row);
    await sql`pragma max_page_count = ${sql.lit(pages)}`.execute(db);
    const write = (to: Database) =>
      to
        .insertInto("rooms")
        .values({ ...room, name: "x".repeat(100_000) })
        .execute();
    await expect(write(db)).rejects.toEqual(unavailable);
    await expect(db.transaction().execute(write)).rejects.toEqual(unavailable);
    await sql`pragma max_page_count = 1000000`.execute(db);
    await db.transaction().execute(write);
    expect(await db.selectFrom("rooms").select("id").execute()).toEqual([{ id: "1" }]);
  });
});

describe("a Postgres server", () => {
  it("that is not there is an error that says so", async () => {
    const db = openDatabase({ postgresUrl: "postgres://nobody@127.0.0.1:1/none" }, silentLog);
    await expect(db.selectFrom("rooms").selectAll().execute()).rejects.toEqual(unavailable);
    await db.destroy();
  });
});
