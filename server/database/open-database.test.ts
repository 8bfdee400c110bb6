import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { type Kysely, type QueryExecutorProvider, sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../shared/testing/eventually.ts";
import { silentLog } from "../kit/log.ts";
import type { Database } from "./database.ts";
import { migrateToLatest, migrations } from "./migrations.ts";
import { openDatabase } from "./open-database.ts";
import { createPostgresDatabase, dropPostgresDatabase } from "./testing/postgres.ts";

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

  it("waits for the disk before it says that something is kept", async () => {
    const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(db);
    // FULL: with less, what was acknowledged last is lost when the power is.
    expect(rows).toEqual([{ synchronous: 2 }]);
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
    // Reading goes on, and lets nobody wait anew who would write.
    for (let round = 0; round < 3; round += 1) {
      expect(await db.selectFrom("rooms").select("id").execute()).toEqual([]);
      const since = performance.now();
      await expect(write()).rejects.toEqual(unavailable);
      expect(performance.now() - since).toBeLessThan(100);
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
  let url: string;
  let db: Database;
  /** Somebody else who uses it. */
  let other: pg.Client;

  beforeEach(async () => {
    url = await createPostgresDatabase();
    db = openDatabase({ postgresUrl: url }, silentLog);
    await migrateToLatest(db);
    other = new pg.Client({ connectionString: url });
    await other.connect();
  });
  afterEach(async () => {
    await other.end();
    await db.destroy();
    await dropPostgresDatabase(url);
  });

  let count = 0;
  const write = (to: Database = db) => {
    count += 1;
    return to
      .insertInto("rooms")
      .values({ ...room, id: `${count}` })
      .execute();
  };
  /** Resolves once the table is locked; `end` once it is not any more. */
  const lockFor = async (seconds: number) => {
    await other.query("begin; lock table rooms in access exclusive mode");
    return { end: other.query(`select pg_sleep(${seconds}); commit`) };
  };

  it("that is not there is an error that says so", async () => {
    const none = openDatabase({ postgresUrl: "postgres://nobody@127.0.0.1:1/none" }, silentLog);
    await expect(none.selectFrom("rooms").selectAll().execute()).rejects.toEqual(unavailable);
    await none.destroy();
  });

  it("whose tables are locked gives an error soon, stops nothing else, and heals", async () => {
    const { end } = await lockFor(1.5);
    const read = () => db.selectFrom("rooms").select("id").execute();
    // Each of them would work if it waited for the end of the lock.
    const attempts = [write(), read(), db.transaction().execute(write)];
    expect(await db.selectFrom("accounts").select("id").execute()).toEqual([]);
    for (const outcome of await Promise.allSettled(attempts)) {
      expect(outcome).toEqual({ status: "rejected", reason: unavailable });
    }
    await end;
    await write();
    expect(await read()).toHaveLength(1);
  });

  it("keeps nobody waiting behind those who wait for a lock", async () => {
    const { end } = await lockFor(1.5);
    // Ten times as many as there are connections.
    const attempts = Array.from({ length: 200 }, () => write());
    for (const outcome of await Promise.allSettled(attempts)) {
      expect(outcome).toEqual({ status: "rejected", reason: unavailable });
    }
    await end;
    // Crowds lock each other out for a moment, too.
    await eventually(() => Promise.all(Array.from({ length: 200 }, () => write())));
  });

  it("that is locked for a moment is waited for", async () => {
    const isWaiting = async () => {
      const { rowCount } = await other.query(`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`);
      expect(rowCount).toBe(1);
    };
    // On a crowded machine a moment may last too long: then another is tried.
    await vi.waitFor(
      async () => {
        await other.query("begin; lock table rooms in access exclusive mode");
        const writing = Promise.allSettled([write()]);
        await vi
          .waitFor(isWaiting, { interval: 1, timeout: 200 })
          .finally(() => other.query("select pg_sleep(0.02); commit"));
        expect(await writing).toMatchObject([{ status: "fulfilled" }]);
      },
      { timeout: 20_000 },
    );
  });

  it("on a full disk gives an error, also in a transaction, and heals", async () => {
    await other.query(`
      create function fill() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
      create trigger fill before insert on rooms execute function fill()`);
    await expect(write()).rejects.toEqual(unavailable);
    await expect(db.transaction().execute(write)).rejects.toEqual(unavailable);
    await other.query("drop trigger fill on rooms");
    await db.transaction().execute(write);
  });

  it("that ends a connection ends what it was used for, and nothing else", async () => {
    const end = (pid: number) => other.query("select pg_terminate_backend($1, 5000)", [pid]);
    const own = async (to: Database) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(to);
      return rows[0]?.pid ?? 0;
    };
    const between = db.transaction().execute(async (transaction) => {
      await end(await own(transaction));
      await write(transaction);
    });
    await expect(between).rejects.toEqual(unavailable);
    const busy = db.transaction().execute(async (transaction) => {
      const pid = await own(transaction);
      await Promise.all([sql`select pg_sleep(5)`.execute(transaction), end(pid)]);
    });
    await expect(busy).rejects.toEqual(unavailable);
    await write();
    expect(await db.selectFrom("rooms").select("id").execute()).toHaveLength(1);
  });

  it("lets migrations take their time, and nothing else", async () => {
    const limits = async (to: QueryExecutorProvider) => {
      const names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
      const shown = names.map((name) =>
        sql<Record<string, string>>`show ${sql.ref(name)}`.execute(to),
      );
      return (await Promise.all(shown)).flatMap(({ rows }) => Object.values(rows[0] ?? {}));
    };
    const usual = ["10s", "150ms", "10s"];
    expect(await limits(db)).toEqual(usual);
    let during: string[] = [];
    const slow = {
      up: async (transaction: Kysely<unknown>) => {
        during = await limits(transaction);
      },
    };
    await migrateToLatest(db, { ...migrations, "9999-slow": slow });
    expect(during).toEqual(["0", "5min", "0"]);
    expect(await limits(db)).toEqual(usual);
  });
});
