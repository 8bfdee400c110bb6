import { getPentagons, cellToLatLng } from "h3-js";
import { expect, it } from "vitest";
import type { Place, RoomAtDistance } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { type Box, isInBox } from "./box.ts";
import { toNumberedCell } from "./cells.ts";
import { distanceMetres, FARTHEST_METRES } from "./great-circle.ts";
import { openTestRooms } from "./testing/open-rooms.ts";

/** Numbers from 0 to 1, the same in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Placed = { id: string; place: Place };

const wrap = (longitude: number) => ((((longitude + 180) % 360) + 360) % 360) - 180;

/** All over the Earth; close together at the poles, on the antimeridian, and where H3 is uneven. */
function placesEverywhere(random: () => number, count: number): Placed[] {
  const pentagon = cellToLatLng(getPentagons(4)[5] ?? "");
  return Array.from({ length: count }, (_, number) => {
    const spread = () => (random() - 0.5) * 10 ** (random() * 5 - 4);
    const kinds: (() => Place)[] = [
      () => ({
        latitude: (Math.asin(2 * random() - 1) * 180) / Math.PI,
        longitude: random() * 360 - 180,
      }),
      () => ({ latitude: 90 - Math.abs(spread()), longitude: random() * 360 - 180 }),
      () => ({ latitude: -90 + Math.abs(spread()), longitude: random() * 360 - 180 }),
      () => ({ latitude: spread(), longitude: wrap(180 + spread()) }),
      () => ({ latitude: pentagon[0] + spread(), longitude: wrap(pentagon[1] + spread()) }),
      () => ({ latitude: 41.39, longitude: 2.17 }),
    ];
    const place = kinds[number % kinds.length]?.() ?? { latitude: 0, longitude: 0 };
    return { id: `room-${String(number).padStart(6, "0")}`, place };
  });
}

async function insertPlaced(db: Database, rooms: readonly Placed[], visibility = "public") {
  const rows = rooms.map(({ id, place }) => ({
    id,
    name: id,
    created_at: "2026-01-01T00:00:00.000Z",
    active_at: "2026-01-01T00:00:00.000Z",
    ...place,
    public_cell: visibility === "public" ? toNumberedCell(place) : null,
  }));
  for (let start = 0; start < rows.length; start += 500) {
    await db
      .insertInto("rooms")
      .values(rows.slice(start, start + 500))
      .execute();
  }
}

/** The same by looking at every room. */
function bruteForce(rooms: readonly Placed[], centre: Place, radiusMetres: number, box?: Box) {
  return rooms
    .map(({ id, place }) => ({ id, place, distance: distanceMetres(centre, place) }))
    .filter(({ distance, place }) => distance <= radiusMetres && (!box || isInBox(box, place)))
    .toSorted((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1));
}

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

it("measures along the surface, near and far, as the law of cosines of vectors does", () => {
  const random = createRandom(3);
  const vector = ({ latitude, longitude }: Place) => {
    const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [
      Math.cos(phi) * Math.cos(lambda),
      Math.cos(phi) * Math.sin(lambda),
      Math.sin(phi),
    ] as const;
  };
  for (const { place: a } of placesEverywhere(random, 300)) {
    for (const { place: b } of placesEverywhere(random, 6)) {
      const [u, v] = [vector(a), vector(b)];
      const dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
      const cross = Math.hypot(
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
      );
      const expected = Math.atan2(cross, dot) * (FARTHEST_METRES / Math.PI);
      expect(Math.abs(distanceMetres(a, b) - expected)).toBeLessThan(0.2);
    }
  }
});

