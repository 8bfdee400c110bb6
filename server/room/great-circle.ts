import type { Place } from "../../shared/room.ts";

/** The mean radius of the Earth, which is taken for a sphere. */
const EARTH_RADIUS_METRES = 6_371_008.8;

/** No two places are further apart. */
export const FARTHEST_METRES = Math.PI * EARTH_RADIUS_METRES;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Along the surface, by the haversine formula: exact for near places, too. */
export function distanceMetres(a: Place, b: Place): number {
  const latitudes = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const longitudes = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const haversine =
    latitudes + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * longitudes;
  const root = Math.sqrt(haversine);
  return 2 * EARTH_RADIUS_METRES * Math.atan2(root, Math.sqrt(Math.max(0, 1 - haversine)));
}
