/**
 * One run: a fleet at one quality of service, a day of faults, then healing until everything has settled.
 *
 * The first phase lasts as long as was asked for. Then the link heals, no more readings are taken, and the second phase waits
 * for every client to get rid of what it holds. That it must, in bounded virtual time, is the promise of liveness; what is left at the bound is told.
 */
import { Broker, type BrokerOptions } from "../broker/index.ts";
import type { LinkSpec, PowerProfile, Seed, TcpProfile, Transmission } from "../link/index.ts";
import { Air, type TlsChoice } from "./air.ts";
import { check, type Finding, type Qos } from "./checkers.ts";
import { layOut } from "./fleet.ts";
import { History } from "./history.ts";
import type { Readings } from "./readings.ts";
import { Sensor } from "./sensor.ts";
import { Station } from "./station.ts";
import { Subscriber } from "./subscriber.ts";
import { DEFAULT_VERSION, isFive, type Version } from "./version.ts";
import { VirtualTime } from "./virtual-time.ts";
import type { Watch } from "./watch.ts";

/** How long the second phase may take. Back-offs of TCP and of the client end within minutes. */
const LIVENESS_BOUND_US = 3600e6;
/** How often the second phase looks. */
const LIVENESS_STEP_US = 1e6;
/** How long it goes on after the last message, to see what comes that should not. */
const STRAY_US = 60e6;
/** Steps in which the first phase reports its progress. */
const PROGRESS_STEPS = 200;

/** What is simulated. */
export interface RunOptions {
  /** A link that has been validated; every sensor has one of its own. */
  link: LinkSpec;
  sensorCount: number;
  durationUs: number;
  seed: Seed;
  readings: Readings;
  /** The topic of each sensor. */
  topicOf: (sensor: number) => string;
  /** The sensors' TCP stack; the broker's is Linux. */
  tcp: TcpProfile;
  /** TLS between sensors and broker; absent, none. */
  tls?: TlsChoice;
  /** Seconds; 0 for none. */
  keepAliveSeconds: number;
  /** Messages that a client may have unacknowledged. */
  window: number;
  /** Bytes of a client's outbox. */
  outboxBytes: number;
  /** What a sensor's radio takes; absent, nobody asks. */
  power?: PowerProfile;
  /** What sensors and subscriber speak; absent, MQTT 3.1.1. */
  version?: Version;
  /** Makes the broker; absent, the reference broker. A test brings one that breaks a promise. */
  newBroker?: (options: BrokerOptions) => Broker;
  /** Makes who looks on, for each run; it changes nothing of what happens. */
  newWatch?: (qos: Qos, version: Version) => Watch;
}

/** What a run has shown. */
export interface RunResult {
  version: Version;
  qos: Qos;
  history: History;
  /** Broken promises. */
  finding: Finding;
  /** Messages of which something is still outstanding when the second phase had to end; 0 when it converged. */
  pendingCount: number;
  /** Hash of the event log, 64 hexadecimal digits. */
  hash: string;
  mqtt: { upBytes: number; downBytes: number };
  ip: { upBytes: number; downBytes: number; upPackets: number; downPackets: number };
  /** What went on the air of it, framed and with headers compressed; absent where that is the same. */
  air?: { upBytes: number; downBytes: number };
  retransmissionCount: number;
  reconnectCount: number;
  /** How long the transmitters were busy, and what they sent, all sensors together. */
  radio: { up: Transmission; down: Transmission };
  /** How long the run was, healing included. */
  elapsedUs: number;
  /** Events of virtual time that were handled. */
  eventCount: number;
}

