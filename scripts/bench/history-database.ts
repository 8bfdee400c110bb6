import { existsSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { toPosition } from "../../server/chat/place.ts";
import { searchScope, toFtsDocument } from "../../server/database/full-text.ts";
import { migrateToLatest } from "../../server/database/migrations.ts";
import { openDatabase } from "../../server/database/open-database.ts";
import { silentLog } from "../../server/kit/log.ts";

export type HistorySize = {
  /** Messages of the one large room. */
  large: number;
  /** Rooms besides, and messages of each of them. */
  rooms: number;
  each: number;
};

export const READER = "reader";
export const LARGE_ROOM = "00000000-0000-4000-8000-large0000000";
/** A word of one message in a thousand, and one of every tenth. */
export const RARE_WORD = "zeppelin";
export const COMMON_WORD = "weather";

const PEOPLE = 20;
const COMMIT_EVERY = 500_000;
const vocabulary = Array.from({ length: 20_000 }, (_, index) => `w${index.toString(36)}`);

export function smallRoom(index: number): string {
  return `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`;
}

/**
 * A file of SQLite with so many messages, in tables as the server makes them. Making it takes minutes:
 * it is kept among the temporary files for the next time, and made anew when the tables change.
 */
export async function openHistoryDatabase(
  size: HistorySize,
  print: (text: string) => void,
): Promise<string> {
  const making = join(tmpdir(), `parley-history-${process.pid}.db`);
  const version = await makeTables(making);
  const name = `parley-history-${version}-${size.large}-${size.rooms}-${size.each}.db`;
  const file = join(tmpdir(), name);
  try {
    if (existsSync(file)) return file;
    const count = size.large + size.rooms * size.each;
    print(`Making ${count.toLocaleString("en")} messages once, in ${file} ...`);
    const started = performance.now();
    fill(making, size);
    renameSync(making, file);
    print(`... took ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return file;
  } finally {
    for (const end of ["", "-wal", "-shm"]) rmSync(making + end, { force: true });
  }
}

/** Gives what the tables are like, as a number. */
async function makeTables(file: string): Promise<string> {
  const db = openDatabase({ sqliteFile: file }, silentLog);
  await migrateToLatest(db);
  await db.destroy();
  const sqlite = new Sqlite(file);
  const schema = sqlite.prepare("select sql from sqlite_master order by name").pluck().all();
  sqlite.close();
  return searchScope(schema.join("\n")).slice(0, 8);
}

function fill(file: string, size: HistorySize): void {
  const sqlite = new Sqlite(file);
  // If it doesn't come to its end, the file is thrown away.
  sqlite.pragma("journal_mode = MEMORY");
  sqlite.pragma("synchronous = OFF");
  sqlite.pragma("foreign_keys = OFF");
  sqlite.pragma("cache_size = -1000000");
  // Sorting once is faster than keeping in order.
  const indexes = sqlite
    .prepare<[], { name: string; sql: string }>(
      "select name, sql from sqlite_master where type = 'index' and tbl_name = 'messages' and sql > ''",
    )
    .all();
  for (const { name } of indexes) sqlite.exec(`drop index ${name}`);
  // Of the index more is gathered in memory before it is written, and merged less often.
  sqlite.exec(`insert into message_search(message_search, rank)
    values ('automerge', 16), ('hashsize', ${256 * 2 ** 20})`);

  addPeople(sqlite);
  sqlite.exec("begin");
  const add = createAdder(sqlite);
  let searchRow = 0;
  const addRoom = (roomId: string, count: number) => {
    const scope = searchScope(roomId);
    for (let sequence = 1; sequence <= count; sequence += 1) {
      searchRow += 1;
      add({ roomId, scope, sequence, searchRow });
      if (searchRow % COMMIT_EVERY === 0) sqlite.exec("commit; begin");
    }
  };
  // In the order of the table's key.
  for (let index = 0; index < size.rooms; index += 1) {
    addRoomRow(sqlite, smallRoom(index), size.each);
    addRoom(smallRoom(index), size.each);
  }
  addRoomRow(sqlite, LARGE_ROOM, size.large);
  addRoom(LARGE_ROOM, size.large);
  sqlite.exec("commit");
  for (const { sql } of indexes) sqlite.exec(sql);
  sqlite.pragma("journal_mode = WAL");
  sqlite.exec("analyze");
  sqlite.close();
}

function addPeople(sqlite: Sqlite.Database): void {
  const add = sqlite.prepare(
    "insert into accounts (id, name, language, guest, created_at) values (?, ?, 'en', 1, ?)",
  );
  for (const id of [READER, ...Array.from({ length: PEOPLE }, (_, index) => `person-${index}`)]) {
    add.run(id, `Name of ${id}`, sentAt(0));
  }
}

function addRoomRow(sqlite: Sqlite.Database, roomId: string, count: number): void {
  sqlite
    .prepare("insert into rooms (id, name, created_at, active_at) values (?, ?, ?, ?)")
    .run(roomId, roomId, sentAt(0), sentAt(count));
  sqlite
    .prepare("insert into room_members (room_id, account_id, role, joined_at) values (?, ?, ?, ?)")
    .run(roomId, READER, "member", sentAt(0));
  sqlite
    .prepare("insert into message_counters (room_id, last_sequence) values (?, ?)")
    .run(roomId, count);
}

function sentAt(sequence: number): string {
  return new Date(Date.UTC(2026, 0, 1) + sequence * 1000).toISOString();
}

type Place = { roomId: string; scope: string; sequence: number; searchRow: number };

function createAdder(sqlite: Sqlite.Database): (place: Place) => void {
  const addMessage = sqlite.prepare(
    `insert into messages (id, room_id, sequence, author_id, client_id, text, language, sent_at,
       changed_sequence, edition, reaction_kinds, attachment_count, search_row)
     values (?, ?, ?, ?, ?, ?, 'en', ?, ?, 0, 0, 0, ?)`,
  );
  const addWords = sqlite.prepare(
    "insert into message_search (rowid, words, room_id, sequence) values (?, ?, ?, ?)",
  );
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return ({ roomId, scope, sequence, searchRow }) => {
    // Few words are said often, most seldom.
    const words = Array.from(
      { length: 4 + random(6) },
      () => vocabulary[random(1 + random(vocabulary.length))] ?? "",
    );
    if (sequence % 10 === 0) words.push(COMMON_WORD);
    if (sequence % 1000 === 0) words.push(RARE_WORD);
    const id = `${toPosition(sequence)}${searchRow.toString(16).padStart(18, "0")}`;
    const author = `person-${random(PEOPLE)}`;
    const text = words.join(" ");
    const at = sentAt(sequence);
    addMessage.run(id, roomId, sequence, author, id, text, at, sequence, searchRow);
    const terms = { runs: [words], letters: [] };
    addWords.run(searchRow, toFtsDocument(scope, terms), roomId, sequence);
  };
}
