/** Small runs for the tests: a fleet of a few sensors on a link that is bad enough, unless told otherwise. */
import { LINUX, type LinkSpec, parseTc } from "../../host/link/index.ts";
import { type RunOptions, SyntheticReadings } from "../../host/simulation/index.ts";

export const BAD_LINK: LinkSpec = {
  ...parseTc("delay 250ms 20ms loss gemodel 4% 30% rate 64kbit duplicate 1% reorder 1%"),
  outage: { model: "on-off", meanOn: "15min", meanOff: "80s" },
};

export interface ScenarioOverrides extends Partial<RunOptions> {
  intervalUs?: number;
  payloadSize?: number;
}

export const MINUTE_US = 60e6;
export const HOUR_US = 3600e6;

export function scenario(seed: bigint, overrides: ScenarioOverrides = {}): RunOptions {
  const { intervalUs = 30e6, payloadSize = 24, ...options } = overrides;
  return {
    link: BAD_LINK,
    sensorCount: 5,
    durationUs: HOUR_US,
    seed,
    readings: new SyntheticReadings(intervalUs, payloadSize, seed),
    topicOf: sensor => `sensors/${String(sensor).padStart(4, "0")}`,
    tcp: LINUX,
    keepAliveSeconds: 60,
    window: 8,
    outboxBytes: 4096,
    ...options,
  };
}
