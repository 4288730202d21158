/**
 * The clients of a run in one memory of the core: first the sensors' topics, then a record for each sensor, then the subscriber's.
 */
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import { loadWasm } from "../core/load.ts";
import { RandomStream, type Seed } from "../link/index.ts";

/** Options of `configure` in assembly/client.ts. */
const WINDOW = 0;
const JITTER_SEED = 4;
/** Bytes that come to a sensor: acknowledgements, a few at a time. */
const SENSOR_RECEIVE_BYTES = 256;
/** What the subscriber takes at once, at least; it is made larger for larger messages. */
const SUBSCRIBER_RECEIVE_BYTES = 16_384;
/** Beside topic and payload of a PUBLISH: fixed header, size of the topic, identifier, and a little to spare. */
const PUBLISH_OVERHEAD_BYTES = 16;
const SUBSCRIBER_OUTBOX_BYTES = 64;
/** Room for CONNECT: fixed and variable header, and the longest client identifier below. */
const CONNECT_BYTES = 48;
/** QoS 2 messages that the subscriber may have received by half. */
const SUBSCRIBER_INBOUND_IDS = 256;

export interface FleetSettings {
  sensorCount: number;
  /** The topic of each sensor. */
  topicOf: (sensor: number) => string;
  /** The largest of their payloads, bytes. */
  largestPayload: number;
  outboxBytes: number;
  window: number;
  keepAliveSeconds: number;
  seed: Seed;
}

/** Where everything stands. */
export interface Fleet {
  core: Core;
  /** Addresses of the sensors' records. */
  sensorAt: number[];
  topicAt: number[];
  topicSize: number[];
  subscriberAt: number;
}

/** Lays a fleet out and commits everybody's CONNECT: persistent sessions, so that what is unacknowledged is resumed. */
export function layOut(settings: FleetSettings): Fleet {
  const { sensorCount, outboxBytes } = settings;
  const encoder = new TextEncoder();
  const topics = Array.from({ length: sensorCount }, (_, sensor) => encoder.encode(settings.topicOf(sensor)));
  const topicBytes = topics.reduce((sum, topic) => sum + topic.length, 0);
  const largestTopic = topics.reduce((most, topic) => Math.max(most, topic.length), 0);
  const largestMessage = settings.largestPayload + largestTopic + PUBLISH_OVERHEAD_BYTES;
  const subscriberReceive = Math.max(SUBSCRIBER_RECEIVE_BYTES, largestMessage);
  const probe = loadWasm(1);
  const sensorSize = probe.initialize(0, SENSOR_RECEIVE_BYTES, outboxBytes, CONNECT_BYTES, 1);
  const subscriberSize = probe.initialize(
    0,
    subscriberReceive,
    SUBSCRIBER_OUTBOX_BYTES,
    CONNECT_BYTES,
    SUBSCRIBER_INBOUND_IDS,
  );
  const firstSensorAt = (FIRST_ADDRESS + topicBytes + 15) & ~15;
  const subscriberAt = firstSensorAt + sensorCount * sensorSize;
  const core = loadWasm(subscriberAt + subscriberSize);
  const fleet: Fleet = { core, sensorAt: [], topicAt: [], topicSize: [], subscriberAt };
  let topicAt = FIRST_ADDRESS;
  topics.forEach((topic, sensor) => {
    const at = firstSensorAt + sensor * sensorSize;
    core.bytes.set(topic, topicAt);
    fleet.topicAt.push(topicAt);
    fleet.topicSize.push(topic.length);
    fleet.sensorAt.push(at);
    topicAt += topic.length;
    core.initialize(at, SENSOR_RECEIVE_BYTES, outboxBytes, CONNECT_BYTES, 1);
    core.configure(at, WINDOW, settings.window);
    const jitter = new RandomStream(settings.seed, `sensor/${sensor}/backoff`).uint32();
    core.configure(at, JITTER_SEED, (jitter & 0x7fff_ffff) | 1);
    commitConnect(core, at, `sensor-${sensor}`, settings.keepAliveSeconds);
  });
  core.initialize(subscriberAt, subscriberReceive, SUBSCRIBER_OUTBOX_BYTES, CONNECT_BYTES, SUBSCRIBER_INBOUND_IDS);
  commitConnect(core, subscriberAt, "subscriber", 0);
  return fleet;
}

function commitConnect(core: Core, client: number, clientId: string, keepAliveSeconds: number): void {
  const text = new TextEncoder().encode(clientId);
  const at = core.connect(client, 2 + text.length, 0, keepAliveSeconds);
  core.bytes.set([text.length >> 8, text.length & 0xff, ...text], at);
  const answer = core.commit(client);
  if (at < 0 || answer < 0) throw new Error(`the core refuses the CONNECT of ${clientId}: ${at < 0 ? at : answer}`);
}
