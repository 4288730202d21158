/**
 * What a publish costs that matches ten subscriptions, among how many others (bench/broker.ts).
 *
 * The machine alone, without sockets. The topics published to are more than the broker remembers, so that each message
 * really walks the tree.
 */
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { Broker, type Connection, type Sink } from "../../host/broker/index.ts";

const MATCH_COUNT = 10;
const CLIENT_COUNT = 1000;
const TOPIC_COUNT = 20_000;
const ROUND_COUNT = 15;

export interface Matching {
  subscriptionCount: number;
  /** Processor time of one PUBLISH of 64 bytes at QoS 0 to ten subscribers. */
  microsecondsPerPublish: number;
}

export function measureMatching(subscriptionCount: number): Matching {
  const broker = new Broker({ sysIntervalMs: 0 });
  const clients = Array.from({ length: CLIENT_COUNT }, (_, index) => connectClient(broker, `client-${index}`));
  // Each client subscribes to devices of its own, in the same rooms; ten of them to those that are published to.
  const ownCount = subscriptionCount - MATCH_COUNT;
  for (let index = 0; index < ownCount; index++) {
    const filter = topicOf(TOPIC_COUNT + index);
    subscribe(broker, clients[index % CLIENT_COUNT], filter);
  }
  for (let index = 0; index < MATCH_COUNT; index++) subscribe(broker, clients[index], "fleet/+/room/+/device/+");
  if (broker.subscriptionCount !== subscriptionCount) throw new Error("a subscription is missing");

  const packets = Array.from({ length: TOPIC_COUNT }, (_, index) =>
    encodePacket({
      type: "PUBLISH",
      topic: topicOf(index),
      payload: new Uint8Array(64),
      qos: 0,
      isDup: false,
      isRetain: false,
      packetId: 0,
    }),
  );
  const publisher = connectClient(broker, "publisher");
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUND_COUNT; round++) {
    const sentBefore = broker.counters.publishMessagesSent;
    const start = process.cpuUsage();
    for (const packet of packets) broker.receive(publisher, packet, 0);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
    const sentCount = broker.counters.publishMessagesSent - sentBefore;
    if (sentCount !== TOPIC_COUNT * MATCH_COUNT) throw new Error(`${sentCount} messages are not ten for each`);
  }
  return { subscriptionCount, microsecondsPerPublish: best / TOPIC_COUNT };
}

function topicOf(device: number): string {
  return `fleet/${device % 997}/room/${device % 101}/device/${device}`;
}

const sink: Sink = { send() {}, close() {} };

function connectClient(broker: Broker, clientId: string): Connection {
  const connection = broker.connect(0, sink);
  broker.receive(
    connection,
    encodePacket({ type: "CONNECT", level: 4, cleanSession: true, keepAliveS: 0, clientId }),
    0,
  );
  return connection;
}

function subscribe(broker: Broker, connection: Connection, filter: string): void {
  broker.receive(connection, encodePacket({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter, qos: 0 }] }), 0);
}
