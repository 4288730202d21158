/**
 * When sensors had no link: the outages of a run drawn once more, for a picture.
 *
 * Every model of an outage is drawn from a stream of its own by name (link.ts), so that drawing it again gives the same spells as the run had.
 */
import { type LinkSpec, RandomStream, type Seed } from "../link/index.ts";
import { type OutageModel, outageModel } from "../link/outage.ts";

/** Sensors that stand for a larger fleet. */
const MOST_SENSORS = 500;
/** How often an interval is looked at. */
const SAMPLES = 8;

/** The outages that a sensor's link can have: of the whole, up and down. */
function outagesOf(link: LinkSpec, seed: Seed, sensor: number): OutageModel[] {
  const name = `sensor/${sensor}`;
  const models = [
    outageModel(link.outage, new RandomStream(seed, `${name}/outage`)),
    outageModel(link.up.outage, new RandomStream(seed, `${name}/up/outage`)),
    outageModel(link.down.outage, new RandomStream(seed, `${name}/down/outage`)),
  ];
  return models.filter(model => model !== null);
}

/** The share of sensors without a link (0 to 1), in each of `binCount` equal parts of `durationUs`; null where the link has no outages. */
export function outageShares(
  link: LinkSpec,
  seed: Seed,
  sensorCount: number,
  durationUs: number,
  binCount: number,
): number[] | null {
  if (outagesOf(link, seed, 0).length === 0) return null;
  const shares = new Array<number>(binCount).fill(0);
  const count = Math.min(sensorCount, MOST_SENSORS);
  const stepUs = durationUs / (binCount * SAMPLES);
  for (let sensor = 0; sensor < count; sensor += 1) {
    const models = outagesOf(link, seed, sensor);
    for (let sample = 0; sample < binCount * SAMPLES; sample += 1) {
      const isSilent = models.some(model => model.silent(Math.floor((sample + 0.5) * stepUs)));
      if (isSilent) shares[Math.floor(sample / SAMPLES)] += 1;
    }
  }
  return shares.map(silentCount => silentCount / (SAMPLES * count));
}

/** The spells without a link of one sensor between two times, microseconds, to a five-hundredth of what lies between. */
export function silentSpells(
  link: LinkSpec,
  seed: Seed,
  sensor: number,
  fromUs: number,
  toUs: number,
): [number, number][] {
  const models = outagesOf(link, seed, sensor);
  const spells: [number, number][] = [];
  const stepUs = Math.max(1, (toUs - fromUs) / 500);
  let sinceUs = Number.NaN;
  for (let us = fromUs; us <= toUs; us += stepUs) {
    const isSilent = models.some(model => model.silent(Math.floor(us)));
    if (isSilent && Number.isNaN(sinceUs)) sinceUs = us;
    if (!isSilent && !Number.isNaN(sinceUs)) {
      spells.push([sinceUs, us]);
      sinceUs = Number.NaN;
    }
  }
  if (!Number.isNaN(sinceUs)) spells.push([sinceUs, toUs]);
  return spells;
}
