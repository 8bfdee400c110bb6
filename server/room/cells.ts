import {
  cellToChildren,
  cellToLatLng,
  cellToParent,
  getHexagonEdgeLengthAvg,
  getRes0Cells,
  getResolution,
  gridDisk,
  latLngToCell,
  UNITS,
} from "h3-js";
import type { Place } from "../../shared/room.ts";
import { distanceMetres } from "./great-circle.ts";

/** A cell of H3: its numbers are those of the finest cells in it, which follow each other. */
export type Cell = {
  index: string;
  first: number;
  last: number;
  /** Nothing in it is nearer to, or further from, the place that was asked about. */
  nearest: number;
  farthest: number;
};

const FINEST = 15;
/** The bits of an H3 index that say where: the base cell, and a digit of three bits a resolution. */
const PLACE_BITS = (1n << 52n) - 1n;

const averageEdges = Array.from({ length: FINEST + 1 }, (_, resolution) =>
  getHexagonEdgeLengthAvg(resolution, UNITS.m),
);

/**
 * What lies in a cell, or in what its descendants have outside of it, is nearer to its centre than
 * so many edges of average length.
 */
const RADIUS_IN_EDGES = 1.3;

/**
 * How far a disk of three rings surely reaches from anywhere in its middle cell, in average edges:
 * the smallest have seven tenths of that.
 */
const DISK_IN_EDGES = 2.1;

/** The number of the finest cell around a place, some decimetres wide. */
export function toNumberedCell({ latitude, longitude }: Place): number {
  return lastNumber(latLngToCell(latitude, longitude, FINEST));
}

/** Cells that have all places within `metres` in them, and others. They don't overlap. */
export function cellsAround(place: Place, metres: number): Cell[] {
  const { latitude, longitude } = place;
  const resolution = averageEdges.findLastIndex((edge) => metres <= DISK_IN_EDGES * edge);
  const indexes =
    resolution < 0 ? getRes0Cells() : gridDisk(latLngToCell(latitude, longitude, resolution), 3);
  return indexes.map((index) => toCell(index, place));
}

/** The cells that a place is in, the finest first. */
export function cellsOf(place: Place): (Cell & { edgeMetres: number })[] {
  const { latitude, longitude } = place;
  const finest = latLngToCell(latitude, longitude, FINEST);
  return averageEdges
    .map((edgeMetres, resolution) => ({
      ...toCell(cellToParent(finest, resolution), place),
      edgeMetres,
    }))
    .toReversed();
}

/** The cells that a cell is made of. None of the finest. */
export function splitCell({ index }: Cell, place: Place): Cell[] {
  const resolution = getResolution(index);
  if (resolution === FINEST) return [];
  return cellToChildren(index, resolution + 1).map((child) => toCell(child, place));
}

export function cellRadius({ index }: Cell): number {
  return (averageEdges[getResolution(index)] ?? Infinity) * RADIUS_IN_EDGES;
}

export function cellCentre({ index }: Cell): Place {
  const [latitude, longitude] = cellToLatLng(index);
  return { latitude, longitude };
}

function toCell(index: string, place: Place): Cell {
  const resolution = getResolution(index);
  const last = lastNumber(index);
  const [latitude, longitude] = cellToLatLng(index);
  const distance = distanceMetres(place, { latitude, longitude });
  const radius = (averageEdges[resolution] ?? Infinity) * RADIUS_IN_EDGES;
  return {
    index,
    // Digits that a coarse cell doesn't have are all ones in its index: it ends where they end.
    first: last - 8 ** (FINEST - resolution) + 1,
    last,
    nearest: Math.max(0, distance - radius),
    farthest: distance + radius,
  };
}

function lastNumber(cell: string): number {
  return Number(BigInt(`0x${cell}`) & PLACE_BITS);
}
