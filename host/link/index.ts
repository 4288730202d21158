/** The link: what the simulation and the proxy use of this folder. */
export { Direction } from "./direction.ts";
export { type Duration, durationUs } from "./duration.ts";
export { LinkError } from "./error.ts";
export { DEFAULT_MTU_BYTES, Link } from "./link.ts";
export { MESSAGE_BEARERS } from "./message-bearers.ts";
export type { Packet } from "./packet.ts";
export { parseTc } from "./parse-tc.ts";
export { type Grade, PRESETS, type Preset, type Provenance, preset } from "./presets.ts";
export { parseSeed, RandomStream, type Seed, thresholdOf } from "./random.ts";
export type { DueHandler, Scheduler } from "./scheduler.ts";
export * from "./spec.ts";
export type { DirectionStatistics } from "./statistics.ts";
export {
  TcpConnection,
  type TcpOptions,
  tcpProfile,
} from "./tcp/connection.ts";
export { TcpEndpoint } from "./tcp/endpoint.ts";
export type { TcpCloseReason, TcpHandler } from "./tcp/handler.ts";
export {
  LINUX,
  LWIP,
  RFC6298,
  TCP_PROFILES,
  type TcpProfile,
} from "./tcp/profile.ts";
export type { TcpStatistics } from "./tcp/segment-writer.ts";
export { NEVER_US, Timer, type TimerOwner } from "./timer.ts";
export { validateLink } from "./validate.ts";
export { validateLoss } from "./validate-loss.ts";
export { validateOutage } from "./validate-outage.ts";
