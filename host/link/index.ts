/** The link: what the simulation and the proxy use of this folder. */
export { durationUs } from "./duration.ts";
export { LinkError } from "./error.ts";
export { readMahimahi, writeMahimahi } from "./formats/mahimahi.ts";
export { writeTc } from "./formats/tc.ts";
export { readToxiproxy, writeToxiproxy } from "./formats/toxiproxy.ts";
export type { Written } from "./formats/written.ts";
export { FRAMING_NAMES, Headers, type HeadersSpec } from "./headers.ts";
export { Link } from "./link.ts";
export type { Packet, PacketSink } from "./packet.ts";
export { HEADER_WORDS, parseHeaders } from "./parse-headers.ts";
export { parseTc } from "./parse-tc.ts";
export { type Energy, energyOf, type PowerProfile, type Transmission, validatePower } from "./power.ts";
export { MESSAGE_BEARERS, RECORDINGS } from "./presets/message-bearers.ts";
export { GRADES, type MessageBearer, type Preset } from "./presets/provenance.ts";
export { type Figure, figuresOf, illustrativeParts, PRESETS, preset, presetOrBearer } from "./presets.ts";
export { parseSeed, RandomStream, type Seed } from "./random.ts";
export type { DueHandler, Scheduler } from "./scheduler.ts";
export * from "./spec.ts";
export { TcpConnection, type TcpOptions, tcpProfile } from "./tcp/connection.ts";
export { TcpEndpoint } from "./tcp/endpoint.ts";
export type { TcpCloseReason, TcpHandler } from "./tcp/handler.ts";
export { LINUX, LINUX_CUBIC, LWIP, RFC6298, TCP_PROFILES, type TcpProfile } from "./tcp/profile.ts";
export { FIN, RST, type Segment, SYN } from "./tcp/segment.ts";
export type { TcpStatistics } from "./tcp/segment-writer.ts";
export type { SendBuffer } from "./tcp/send-buffer.ts";
export { NEVER_US, Timer, type TimerOwner } from "./timer.ts";
export { TLS_MODES, type TlsMode } from "./tls.ts";
export {
  TOXIC_ATTRIBUTES,
  type ToxicSpec,
  type ToxicStream,
  validateAttributes,
  validateToxic,
} from "./toxics/toxic-spec.ts";
export { validateLink } from "./validate.ts";
export { validateToxics } from "./validate-connections.ts";
export { validateLoss } from "./validate-loss.ts";
export { validateOutage } from "./validate-outage.ts";