describeEachDialect("rooms by place", (open) => {
  async function setUp(count: number) {
    const { db } = await open();
    await insertSampleAccount(db, "ann");
    const random = createRandom(11);
    const placed = placesEverywhere(random, count);
    await insertPlaced(db, placed);
    return { db, rooms: await openTestRooms(db), random, placed };
  }

  it("are listed exactly by their distance from any point, with any radius", async () => {
    const { rooms, random, placed } = await setUp(3000);
    const centres = placesEverywhere(random, 60).map(({ place }) => place);
    centres.push({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 77 });
    centres.push({ latitude: 0, longitude: 180 }, { latitude: 0, longitude: -180 });
    for (const centre of centres) {
      const radiusMetres = 10 ** (random() * 5.3 + 2);
      const limit = 1 + Math.floor(random() * 60);
      const { items } = await rooms.nearby("ann", { ...centre, radiusMetres, limit });
      const expected = bruteForce(placed, centre, radiusMetres).slice(0, limit);
      expect(ids(items)).toEqual(ids(expected));
      expect(items.map((item) => item.distanceMetres)).toEqual(
        expected.map(({ distance }) => distance),
      );
    }
  });

  it("are listed page by page without a gap or a repeat, also many at one place", async () => {
    const { rooms, placed } = await setUp(2400);
    // 400 are exactly here.
    const centre = { latitude: 41.39, longitude: 2.17 };
    const seen: RoomAtDistance[] = [];
    let cursor: string | undefined;
    do {
      const input = { ...centre, radiusMetres: 3_000_000, limit: 100, cursor };
      const page = await rooms.nearby("ann", input);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(ids(seen)).toEqual(ids(bruteForce(placed, centre, 3_000_000)));
    expect(seen.filter((room) => room.distanceMetres === 0)).toHaveLength(400);
  });

  it("are found in boxes, also across the antimeridian and around the poles", async () => {
    const { rooms, random, placed } = await setUp(3000);
    const boxes: Box[] = [
      { south: -5, west: 175, north: 5, east: -175 },
      { south: 85, west: -180, north: 90, east: 180 },
      { south: -90, west: 100, north: -80, east: -100 },
      { south: -90, west: -180, north: 90, east: 180 },
      { south: 41, west: 2, north: 42, east: 3 },
      { south: 10, west: 10, north: 10, east: 10 },
    ];
    for (let number = 0; number < 40; number += 1) {
      const [a, b] = [random() * 180 - 90, random() * 180 - 90];
      const [west, east] = [random() * 360 - 180, random() * 360 - 180];
      boxes.push({ south: Math.min(a, b), north: Math.max(a, b), west, east });
    }
    for (const box of boxes) {
      const everything = await rooms.within("ann", { ...box, limit: 500 });
      const inside = placed.filter(({ place }) => isInBox(box, place));
      if (inside.length <= 500) {
        expect(ids(everything.items).toSorted()).toEqual(ids(inside).toSorted());
      } else expect(everything.items).toHaveLength(500);
      const distances = everything.items.map((room) => room.distanceMetres);
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
      const few = await rooms.within("ann", { ...box, limit: 7 });
      expect(ids(few.items)).toEqual(ids(everything.items).slice(0, 7));
    }
  });

  it("are in every box that has their meridian, whatever it is called", async () => {
    const { db } = await open();
    await insertSampleAccount(db, "ann");
    await insertPlaced(db, [
      { id: "180 east", place: { latitude: -16.8, longitude: 180 } },
      { id: "180 west", place: { latitude: -16.8, longitude: -180 } },
      { id: "north pole", place: { latitude: 90, longitude: 50 } },
      { id: "south pole", place: { latitude: -90, longitude: -120 } },
    ]);
    const rooms = await openTestRooms(db);
    const within = async (south: number, west: number, north: number, east: number) => {
      const { items } = await rooms.within("ann", { south, west, north, east, limit: 10 });
      return ids(items).toSorted();
    };
    expect(await within(-17, 170, -16, 180)).toEqual(["180 east", "180 west"]);
    expect(await within(-17, -180, -16, -170)).toEqual(["180 east", "180 west"]);
    expect(await within(-17, 179, -16, -179)).toEqual(["180 east", "180 west"]);
    expect(await within(-17, -179, -16, 179)).toEqual([]);
    expect(await within(80, 0, 90, 10)).toEqual(["north pole"]);
    expect(await within(-90, 0, -80, 10)).toEqual(["south pole"]);
    expect(await within(80, 0, 89, 10)).toEqual([]);
  });

  it("are public ones alone, as they are now, and none that one is banned from", async () => {
    const { db } = await open();
    for (const name of ["ann", "ben"]) await insertSampleAccount(db, name);
    const rooms = await openTestRooms(db);
    const place = { latitude: 60.169_855_49, longitude: 24.938_379_12 };
    const { id: roomId } = await rooms.create("ann", { name: "Harbour", place });
    await rooms.create("ann", { name: "Cellar", place, visibility: "private" });
    const found = async (accountId = "ben") =>
      (await rooms.nearby(accountId, { ...place, radiusMetres: 10, limit: 10 })).items;
    expect(await found()).toMatchObject([
      { id: roomId, place: { latitude: 60.169_855, longitude: 24.938_379 } },
    ]);
    await rooms.ban("ann", { roomId, accountId: "ben" });
    expect([await found(), ids(await found("ann"))]).toEqual([[], [roomId]]);
    await rooms.update("ann", { roomId, place: { latitude: 0, longitude: 0 } });
    expect(await found("ann")).toEqual([]);
    const { place: updated } = await rooms.update("ann", { roomId, place });
    expect(updated).toEqual({ latitude: 60.169_855, longitude: 24.938_379 });
    await rooms.update("ann", { roomId, visibility: "private" });
    expect(await found("ann")).toEqual([]);
    await rooms.update("ann", { roomId, visibility: "public", place: null });
    expect(await found("ann")).toEqual([]);
  });

  it("are searched by words of any script, languages and nearness together", async () => {
    const { db } = await open();
    await insertSampleAccount(db, "ann");
    const rooms = await openTestRooms(db);
    const make = (name: string, more: object = {}) => rooms.create("ann", { name, ...more });
    const tokyo = { latitude: 35.68, longitude: 139.76 };
    const kyoto = { latitude: 35.01, longitude: 135.77 };
    await make("東京の料理教室", { place: tokyo, settings: { languages: ["ja", "en-GB"] } });
    await make("Café crème", { description: "parlem de cuina", settings: { languages: ["ca"] } });
    await make("京都の料理", { place: kyoto, settings: { languages: ["ja"] } });
    await make("料理の秘密", { visibility: "private" });
    const names = async (input: Omit<Parameters<typeof rooms.search>[1], "limit">) => {
      const { items } = await rooms.search("ann", { ...input, limit: 10 });
      return items.map(({ name }) => name);
    };
    expect((await names({ text: "料理" })).toSorted()).toEqual(["京都の料理", "東京の料理教室"]);
    expect(await names({ text: "CAFE" })).toEqual(["Café crème"]);
    expect(await names({ text: "cuina" })).toEqual(["Café crème"]);
    expect(await names({ text: "!?" })).toEqual([]);
    expect(await names({ language: "en" })).toEqual(["東京の料理教室"]);
    const near = { ...kyoto, radiusMetres: 1_000_000 };
    expect(await names({ text: "料理", near })).toEqual(["京都の料理", "東京の料理教室"]);
    expect(await names({ language: "ja", near: { ...near, radiusMetres: 1000 } })).toEqual([
      "京都の料理",
    ]);
    const { items } = await rooms.list("ann", { limit: 10 });
    const first = items.find(({ name }) => name === "Café crème");
    await rooms.update("ann", { roomId: first?.id ?? "", name: "Tea" });
    expect(await names({ text: "cafe" })).toEqual([]);
    expect(await names({ text: "tea" })).toEqual(["Tea"]);
    await rooms.remove("ann", first?.id ?? "");
    expect(await names({ text: "tea" })).toEqual([]);
  });
});
