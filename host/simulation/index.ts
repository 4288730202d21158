/** The simulation: what the command line and the tests use of this folder. */
export {
  type Checker,
  check,
  checkAtLeastOnce,
  checkAtMostOnce,
  checkIntegrity,
  checkOrder,
  type Finding,
  type Qos,
  type Violation,
} from "./checkers.ts";
export { Delays } from "./delays.ts";
export { SimulationError } from "./error.ts";
export { History, type Occurrence, type SensorRecord } from "./history.ts";
export { IDENTITY_SIZE, type Readings, SyntheticReadings } from "./readings.ts";
export { RecordedReadings, type Recording, readRecording } from "./replay.ts";
export { bytes, duration, group, table, verdict } from "./report.ts";
export { type Row, rowOf, type SimulationResult, simulationResult } from "./result.ts";
export { type RunOptions, type RunResult, run } from "./run.ts";
export { type Simulation, simulate } from "./simulate.ts";
export { VirtualTime } from "./virtual-time.ts";
export { parseLoss, parseOutage, withWeather } from "./weather.ts";
