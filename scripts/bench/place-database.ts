import Sqlite from "better-sqlite3";
import type { Place } from "../../shared/room.ts";
import { toNumberedCell } from "../../server/room/cells.ts";

/** Numbers from 0 to 1, the same in each run. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const bigCity: Place = { latitude: 35.68, longitude: 139.76 };
export const emptySea: Place = { latitude: -48.9, longitude: -123.4 };

/** Where rooms of the benchmark are: a tenth in one city, most around some thousand others. */
export function createPlaces(random: () => number): () => Place {
  const anywhere = (): Place => ({
    latitude: (Math.asin(2 * random() - 1) * 180) / Math.PI,
    longitude: random() * 360 - 180,
  });
  const cities = Array.from({ length: 3000 }, anywhere);
  // Near the middle there is more, as in cities.
  const around = ({ latitude, longitude }: Place, degrees: number): Place => {
    const [distance, angle] = [degrees * random() ** 2, random() * 2 * Math.PI];
    return {
      latitude: Math.max(-90, Math.min(90, latitude + distance * Math.sin(angle))),
      longitude: ((longitude + distance * Math.cos(angle) + 540) % 360) - 180,
    };
  };
  return () => {
    const kind = random();
    if (kind < 0.1) return around(bigCity, 0.2);
    if (kind < 0.9)
      return around(cities[Math.floor(random() ** 2 * cities.length)] ?? bigCity, 0.3);
    return anywhere();
  };
}

/**
 * Fills a database that has all tables with rooms, and beside them a table as one would make it
 * without thinking of spheres: latitude and longitude with an index.
 */
export function fillRooms(file: string, count: number, place: () => Place): void {
  const database = new Sqlite(file);
  database.pragma("synchronous = OFF");
  database.pragma("cache_size = -200000");
  const index = database
    .prepare<[], { sql: string }>("select sql from sqlite_master where name = 'rooms_by_place'")
    .get();
  database.exec("drop index rooms_by_place");
  database.exec("create table plain_rooms (id text, latitude real, longitude real)");
  const insert = database.prepare(`
    insert into rooms (id, name, created_at, active_at, latitude, longitude, public_cell)
    values (?, ?, '2026-01-01', '2026-01-01', ?, ?, ?)`);
  const insertPlain = database.prepare("insert into plain_rooms values (?, ?, ?)");
  database.transaction(() => {
    for (let number = 0; number < count; number += 1) {
      const at = place();
      const id = `room-${String(number).padStart(8, "0")}`;
      insert.run(id, id, at.latitude, at.longitude, toNumberedCell(at));
      insertPlain.run(id, at.latitude, at.longitude);
    }
  })();
  if (index) database.exec(index.sql);
  database.exec("create index plain_rooms_by_place on plain_rooms (latitude, longitude, id)");
  database.exec("analyze");
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
}