/** Runs a fleet at `qos`; `progress` is told the share of the first phase that is over, 0 to 1. */
export function run(options: RunOptions, qos: Qos, progress?: (share: number) => void): RunResult {
  const { seed, sensorCount, durationUs, readings, version = DEFAULT_VERSION } = options;
  const time = new VirtualTime();
  const history = new History(sensorCount);
  const watch = options.newWatch?.(qos, version);
  if (watch !== undefined) history.observe = watch.event.bind(watch);
  const brokerOptions: BrokerOptions = {
    sysIntervalMs: 0,
    maxQueued: Number.MAX_SAFE_INTEGER,
    maxQueuedBytes: Number.MAX_SAFE_INTEGER,
    // The window is the sensors' own in every version.
    receiveMaximum: 0xffff,
  };
  const broker = options.newBroker?.(brokerOptions) ?? new Broker(brokerOptions);
  const station = new Station(time, broker);
  const fleet = layOut({ ...options, version, largestPayload: readings.largestSize });
  const { core } = fleet;
  const subscriber = new Subscriber(time, core, fleet.subscriberAt, station.beside(), history, readings, qos, version);
  const airs: Air[] = [];
  const sensors = fleet.sensorAt.map((client, index) => {
    const air = new Air(time, options.link, seed, `sensor/${index}`, options.tcp, station, options.tls);
    air.watch = watch?.segments(index) ?? null;
    airs.push(air);
    const settings = {
      index,
      qos,
      topicAt: fleet.topicAt[index],
      topicSize: fleet.topicSize[index],
      blockSize: isFive(version) ? (1 as const) : (0 as const),
      endUs: durationUs,
    };
    return new Sensor(time, core, client, air, history, readings, settings);
  });

  subscriber.start();
  for (const sensor of sensors) sensor.start();
  for (let step = 1; step <= PROGRESS_STEPS; step += 1) {
    time.runUntil(Math.floor((durationUs * step) / PROGRESS_STEPS));
    progress?.(step / PROGRESS_STEPS);
  }
  for (const air of airs) air.link.heal();
  const isSettled = () =>
    sensors.every((sensor, index) => sensor.waitingBytes === 0 && (qos > 0 || airs[index].unacknowledgedBytes === 0));
  const boundUs = durationUs + LIVENESS_BOUND_US;
  while (!isSettled() && time.nowUs < boundUs) time.runUntil(time.nowUs + LIVENESS_STEP_US);
  const settled = isSettled();
  time.runUntil(time.nowUs + STRAY_US);

  const total = (count: (air: Air) => number) => airs.reduce((sum, air) => sum + count(air), 0);
  return {
    version,
    qos,
    history,
    finding: check(history, qos),
    pendingCount: settled
      ? 0
      : Math.max(1, history.invokedCount - (qos > 0 ? history.acknowledgedCount : history.deliveredCount)),
    hash: history.log.digest(),
    mqtt: { upBytes: sensors.reduce((sum, sensor) => sum + sensor.sentBytes, 0), downBytes: station.sentBytes },
    ip: {
      upBytes: total(air => air.link.up.statistics.byteCount),
      downBytes: total(air => air.link.down.statistics.byteCount),
      upPackets: total(air => air.link.up.statistics.packetCount),
      downPackets: total(air => air.link.down.statistics.packetCount),
    },
    ...(options.link.headers === undefined
      ? {}
      : {
          air: {
            upBytes: total(air => air.link.up.statistics.airByteCount),
            downBytes: total(air => air.link.down.statistics.airByteCount),
          },
        }),
    retransmissionCount: total(air => air.retransmissionCount) + station.retransmissionCount,
    reconnectCount: sensors.reduce((sum, sensor) => sum + Math.max(0, sensor.connectedCount - 1), 0),
    radio: { up: transmissionOf(airs, "up"), down: transmissionOf(airs, "down") },
    elapsedUs: time.nowUs,
    eventCount: time.handledCount,
  };
}

function transmissionOf(airs: readonly Air[], way: "up" | "down"): Transmission {
  const sum: Transmission = { airtimeUs: 0, airBytes: 0 };
  for (const { link } of airs) {
    const { airtimeUs, airByteCount } = link[way].statistics;
    sum.airtimeUs += airtimeUs;
    sum.airBytes += airByteCount;
  }
  return sum;
}
