import type { Place } from "../../shared/room.ts";
import { distanceMetres, FARTHEST_METRES } from "./great-circle.ts";

/** In degrees; across the antimeridian where `west` is greater than `east`. */
export type Box = { south: number; west: number; north: number; east: number };

export function isInBox({ south, west, north, east }: Box, place: Place): boolean {
  const { latitude, longitude } = place;
  if (latitude < south || latitude > north) return false;
  const isBetween = (meridian: number) =>
    west <= east ? meridian >= west && meridian <= east : meridian >= west || meridian <= east;
  // All meridians meet at a pole, and one of them has two names.
  if (Math.abs(latitude) === 90 || isBetween(longitude)) return true;
  return Math.abs(longitude) === 180 && isBetween(-longitude);
}

/** Whether surely nothing within `metres` of the place is in the box. */
export function isFarFromBox(box: Box, place: Place, metres: number): boolean {
  const { latitude, longitude } = place;
  const reach = metres / FARTHEST_METRES;
  const toBand = Math.max(box.south - latitude, latitude - box.north, 0);
  if (toBand / 180 > reach) return true;
  // Over a pole every longitude is near.
  if ((90 - Math.abs(latitude)) / 180 <= reach) return false;
  if (isInBox({ ...box, south: -90, north: 90 }, place)) return false;
  return [box.west, box.east].every((side) => {
    const turn = Math.abs(((((longitude - side) % 360) + 540) % 360) - 180);
    if (turn >= 90) return true;
    const toMeridian = Math.asin(Math.cos(radians(latitude)) * Math.sin(radians(turn)));
    return toMeridian / Math.PI > reach;
  });
}

/** The middle of a box, and how far from it anything in the box may be. */
export function aroundBox({ south, west, north, east }: Box): {
  place: Place;
  radiusMetres: number;
} {
  const width = west <= east ? east - west : east - west + 360;
  const middle = west + width / 2;
  const longitude = middle > 180 ? middle - 360 : middle;
  const place = { latitude: (south + north) / 2, longitude };
  // A quarter of the way round and less, the corners are furthest away.
  if (width > 180) return { place, radiusMetres: FARTHEST_METRES };
  const corners = [south, north].flatMap((latitude) =>
    [west, east].map((side) => distanceMetres(place, { latitude, longitude: side })),
  );
  return { place, radiusMetres: Math.max(...corners) * (1 + 1e-9) + 1 };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
