import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrateToLatest } from "../database/migrations.ts";
import { openDatabase } from "../database/open-database.ts";
import { silentLog } from "../kit/log.ts";
import { openChatRoom } from "./testing/chat-room.ts";

const unavailable = { reason: "DATABASE_UNAVAILABLE" };

describe("a chat on disk", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "parley-chat-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function setUp() {
    const location = { sqliteFile: join(directory, "parley.db") };
    const db = openDatabase(location, silentLog);
    await migrateToLatest(db);
    const room = await openChatRoom(() => Promise.resolve({ db, location }));
    return { ...room, ...location };
  }

  it("that is locked says so, is still read, and takes the same message once it is free", async () => {
    const { db, history, send, sqliteFile } = await setUp();
    await send("before");
    const other = new Sqlite(sqliteFile);
    other.exec("begin immediate");
    await expect(send("hello", "ann", "same")).rejects.toMatchObject(unavailable);
    expect((await history()).items.map(({ text }) => text)).toEqual(["before"]);
    other.exec("rollback");
    other.close();
    await send("hello", "ann", "same");
    await send("hello", "ann", "same");
    expect((await history()).items.map(({ text }) => text)).toEqual(["hello", "before"]);
    await db.destroy();
  });

  it("that is full says so, loses nothing, and takes messages when there is space again", async () => {
    const { chat, db, history, roomId, send } = await setUp();
    await sql`pragma wal_checkpoint(truncate)`.execute(db);
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(db);
    const acknowledged: string[] = [];
    const fill = async () => {
      for (let count = 0; count < 1000; count += 1) {
        acknowledged.push((await send(`${count} ${"x ".repeat(1500)}`)).id);
      }
    };
    await expect(fill()).rejects.toMatchObject(unavailable);
    const kept = (await history()).items.map(({ id }) => id).toReversed();
    expect(kept).toEqual(acknowledged);
    await sql`pragma max_page_count = 1000000`.execute(db);
    const { id } = await send("space again");
    expect((await history()).items[0]?.id).toBe(id);
    const { items } = await chat.search("ann", { roomId, text: "space", limit: 10 });
    expect(items).toHaveLength(1);
    await db.destroy();
  });

  it("holds no trace of what was edited away or removed", async () => {
    const { chat, db, send, sqliteFile } = await setUp();
    const { id: edited } = await send("firstsecret");
    const { id: removed } = await send("secondsecret");
    await send("thirdsecret", "ben");
    await sql`pragma wal_checkpoint(truncate)`.execute(db);
    const read = () => readFileSync(sqliteFile, "latin1").match(/\w+secret/gu) ?? [];
    expect(read().length).toBeGreaterThan(3);
    await chat.edit("ann", { messageId: edited, text: "harmless" });
    await chat.remove("ann", { messageId: removed });
    await chat.erase("ben");
    await sql`pragma wal_checkpoint(truncate)`.execute(db);
    expect(read()).toEqual([]);
    await db.destroy();
  });
});
