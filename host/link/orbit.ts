/**
 * The delay that geometry alone dictates: from an orbit's height and the elevation under which the satellite stands.
 *
 *     slant(h, e) = -R sin e + sqrt((R sin e)^2 + h^2 + 2 R h)          R = 6378 km
 *
 * A bent pipe has two legs, terminal to satellite and satellite to ground station. It re-derives the maxima of the reference scenarios of 3GPP
 * TR 38.821: round trips of 541.46, 25.77 and 41.77 ms from 35,786, 600 and 1,200 km at 10 degrees. Queues and processing are no geometry, and are
 * a term of their own.
 */
import { root, sineOfDegrees } from "./elementary.ts";

const EARTH_RADIUS_KM = 6378;
const LIGHT_KM_PER_S = 299_792.458;

/** Heights by name, km. */
export const ORBITS_KM: Readonly<Record<string, number>> = {
  geo: 35_786,
  "leo-550": 550,
  "leo-600": 600,
  iridium: 780,
  "leo-1200": 1200,
};

/** Distance to a satellite `heightKm` above the ground that stands `elevationDegrees` (0 to 90) above the horizon, km. */
function slantRangeKm(heightKm: number, elevationDegrees: number): number {
  const drop = EARTH_RADIUS_KM * sineOfDegrees(elevationDegrees);
  return root(drop * drop + heightKm * heightKm + 2 * EARTH_RADIUS_KM * heightKm, 2) - drop;
}

/** Microseconds that light takes for `distanceKm`, an integer. */
export function lightUs(distanceKm: number): number {
  return Math.round((distanceKm / LIGHT_KM_PER_S) * 1e6);
}

/** One way through a bent pipe, microseconds, from the elevations at the terminal and at the ground station. */
export function bentPipeUs(heightKm: number, elevationDegrees: number, feederElevationDegrees: number): number {
  return lightUs(slantRangeKm(heightKm, elevationDegrees) + slantRangeKm(heightKm, feederElevationDegrees));
}
