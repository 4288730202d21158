/** The simulation: what the command line and the tests use of this folder. */
export { check, checkAtLeastOnce, checkAtMostOnce, checkIntegrity, checkOrder, type Qos } from "./checkers.ts";
export { Delays } from "./delays.ts";
export { SimulationError } from "./error.ts";
export { History } from "./history.ts";
export { IDENTITY_SIZE, type Readings, SyntheticReadings } from "./readings.ts";
export { TIME_UNITS, type TimeUnit } from "./recorded-time.ts";
export { RecordedReadings, type Recording, readRecording } from "./replay.ts";
export { airText, bytes, duration, group, table, verdict } from "./report.ts";
export { type Row, rowOf } from "./result.ts";
export { type RunOptions, run } from "./run.ts";
export { type Simulation, simulate } from "./simulate.ts";
export { DEFAULT_VERSION, isFive, parseVersions, type Version } from "./version.ts";
export { VirtualTime } from "./virtual-time.ts";
export { parseLoss, parseOutage, withWeather } from "./weather.ts";
