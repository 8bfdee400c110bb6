import { type RawBuilder } from "kysely";
import { type Place } from "../../shared/room.ts";
import { type Database } from "../database/database.ts";
import { type CellRange, cellsAround, toNumberedCell } from "./cells.ts";
import { distanceMetres, FARTHEST_METRES } from "./great-circle.ts";
import { findPlacedRooms, findPlaces, findRoomsAt, type PlacedRoom } from "./place-store.ts";

/** Where a list goes on: after this room. `count` are on the pages before. */
export type NearestPosition = { distance: number; id: string; count: number };

export type Near = { id: string; distance: number };

const FIRST_METRES = 200;
const GROWTH = 4;
/** Rows of one look are this many at most, besides those of the pages before. */
const LOOK = 600;
/** It gets no narrower: below are the size of a cell, and of what is not worth another look. */
const NARROWEST_METRES = 2;
const NARROWEST_RATIO = 1.02;

/**
 * Public rooms by their distance, exactly, and by id where that is the same. Looks around the place
 * in growing disks, and stops when the nearest are surely all there; where a disk holds too much it
 * looks at a smaller one first.
 */
export async function findNearest(
  db: Database,
  query: {
    place: Place;
    radiusMetres: number;
    limit: number;
    after?: NearestPosition | undefined;
    conditions: readonly RawBuilder<boolean>[];
  },
): Promise<Near[]> {
  const { place, after, conditions } = query;
  const radius = Math.min(query.radiusMetres, FARTHEST_METRES);
  const wanted = query.limit + (after?.count ?? 0);
  const most = LOOK + wanted * 2;

  const isWanted = (near: Near) =>
    near.distance <= radius && (!after || compare(near, { ...after }) > 0);
  const toNear = (room: PlacedRoom): Near => ({
    id: room.id,
    distance: distanceMetres(place, room),
  });
  const firstOf = (nears: readonly Near[]) =>
    nears.filter(isWanted).toSorted(compare).slice(0, query.limit);

  /** All within here is known to be too little. */
  let known = 0;
  /** What is within here is known to be too much for one look. */
  let tooFar = Infinity;
  let reach = Math.min(radius, Math.max(FIRST_METRES, (after?.distance ?? 0) * 1.5));
  for (;;) {
    const ranges = cellsAround(place, reach);
    const rooms = await findPlacedRooms(db, { ranges, conditions, limit: most + 1 });
    const crowded = rooms.length > most;
    if (crowded && reach > NARROWEST_METRES && reach > known * NARROWEST_RATIO) {
      tooFar = reach;
      reach = between(known, reach);
      continue;
    }
    const nears = crowded
      ? await findCrowded(db, { place, ranges, conditions, limit: wanted })
      : rooms.map(toNear);
    // What lies further away may have a nearer neighbour that was not looked at.
    const found = firstOf(nears.filter(({ distance }) => distance <= reach));
    if (found.length >= query.limit || reach >= radius) return found;
    known = reach;
    reach = Math.min(radius, tooFar === Infinity ? reach * GROWTH : between(known, tooFar));
  }
}

/** The geometric mean: disks grow by ratios. */
function between(near: number, far: number): number {
  return Math.sqrt(Math.max(near, NARROWEST_METRES / 2) * far);
}

/** Where very many rooms are at one and the same place, the places are read instead of the rooms. */
async function findCrowded(
  db: Database,
  query: {
    place: Place;
    ranges: readonly CellRange[];
    conditions: readonly RawBuilder<boolean>[];
    limit: number;
  },
): Promise<Near[]> {
  const { place, ranges, conditions, limit } = query;
  const places = (await findPlaces(db, { ranges, conditions })).map((one) => ({
    ...one,
    distance: distanceMetres(place, one),
  }));
  const nears: Near[] = [];
  let enough = Infinity;
  for (const one of places.toSorted((a, b) => a.distance - b.distance)) {
    if (one.distance > enough) break;
    const at = { ...one, cell: toNumberedCell(one) };
    const rooms = await findRoomsAt(db, at, { conditions, limit });
    nears.push(...rooms.map(({ id }) => ({ id, distance: one.distance })));
    if (nears.length >= limit) enough = one.distance;
  }
  return nears;
}

function compare(a: Near, b: Near): number {
  return a.distance - b.distance || (a.id < b.id ? -1 : Number(a.id > b.id));
}
