import { type RawBuilder, type RawBuilder as Fragment, sql } from "kysely";
import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import { type Place } from "../../shared/room.ts";
import { type Database } from "../database/database.ts";
import { isPostgres } from "../database/full-text.ts";
import { type CellRange } from "./cells.ts";
import { roomsWithWords } from "./room-search-store.ts";

/** In degrees; across the antimeridian where `west` is greater than `east`. */
export type Box = { south: number; west: number; north: number; east: number };

export type RoomFilter = {
  /** Rooms that this account is banned from aren't there. */
  accountId: string;
  text?: string | undefined;
  language?: LanguageTag | undefined;
  box?: Box | undefined;
};

/** What a room must be, to be found. False when nothing can be. */
export function conditions(db: Database, filter: RoomFilter): Fragment<boolean>[] | false {
  const { accountId, text, language, box } = filter;
  const all: Fragment<boolean>[] = [
    sql`rooms.id not in (
      select room_id from room_restrictions where account_id = ${accountId} and kind = 'ban')`,
  ];
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
  if (box) {
    const { south, west, north, east } = box;
    all.push(sql`rooms.latitude >= ${south} and rooms.latitude <= ${north}`);
    const join = west <= east ? sql`and` : sql`or`;
    all.push(sql`(rooms.longitude >= ${west} ${join} rooms.longitude <= ${east})`);
  }
  return all;
}

export type PlacedRoom = { id: string } & Place;

type Query = {
  ranges: readonly CellRange[];
  conditions: readonly Fragment<boolean>[];
  limit: number;
};

/** At most `limit` public rooms in the cells, in no order. Nothing but an index is read. */
export async function findPlacedRooms(db: Database, query: Query): Promise<PlacedRoom[]> {
  const limit = sql`limit ${query.limit}`;
  const rooms = sql`rooms.id, rooms.latitude, rooms.longitude`;
  const { rows } = await inCells<PlacedRoom>(db, query, { columns: rooms, perRange: limit, limit });
  return rows;
}

/** At most `limit` different places of public rooms in the cells, in no order. */
export async function findPlaces(
  db: Database,
  query: Omit<Query, "limit">,
): Promise<(Place & { count: number })[]> {
  const group = sql`group by rooms.latitude, rooms.longitude`;
  const columns = sql`rooms.latitude, rooms.longitude, count(*) as count`;
  const { rows } = await inCells<Place & { count: number | string }>(db, query, {
    columns,
    perRange: group,
    limit: isPostgres(db) ? sql`` : group,
  });
  // Postgres counts in bigint, which arrives as text.
  return rows.map(({ count, ...place }) => ({ ...place, count: Number(count) }));
}

/** The rooms at one place, by their ids. */
export async function findRoomsAt(
  db: Database,
  place: Place & { cell: number },
  query: Omit<Query, "ranges">,
): Promise<PlacedRoom[]> {
  const { latitude, longitude, cell } = place;
  const where = sql.join(
    [
      sql`rooms.public_cell = ${cell}`,
      sql`rooms.latitude = ${latitude}`,
      sql`rooms.longitude = ${longitude}`,
      ...query.conditions,
    ],
    sql` and `,
  );
  const { rows } = await sql<PlacedRoom>`
    select rooms.id, rooms.latitude, rooms.longitude from rooms
    where ${where} order by rooms.id limit ${query.limit}`.execute(db);
  return rows;
}

/** Both databases go from range to range through the index, whatever they think of the numbers. */
function inCells<Row>(
  db: Database,
  query: Omit<Query, "limit">,
  parts: {
    columns: RawBuilder<unknown>;
    perRange: RawBuilder<unknown>;
    limit: RawBuilder<unknown>;
  },
) {
  const { ranges } = query;
  const where = (first: RawBuilder<unknown>, last: RawBuilder<unknown>) =>
    sql.join(
      [sql`rooms.public_cell between ${first} and ${last}`, ...query.conditions],
      sql` and `,
    );
  if (!isPostgres(db)) {
    const [first, last] = [sql`(ranges.value ->> 0)`, sql`(ranges.value ->> 1)`];
    return sql<Row>`
      select ${parts.columns} from json_each(${JSON.stringify(ranges)}) as ranges
      cross join rooms indexed by rooms_by_place
      where ${where(first, last)} ${parts.limit}`.execute(db);
  }
  const [firsts, lasts] = [ranges.map(([first]) => first), ranges.map(([, last]) => last)];
  return sql<Row>`
    select found.* from unnest(${firsts}::bigint[], ${lasts}::bigint[]) as ranges (first, last)
    cross join lateral (
      select ${parts.columns} from rooms
      where ${where(sql`ranges.first`, sql`ranges.last`)} ${parts.perRange}
    ) as found ${parts.limit}`.execute(db);
}
