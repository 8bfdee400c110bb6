import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { percentile } from "../../client/testing/statistics.ts";
import { formatTable } from "../../client/testing/table.ts";
import { migrateToLatest } from "../../server/database/migrations.ts";
import { openDatabase } from "../../server/database/open-database.ts";
import { silentLog } from "../../server/kit/log.ts";
import { createDirectory } from "../../server/room/directory.ts";
import { distanceMetres } from "../../server/room/great-circle.ts";
import type { Box } from "../../server/room/box.ts";
import type { Place } from "../../shared/room.ts";
import type { Benchmark } from "./benchmark.ts";
import { bigCity, createPlaces, createRandom, emptySea, fillRooms } from "./place-database.ts";

const LIMIT = 50;
const PEER_MS = 3000;
const METRES_PER_DEGREE = 111_195;

type Question = { box: Box; near?: Place & { radiusMetres: number } };
type Case = { name: string; ask: () => Question };

export const placeBenchmark: Benchmark = {
  summary: "rooms by place, out of a million, beside an index of latitude and longitude",
  async run({ print, quick }) {
    const rooms = quick ? 100_000 : 1_000_000;
    const rounds = quick ? 100 : 300;
    const directory = mkdtempSync(join(tmpdir(), "parley-places-"));
    try {
      const file = join(directory, "parley.db");
      const db = openDatabase({ sqliteFile: file }, silentLog);
      await migrateToLatest(db);
      const random = createRandom(7);
      const place = createPlaces(random);
      fillRooms(file, rooms, place);
      print(`${rooms.toLocaleString("en")} public rooms on SQLite, the nearest ${LIMIT} of them.`);
      const toRoom = <Room extends object>(room: Room) => ({ ...room, presentCount: 0 });
      const found = createDirectory({ db, toRoom });
      const plain = new Sqlite(file, { readonly: true });
      try {
        const cases = createCases(place, random);
        // The code is compiled before anything counts.
        for (const { ask } of cases)
          for (let round = 0; round < 30; round += 1) await search(found, ask());
        const results: Record<string, object> = {};
        const rows = [["", "p50 ms", "p99 ms", "plain p50", "plain p99", "plain : Parley (p99)"]];
        for (const { name, ask } of cases) {
          const own: number[] = [];
          const peer: number[] = [];
          for (let round = 0; round < rounds; round += 1) {
            const question = ask();
            const mine = await measure(() => search(found, question), own);
            // The peer may be slow: as often as it takes to know how slow.
            if (round % 5 === 0 && sum(peer) < PEER_MS) {
              const expected = await measure(() => searchPlainly(plain, question), peer);
              compare(name, mine, expected);
            }
          }
          const [p50, p99] = [percentile(own, 0.5) ?? 0, percentile(own, 0.99) ?? 0];
          const [plainP50, plainP99] = [percentile(peer, 0.5) ?? 0, percentile(peer, 0.99) ?? 0];
          const ratio = plainP99 / p99;
          results[name] = { p50, p99, plainP50, plainP99, ratio };
          rows.push([
            name,
            ...[p50, p99, plainP50, plainP99].map((value) => value.toFixed(2)),
            ratio.toFixed(1),
          ]);
        }
        print(formatTable(rows));
        return { rooms, limit: LIMIT, milliseconds: results };
      } finally {
        plain.close();
        await db.destroy();
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function createCases(place: () => Place, random: () => number): Case[] {
  const nearby = (at: () => Place, radiusMetres: number) => () => {
    const near = { ...at(), radiusMetres };
    return { near, box: boxAround(near, radiusMetres) };
  };
  const within = (at: () => Place, degrees: number) => () => {
    const { latitude, longitude } = at();
    const west = longitude - degrees / 2;
    const east = longitude + degrees / 2;
    const box = {
      south: Math.max(-90, latitude - degrees / 2),
      north: Math.min(90, latitude + degrees / 2),
      west: west < -180 ? west + 360 : west,
      east: east > 180 ? east - 360 : east,
    };
    return { box };
  };
  const near = (centre: Place, degrees: number) => () => ({
    latitude: centre.latitude + (random() - 0.5) * degrees,
    longitude: centre.longitude + (random() - 0.5) * degrees,
  });
  const city = near(bigCity, 0.3);
  const sea = near(emptySea, 1);
  return [
    { name: "nearby, where rooms are, 1 km", ask: nearby(place, 1000) },
    { name: "nearby, where rooms are, 50 km", ask: nearby(place, 50_000) },
    { name: "nearby, where rooms are, 1000 km", ask: nearby(place, 1_000_000) },
    { name: "nearby, in a big city, 5 km", ask: nearby(city, 5000) },
    { name: "nearby, in a big city, 1000 km", ask: nearby(city, 1_000_000) },
    { name: "nearby, on the empty sea, 50 km", ask: nearby(sea, 50_000) },
    { name: "nearby, on the empty sea, everywhere", ask: nearby(sea, 20_000_000) },
    { name: "within, where rooms are, 0.05 degrees", ask: within(place, 0.05) },
    { name: "within, where rooms are, 2 degrees", ask: within(place, 2) },
    { name: "within, in a big city, 0.1 degrees", ask: within(city, 0.1) },
    { name: "within, in a big city, 20 degrees", ask: within(city, 20) },
    { name: "within, on the empty sea, 20 degrees", ask: within(sea, 20) },
  ];
}

function boxAround({ latitude, longitude }: Place, metres: number): Box {
  const degrees = metres / METRES_PER_DEGREE;
  const [south, north] = [latitude - degrees, latitude + degrees];
  const width = degrees / Math.cos((latitude * Math.PI) / 180);
  // Around a pole there is every longitude.
  const whole = south <= -90 || north >= 90 || width >= 180;
  const wrap = (value: number) => ((value + 540) % 360) - 180;
  return {
    south: Math.max(-90, south),
    north: Math.min(90, north),
    west: whole ? -180 : wrap(longitude - width * 1.1),
    east: whole ? 180 : wrap(longitude + width * 1.1),
  };
}

async function search(
  directory: ReturnType<typeof createDirectory>,
  { near, box }: Question,
): Promise<number[]> {
  const { items } = near
    ? await directory.nearby("nobody", { ...near, limit: LIMIT })
    : await directory.within("nobody", { ...box, limit: LIMIT });
  return items.map((room) => room.distanceMetres);
}

/** All rooms in the box, by the index of latitudes, sorted by their distance. */
function searchPlainly(database: Sqlite.Database, { near, box }: Question): Promise<number[]> {
  const { south, north, west, east } = box;
  const width = west <= east ? east - west : east - west + 360;
  const longitude = west + width / 2;
  const centre = near ?? { latitude: (south + north) / 2, longitude };
  const rows = database
    .prepare<number[], Place & { id: string }>(
      `select id, latitude, longitude from plain_rooms
       where latitude between ? and ? and (longitude >= ? ${west <= east ? "and" : "or"} longitude <= ?)`,
    )
    .all(south, north, west, east);
  const distances = rows
    .map((room) => distanceMetres(centre, room))
    .filter((distance) => distance <= (near?.radiusMetres ?? Infinity))
    .toSorted((a, b) => a - b);
  return Promise.resolve(distances.slice(0, LIMIT));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function measure<Result>(work: () => Promise<Result>, into: number[]): Promise<Result> {
  const begun = performance.now();
  const result = await work();
  into.push(performance.now() - begun);
  return result;
}

function compare(name: string, mine: readonly number[], expected: readonly number[]): void {
  const same =
    mine.length === expected.length &&
    mine.every((distance, index) => Math.abs(distance - (expected[index] ?? Infinity)) < 0.001);
  if (!same) throw new Error(`${name}: not the rooms that are nearest`);
}
