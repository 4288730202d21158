/**
 * The reference broker: MQTT 5.0, 3.1.1 and 3.1, strict, without I/O of its own.
 *
 *     const broker = new Broker({ maxInflight: 20, sysIntervalMs: 10_000 });
 *     const connection = broker.connect(nowMs, { send(bytes, isLasting) {}, close(reason) {} });
 *     broker.receive(connection, bytes, nowMs);      // bytes have come; they are lent for the call
 *     broker.closed(connection, nowMs);              // the transport is gone
 *     broker.advance(nowMs);                         // time has passed ...
 *     broker.nextTimeout();                          // ... and is next wanted at this ms (absolute), or Infinity
 *     broker.pause(connection); broker.resume(connection, nowMs);  // the transport is congested; takes more again
 *     broker.counters;                               // what went through
 *     broker.statistics();                           // what it holds
 *     broker.at("sent PUBACK", fault.drop);          // what a test does to packets (faults.ts)
 *
 * Time is an integer of milliseconds from any origin and does not go backwards. Output goes through the sink that came
 * with the connection: a call gathers all that it causes for one peer into one buffer and lends it to `send` once,
 * which costs no object a packet and no list to drain. A sink copies or sends what it is lent, does not throw, and does
 * not call the broker from within (`pause` excepted). Sinks are called in the order in which output arose, so one
 * sequence of calls has one result.
 */

export { parsePasswordLine } from "./access/password-file.ts";
export { DEFAULT_ITERATIONS, hashPassword, MAX_ITERATIONS } from "./access/password-hash.ts";
export { Broker } from "./broker.ts";
export { type Clock, TestClock } from "./clock.ts";
export type { Packet } from "./codec/packet.ts";
export { ConfigurationError } from "./configuration/configuration-error.ts";
export { ConfiguredServer } from "./configuration/configured-server.ts";
export { Log } from "./configuration/log.ts";
export { parseConfiguration, readConfiguration } from "./configuration/parse.ts";
export { LOG_FORMATS, type LogFormat } from "./configuration/structured-log.ts";
export type { Connection, Sink } from "./connection.ts";
export type { Counters } from "./counters.ts";
export { type Access, Entrance, type EntranceOptions, type Permissions } from "./entrance.ts";
export { type Fault, type FaultHook, fault, type Passage, type Point } from "./faults.ts";
export { type HttpOptions, type HttpPort, serveHttp } from "./http.ts";
export { type Listener, type ListenOptions, listen } from "./listener.ts";
export { ListenError, type ListenerSocket, type SocketOptions } from "./listener-socket.ts";
export type { IdentitySource, TlsOptions } from "./listener-tls.ts";
export type {
  Applicant,
  AuthenticationExchange,
  AuthenticationMethod,
  AuthenticationStep,
  BrokerOptions,
  Credentials,
  LogLevel,
  Verdict,
} from "./options.ts";
export { SCRAM_SHA_256, type ScramVerifier, scramSha256, scramVerifier } from "./scram.ts";
export { Server, type ServerOptions } from "./server.ts";
export type { Statistics } from "./statistics.ts";
export { LmdbStore } from "./storage/lmdb-store.ts";
export { MemoryStore } from "./storage/memory-store.ts";
export { type Batch, type Store, type StoredRecord, StoreError } from "./storage/records.ts";
export { type Traced, traceLine } from "./trace.ts";
