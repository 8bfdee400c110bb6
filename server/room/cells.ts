import { getHexagonEdgeLengthAvg, gridDisk, latLngToCell, UNITS } from "h3-js";
import { type Place } from "../../shared/room.ts";

/** The first and the last number of a run of the finest cells. */
export type CellRange = readonly [first: number, last: number];

const FINEST = 15;
/** The bits of an H3 index that say where: the base cell, and a digit of three bits a resolution. */
const PLACE_BITS = (1n << 52n) - 1n;
const EVERYWHERE: CellRange = [0, Number(PLACE_BITS)];

/**
 * How far from anywhere in the middle cell a disk of `rings` surely reaches, in edges of a hexagon of
 * average size. The smallest have edges of seven tenths of that, and what lies in a cell's children
 * lies up to a third of an edge outside of itself.
 */
const covered = (rings: number) => 0.7 * (1.5 * rings - 1.5);

const averageEdges = Array.from({ length: FINEST + 1 }, (_, resolution) =>
  getHexagonEdgeLengthAvg(resolution, UNITS.m),
);

/** The number of the finest cell around a place, some decimetres wide. */
export function toNumberedCell({ latitude, longitude }: Place): number {
  return lastNumber(latLngToCell(latitude, longitude, FINEST));
}

/** Numbers among which are those of all places within `metres`, and others. They don't overlap. */
export function cellsAround({ latitude, longitude }: Place, metres: number): CellRange[] {
  const { resolution, rings } = diskFor(metres);
  if (rings > LARGEST_DISK) return [EVERYWHERE];
  const cells = gridDisk(latLngToCell(latitude, longitude, resolution), rings);
  // Digits that a coarse cell doesn't have are all ones in its index: it ends where they end.
  const size = 8 ** (FINEST - resolution);
  const ends = cells.map(lastNumber).toSorted((a, b) => a - b);
  const ranges: CellRange[] = [];
  for (const last of ends) {
    const before = ranges.at(-1);
    const first = last - size + 1;
    if (before && before[1] + 1 === first) ranges[ranges.length - 1] = [before[0], last];
    else ranges.push([first, last]);
  }
  return ranges;
}

/** More rings of the coarsest cells are most of the Earth. */
const LARGEST_DISK = 6;

/** The finest cells of which some rings are enough. */
function diskFor(metres: number): { resolution: number; rings: number } {
  for (let resolution = FINEST; resolution >= 0; resolution -= 1) {
    const edges = metres / (averageEdges[resolution] ?? Infinity);
    if (edges <= covered(2)) return { resolution, rings: 2 };
    if (edges <= covered(3)) return { resolution, rings: 3 };
    if (resolution === 0) return { resolution, rings: Math.ceil((edges / 0.7 + 1.5) / 1.5) };
  }
  throw new RangeError("there is no such resolution");
}

function lastNumber(cell: string): number {
  return Number(BigInt(`0x${cell}`) & PLACE_BITS);
}
