import { type Place } from "../../shared/room.ts";
import { type Database } from "../database/database.ts";
import { type Box, isFarFromBox, isInBox } from "./box.ts";
import { type Cell, cellCentre, cellRadius, cellsAround, splitCell } from "./cells.ts";
import { distanceMetres } from "./great-circle.ts";
import { type Condition, findPlacedRooms, findPlaces, findRoomsAt } from "./place-store.ts";

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
const CROWD = 100;
/** Cells that are looked into at once. */
const BATCH = 6;

/**
 * Public rooms by their distance, exactly, and by id where that is the same. Looks into the cells
 * around a place, the nearest first, into parts of those in which there is much; and stops when
 * what it has found is nearer than anything can be in the cells that are left.
 */
export async function findNearest(db: Database, query: NearestQuery): Promise<Near[]> {
  const { place, radiusMetres, limit, after, box, conditions } = query;
  const isWanted = (cell: Cell) =>
    cell.nearest <= radiusMetres &&
    cell.farthest >= (after?.distance ?? 0) &&
    !(box && isFarFromBox(box, cellCentre(cell), cellRadius(cell)));
  const cells = cellsAround(place, radiusMetres).filter(isWanted);
  let found: Near[] = [];

  /** What comes after the last place in the list is of no interest. */
  const horizon = () => found[limit - 1]?.distance ?? Infinity;
  const add = (rooms: readonly ({ id: string } & Place)[]) => {
    for (const room of rooms) {
      const near = { id: room.id, distance: distanceMetres(place, room) };
      if (near.distance > radiusMetres || (after && compare(near, after) <= 0)) continue;
      if (!box || isInBox(box, room)) found.push(near);
    }
  };

  for (;;) {
    cells.sort((a, b) => b.nearest - a.nearest);
    const next = cells.splice(-BATCH).toReversed();
    const batch = next.filter((cell) => cell.nearest <= horizon());
    if (batch.length === 0) return found;
    const rooms = await findPlacedRooms(db, batch, { conditions, limit: CROWD + 1 });
    for (const [number, cell] of batch.entries()) {
      const inside = rooms[number] ?? [];
      if (inside.length <= CROWD) {
        add(inside);
        continue;
      }
      const parts = splitCell(cell, place);
      cells.push(...parts.filter(isWanted));
      if (parts.length === 0) add(await findAtSamePlaces(db, cell, query));
    }
    found = found.toSorted(compare).slice(0, limit);
  }
}

/** A finest cell that is crowded: very many rooms at one and the same place, or a few. */
async function findAtSamePlaces(db: Database, cell: Cell, query: NearestQuery) {
  const { after, limit, conditions } = query;
  const rooms: ({ id: string } & Place)[] = [];
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
