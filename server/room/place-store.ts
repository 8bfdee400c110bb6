import { type RawBuilder, sql } from "kysely";
import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import type { Place } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { roomsWithWords } from "./room-search-store.ts";

export type RoomFilter = {
  /** Rooms that this account is banned from aren't there. */
  accountId: string;
  text?: string | undefined;
  language?: LanguageTag | undefined;
};

export type Condition = RawBuilder<boolean>;

/** What a room must be, to be found. False when nothing can be. */
export async function conditions(db: Database, filter: RoomFilter): Promise<Condition[] | false> {
  const { accountId, text, language } = filter;
  const all: Condition[] = [];
  if (await isBannedAnywhere(db, accountId)) {
    all.push(sql`rooms.id not in (
      select room_id from room_restrictions where account_id = ${accountId} and kind = 'ban')`);
  }
  if (text !== undefined && text.trim() !== "") {
    const found = roomsWithWords(db, text);
    if (!found) return false;
    all.push(sql`rooms.id in (${found})`);
  }
  if (language !== undefined) {
    all.push(sql`exists (
      select 1 from room_languages
      where room_id = rooms.id and language = ${baseLanguage(language)})`);
  }
  return all;
}

/** Hardly anybody is: then no room has to be looked up for it. */
async function isBannedAnywhere(db: Database, accountId: string): Promise<boolean> {
  const ban = await db
    .selectFrom("room_restrictions")
    .select("room_id")
    .where("account_id", "=", accountId)
    .where("kind", "=", "ban")
    .limit(1)
    .executeTakeFirst();
  return ban !== undefined;
}

export type PlacedRoom = { id: string } & Place;
type Range = { first: number; last: number };

/**
 * For each range of cells at most `limit` of its public rooms, in no order. Nothing but an index is
 * read, except for conditions.
 */
export async function findPlacedRooms(
  db: Database,
  ranges: readonly Range[],
  options: { conditions: readonly Condition[]; limit: number },
): Promise<PlacedRoom[][]> {
  const { conditions, limit } = options;
  const selects = ranges.map(({ first, last }, number) => {
    const within = sql`rooms.public_cell between ${first} and ${last}`;
    return sql`select * from (
      select ${sql.lit(number)} as number, rooms.id, rooms.latitude, rooms.longitude from rooms
      where ${sql.join([within, ...conditions], sql` and `)} limit ${limit}) as found_${sql.raw(String(number))}`;
  });
  const { rows } = await sql<PlacedRoom & { number: number }>`
    ${sql.join(selects, sql` union all `)}`.execute(db);
  const found: PlacedRoom[][] = ranges.map(() => []);
  for (const row of rows) found[row.number]?.push(row);
  return found;
}

/** How many public rooms each range of cells has; those with more have `limit`. */
export async function countPlacedRooms(
  db: Database,
  ranges: readonly Range[],
  limit: number,
): Promise<number[]> {
  const counts = ranges.map(
    ({ first, last }, number) => sql`
      (select count(*) from (
        select 1 from rooms where public_cell between ${first} and ${last} limit ${limit}
      ) as counted) as ${sql.ref(`count_${number}`)}`,
  );
  const { rows } = await sql<Record<string, number | string>>`
    select ${sql.join(counts)}`.execute(db);
  // Postgres counts in bigint, which arrives as text.
  return ranges.map((_, number) => Number(rows[0]?.[`count_${number}`] ?? 0));
}

/** The different places of public rooms in a cell, in no order. */
export async function findPlaces(
  db: Database,
  cell: number,
  conditions: readonly Condition[],
): Promise<Place[]> {
  const where = sql.join([sql`rooms.public_cell = ${cell}`, ...conditions], sql` and `);
  const { rows } = await sql<Place>`
    select rooms.latitude, rooms.longitude from rooms
    where ${where} group by rooms.latitude, rooms.longitude`.execute(db);
  return rows;
}

/** The public rooms at one place in the order of their ids. */
export async function findRoomsAt(
  db: Database,
  { latitude, longitude }: Place,
  cell: number,
  options: { conditions: readonly Condition[]; afterId: string | undefined; limit: number },
): Promise<PlacedRoom[]> {
  const { afterId, limit } = options;
  const here = [
    sql`rooms.public_cell = ${cell}`,
    sql`rooms.latitude = ${latitude}`,
    sql`rooms.longitude = ${longitude}`,
    ...(afterId === undefined ? [] : [sql`rooms.id > ${afterId}`]),
    ...options.conditions,
  ];
  const { rows } = await sql<PlacedRoom>`
    select rooms.id, rooms.latitude, rooms.longitude from rooms
    where ${sql.join(here, sql` and `)} order by rooms.id limit ${limit}`.execute(db);
  return rows;
}
