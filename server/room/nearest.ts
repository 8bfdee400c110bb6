import type { Place } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { type Box, isFarFromBox, isInBox } from "./box.ts";
import { type Cell, cellCentre, cellRadius, cellsAround, cellsOf, splitCell } from "./cells.ts";
import { distanceMetres } from "./great-circle.ts";
import {
  type Condition,
  countPlacedRooms,
  findPlacedRooms,
  findPlaces,
  findRoomsAt,
  type PlacedRoom,
} from "./place-store.ts";

export type Near = { id: string; distance: number };

export type NearestQuery = {
  place: Place;
  radiusMetres: number;
  limit: number;
  /** The list goes on after this one. */
  after?: Near | undefined;
  box?: Box | undefined;
  conditions: readonly Condition[];
};

/** A cell with more rooms is split. */
const CROWD = 48;
/** Cells that are looked into at once. */
const BATCH = 3;
/** Rooms that one look may find. */
const LOOK = 1000;
/** Cells are at most this large a part of what is looked at. */
const FINE_ENOUGH = 0.6;

/** Public rooms by their distance, exactly, and by id where that is the same. */
export async function findNearest(db: Database, query: NearestQuery): Promise<Near[]> {
  return (await findAtOneLook(db, query)) ?? (await findCellByCell(db, query));
}

/**
 * Looks at a disk that has about as many rooms as are wanted, to judge by the cells around its
 * middle. Undefined when that was no good guess.
 */
async function findAtOneLook(db: Database, query: NearestQuery): Promise<Near[] | undefined> {
  const { place, limit, after, conditions } = query;
  if (after || conditions.length > 0) return undefined;
  const around = cellsOf(place);
  const counts = await countPlacedRooms(db, around, limit);
  const enough = around.find((_, number) => counts[number] === limit);
  if (!enough) return undefined;
  const radiusMetres = Math.min(query.radiusMetres, enough.edgeMetres);
  const isNear = ({ nearest }: Cell) => nearest <= radiusMetres;
  let cells = cellsAround(place, radiusMetres).filter(isNear);
  if (cells.some((cell) => cellRadius(cell) > radiusMetres * FINE_ENOUGH)) {
    const parts = cells.flatMap((cell) => splitCell(cell, place)).filter(isNear);
    if (parts.length > 0) cells = parts;
  }
  const ranges = joinRanges(cells);
  const rooms = (await findPlacedRooms(db, ranges, { conditions, limit: LOOK })).flat();
  if (rooms.length >= LOOK) return undefined;
  const found = keepNearest(rooms, { ...query, radiusMetres });
  return found.length === limit || radiusMetres === query.radiusMetres ? found : undefined;
}

/** Those that follow each other become one. */
function joinRanges(cells: readonly Cell[]): { first: number; last: number }[] {
  const ranges: { first: number; last: number }[] = [];
  for (const { first, last } of cells.toSorted((a, b) => a.first - b.first)) {
    const before = ranges.at(-1);
    if (before && before.last + 1 === first) before.last = last;
    else ranges.push({ first, last });
  }
  return ranges;
}

function keepNearest(rooms: readonly PlacedRoom[], query: NearestQuery): Near[] {
  const { place, radiusMetres, limit, after, box } = query;
  const nears: Near[] = [];
  for (const room of rooms) {
    const near = { id: room.id, distance: distanceMetres(place, room) };
    if (near.distance > radiusMetres || (after && compare(near, after) <= 0)) continue;
    if (!box || isInBox(box, room)) nears.push(near);
  }
  return nears.toSorted(compare).slice(0, limit);
}

/**
 * Looks into the cells around a place, the nearest first, into parts of those in which there is
 * much; and stops when what it has found is nearer than anything can be in the cells that are left.
 */
async function findCellByCell(db: Database, query: NearestQuery): Promise<Near[]> {
  const { place, radiusMetres, limit, after, box, conditions } = query;
  const isWanted = (cell: Cell) =>
    cell.nearest <= radiusMetres &&
    cell.farthest >= (after?.distance ?? 0) &&
    !(box && isFarFromBox(box, cellCentre(cell), cellRadius(cell)));
  const cells = cellsAround(place, radiusMetres).filter(isWanted);
  let found: Near[] = [];

  for (;;) {
    cells.sort((a, b) => b.nearest - a.nearest);
    // What comes after the last place in the list is of no interest.
    const horizon = found[limit - 1]?.distance ?? Infinity;
    const next = cells.splice(-BATCH).toReversed();
    const batch = next.filter((cell) => cell.nearest <= horizon);
    if (batch.length === 0) return found;
    const rooms = await findPlacedRooms(db, batch, { conditions, limit: CROWD + 1 });
    for (const [number, cell] of batch.entries()) {
      const inside = rooms[number] ?? [];
      const parts = inside.length > CROWD ? splitCell(cell, place) : [];
      cells.push(...parts.filter(isWanted));
      const isCrowd = inside.length > CROWD && parts.length === 0;
      const here = isCrowd ? await findAtSamePlaces(db, cell, query) : inside;
      if (parts.length > 0) continue;
      found = [...found, ...keepNearest(here, query)].toSorted(compare).slice(0, limit);
    }
  }
}

/** A finest cell that is crowded: very many rooms at one and the same place, or a few. */
async function findAtSamePlaces(db: Database, cell: Cell, query: NearestQuery) {
  const { after, limit, conditions } = query;
  const rooms: PlacedRoom[] = [];
  for (const place of await findPlaces(db, cell.last, conditions)) {
    const isLast = after && distanceMetres(query.place, place) === after.distance;
    const afterId = isLast ? after.id : undefined;
    rooms.push(...(await findRoomsAt(db, place, cell.last, { conditions, afterId, limit })));
  }
  return rooms;
}

function compare(a: Near, b: Near): number {
  return a.distance - b.distance || (a.id < b.id ? -1 : Number(a.id > b.id));
}
