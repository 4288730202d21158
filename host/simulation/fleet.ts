/**
 * The clients of a run in one memory of the core: first the sensors' topics, then a record for each sensor, then the subscriber's.
 */
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import { loadWasm } from "../core/load.ts";
import { RandomStream, type Seed } from "../link/index.ts";
import { isFive, type Version } from "./version.ts";

/** Options of `configure` in assembly/client.ts. */
const WINDOW = 0;
const JITTER_SEED = 4;
/** Bytes that come to a sensor: acknowledgements, a few at a time. */
const SENSOR_RECEIVE_BYTES = 256;
/** What the subscriber takes at once, at least; it is made larger for larger messages. */
const SUBSCRIBER_RECEIVE_BYTES = 16_384;
/** Beside topic and payload of a PUBLISH: fixed header, size of the topic, identifier, property block, and a little to spare. */
const PUBLISH_OVERHEAD_BYTES = 16;
const SUBSCRIBER_OUTBOX_BYTES = 64;
/** Room for CONNECT: fixed and variable header, and the longest client identifier below. */
const CONNECT_BYTES = 48;
/** QoS 2 messages that the subscriber may have received by half. */
const SUBSCRIBER_INBOUND_IDS = 256;
/** Beside its topic, the room of an alias: `aliases` in assembly/session/version.ts. A sensor has one topic. */
const ALIAS_OVERHEAD_BYTES = 7 + 16;
/** Session Expiry Interval, "never" (section 3.1.2.11.2 of MQTT 5.0): the session is kept as one of 3.1.1 is, which has no other end. */
const CONNECT_PROPERTIES = [5, 0x11, 0xff, 0xff, 0xff, 0xff];

export interface FleetSettings {
  sensorCount: number;
  /** The topic of each sensor. */
  topicOf: (sensor: number) => string;
  /** The largest of their payloads, bytes. */
  largestPayload: number;
  outboxBytes: number;
  window: number;
  keepAliveSeconds: number;
  version: Version;
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
  const { sensorCount, outboxBytes, version } = settings;
  const encoder = new TextEncoder();
  const topics = Array.from({ length: sensorCount }, (_, sensor) => encoder.encode(settings.topicOf(sensor)));
  const topicBytes = topics.reduce((sum, topic) => sum + topic.length, 0);
  const largestTopic = topics.reduce((most, topic) => Math.max(most, topic.length), 0);
  const largestMessage = settings.largestPayload + largestTopic + PUBLISH_OVERHEAD_BYTES;
  const subscriberReceive = Math.max(SUBSCRIBER_RECEIVE_BYTES, largestMessage);
  const aliasBytes = version === "5.0, aliases" ? ALIAS_OVERHEAD_BYTES + largestTopic : 0;
  const sensorReceive = SENSOR_RECEIVE_BYTES + aliasBytes;
  const probe = loadWasm(1);
  const sensorSize = probe.initialize(0, sensorReceive, outboxBytes, CONNECT_BYTES, 1);
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
    core.initialize(at, sensorReceive, outboxBytes, CONNECT_BYTES, 1);
    if (aliasBytes > 0) check(core.aliases(at, 0, aliasBytes), "the aliases");
    core.configure(at, WINDOW, settings.window);
    const jitter = new RandomStream(settings.seed, `sensor/${sensor}/backoff`).uint32();
    core.configure(at, JITTER_SEED, (jitter & 0x7fff_ffff) | 1);
    commitConnect(core, at, version, `sensor-${sensor}`, settings.keepAliveSeconds);
  });
  core.initialize(subscriberAt, subscriberReceive, SUBSCRIBER_OUTBOX_BYTES, CONNECT_BYTES, SUBSCRIBER_INBOUND_IDS);
  commitConnect(core, subscriberAt, version, "subscriber", 0);
  return fleet;
}

function commitConnect(core: Core, client: number, version: Version, clientId: string, keepAliveSeconds: number): void {
  const text = new TextEncoder().encode(clientId);
  const properties = isFive(version) ? CONNECT_PROPERTIES : [];
  if (isFive(version)) check(core.speak(client, 5), "MQTT 5.0");
  const rest = [...properties, text.length >> 8, text.length & 0xff, ...text];
  core.bytes.set(rest, check(core.connect(client, rest.length, 0, keepAliveSeconds), `the CONNECT of ${clientId}`));
  check(core.commit(client), `the CONNECT of ${clientId}`);
}

function check(answer: number, what: string): number {
  if (answer < 0) throw new Error(`the core refuses ${what}: ${answer}`);
  return answer;
}
