/**
 * When a satellite stands above the mask of a station: elevation by SGP4 (satellite.js), looked at every half a minute, the crossings then bisected to
 * 10 ms. Between two looks a satellite may come up and set again; where the elevation has a peak below the mask, the peak itself is sought.
 *
 * All of this happens before a simulation: what it uses are whole milliseconds and kilometres.
 */
import { degreesToRadians, ecfToLookAngles, eciToEcf, gstime, propagate } from "satellite.js";
import { LinkError } from "../error.ts";
import type { PassSpec } from "../spec.ts";
import type { Elements } from "./read-elements.ts";

/** A place on the ground: degrees, north and east positive, and metres above the ellipsoid. */
export interface GroundStation {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitudeM: number;
}

export interface Pass {
  readonly satellite: Elements;
  /** Milliseconds since 1970. A pass under way at either end of the search ends there. */
  readonly riseMs: number;
  readonly setMs: number;
  readonly maximumElevation: number;
  readonly nearestKm: number;
}

const STEP_MS = 30_000;
const TOLERANCE_MS = 10;
/** Ranges along a pass: a straight line between two is off by 5 us at most. */
const RANGE_STEP_MS = 10_000;

/** The passes of one satellite between two times, in order. Throws LinkError when the satellite has decayed. */
export function findPasses(
  satellite: Elements,
  station: GroundStation,
  minimumElevation: number,
  fromMs: number,
  toMs: number,
): Pass[] {
  const above = (ms: number) => look(satellite, station, ms).elevation - minimumElevation;
  const passes: Pass[] = [];
  const close = (riseMs: number, setMs: number) => {
    const peakMs = peakBetween(above, riseMs, setMs);
    const peak = look(satellite, station, peakMs);
    passes.push({ satellite, riseMs, setMs, maximumElevation: peak.elevation, nearestKm: peak.rangeKm });
  };
  let [beforeMs, before] = [fromMs, above(fromMs)];
  let [earlierMs, earlier] = [beforeMs, before];
  let riseMs = before >= 0 ? fromMs : undefined;
  while (beforeMs < toMs) {
    const nowMs = Math.min(toMs, beforeMs + STEP_MS);
    const now = above(nowMs);
    if (riseMs === undefined && now >= 0) {
      riseMs = crossing(above, beforeMs, nowMs);
    } else if (riseMs !== undefined && now < 0) {
      close(riseMs, crossing(above, nowMs, beforeMs));
      riseMs = undefined;
    } else if (riseMs === undefined && before > earlier && before >= now) {
      const peakMs = peakBetween(above, earlierMs, nowMs);
      if (above(peakMs) >= 0) close(crossing(above, earlierMs, peakMs), crossing(above, nowMs, peakMs));
    }
    [earlierMs, earlier] = [beforeMs, before];
    [beforeMs, before] = [nowMs, now];
  }
  if (riseMs !== undefined) close(riseMs, toMs);
  return passes;
}

/**
 * The windows of a link out of the passes of one satellite or many, milliseconds from `fromMs`, with the ranges that give the delay. A
 * terminal keeps its satellite until that sets, and then takes the next that is up.
 */
export function passWindows(passes: readonly Pass[], station: GroundStation, fromMs: number): PassSpec[] {
  const windows: PassSpec[] = [];
  let freeMs = fromMs;
  for (const { satellite, riseMs, setMs } of [...passes].sort((a, b) => a.riseMs - b.riseMs || a.setMs - b.setMs)) {
    const startMs = Math.max(riseMs, freeMs);
    if (setMs <= startMs) continue;
    const stepCount = Math.ceil((setMs - startMs) / RANGE_STEP_MS);
    const rangeKm = Array.from({ length: stepCount + 1 }, (_, step) => {
      const ms = startMs + Math.round(((setMs - startMs) * step) / stepCount);
      return Math.round(look(satellite, station, ms).rangeKm * 10) / 10;
    });
    windows.push({ start: startMs - fromMs, end: setMs - fromMs, rangeKm });
    freeMs = setMs;
  }
  return windows;
}

/** Where a satellite stands as seen from a station: degrees above the horizon, and km. Throws LinkError when it has decayed. */
export function look(satellite: Elements, station: GroundStation, ms: number): { elevation: number; rangeKm: number } {
  const date = new Date(ms);
  const state = propagate(satellite.record, date, { communityDecayCheckEnabled: true });
  if (state === null) {
    throw new LinkError(
      `${satellite.name} has decayed by ${date.toISOString()}, or its elements do not reach that far`,
    );
  }
  const observer = {
    latitude: degreesToRadians(station.latitude),
    longitude: degreesToRadians(station.longitude),
    height: station.altitudeM / 1000,
  };
  const { elevation, rangeSat } = ecfToLookAngles(observer, eciToEcf(state.position, gstime(date)));
  return { elevation: (elevation * 180) / Math.PI, rangeKm: rangeSat };
}

/** The time, to 10 ms, from which `above` is not negative, between one where it is and one where it is not. */
function crossing(above: (ms: number) => number, belowMs: number, aboveMs: number): number {
  let [low, high] = [belowMs, aboveMs];
  while (Math.abs(high - low) > TOLERANCE_MS) {
    const middle = Math.round((low + high) / 2);
    if (above(middle) >= 0) high = middle;
    else low = middle;
  }
  return high;
}

/** The time of the peak of `above` between two times that have one peak between them. */
function peakBetween(above: (ms: number) => number, startMs: number, endMs: number): number {
  let [low, high] = [startMs, endMs];
  while (high - low > TOLERANCE_MS) {
    const [left, right] = [Math.floor(low + (high - low) / 3), Math.ceil(high - (high - low) / 3)];
    if (above(left) < above(right)) low = left;
    else high = right;
  }
  return Math.round((low + high) / 2);
}
