/**
 * The experiment behind the measurements, in virtual time: publishers that send 40 messages of 44 bytes, one every 5 s, to a broker at the other
 * end of a lossy link. The peers speak the sizes of MQTT 3.1.1 and nothing more: a byte of type, a byte of length, and as much padding.
 */
import {
  Link,
  type LinkSpec,
  parseSeed,
  TcpConnection,
  type TcpHandler,
  type TcpOptions,
} from "../../host/link/index.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

const [CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP] = [1, 2, 3, 4, 5, 6, 7];

/** Bytes of a packet: header, topic of 5, packet identifier with a QoS, payload of 44. */
const CONNECT_SIZE = 18;
const ANSWER_SIZE = 4;
const PUBLISH_SIZES = [53, 55, 55];

export interface Experiment {
  link: LinkSpec;
  qos: 0 | 1 | 2;
  seed: number;
  publisherCount: number;
  messageCount: number;
  intervalMs: number;
  tcp?: TcpOptions;
  /** The publishers set TCP_NODELAY; mosquitto, by default, does not. */
  publisherNoDelay?: boolean;
}

/** Times in ms; packets and bytes are sums over all publishers at the IP level. */
export interface Outcome {
  delaysMs: number[];
  acknowledgedMs: number[];
  connectMs: number[];
  mqttConnectMs: number[];
  upPackets: number;
  upBytes: number;
  downPackets: number;
  downBytes: number;
  retransmissions: number;
  closeReasons: Map<string, number>;
  eventCount: number;
}

/** Cuts a stream of sized packets apart and calls `packet` for each. */
class Framer {
  private type = 0;
  private left = 0;
  private readonly packet: (type: number) => void;

  constructor(packet: (type: number) => void) {
    this.packet = packet;
  }

  take(bytes: Uint8Array, offset: number, size: number): void {
    for (let at = offset; at < offset + size; at += 1) {
      if (this.type === 0) this.type = bytes[at];
      else if (this.left === 0) this.left = bytes[at] - 1;
      else this.left -= 1;
      if (this.type !== 0 && this.left === 1) {
        const type = this.type;
        this.type = 0;
        this.left = 0;
        this.packet(type);
      }
    }
  }
}

function sized(type: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = type;
  bytes[1] = size;
  return bytes;
}

export function runExperiment(experiment: Experiment): Outcome {
  const time = new VirtualTime();
  const outcome: Outcome = {
    delaysMs: [],
    acknowledgedMs: [],
    connectMs: [],
    mqttConnectMs: [],
    upPackets: 0,
    upBytes: 0,
    downPackets: 0,
    downBytes: 0,
    retransmissions: 0,
    closeReasons: new Map(),
    eventCount: 0,
  };
  const connections = Array.from({ length: experiment.publisherCount }, (_, index) =>
    publisher(time, experiment, index, outcome),
  );
  time.runToEnd(50_000_000);
  outcome.eventCount = time.handledCount;
  for (const { client, server } of connections) {
    outcome.upPackets += client.statistics.packetCount;
    outcome.upBytes += client.statistics.byteCount;
    outcome.downPackets += server.statistics.packetCount;
    outcome.downBytes += server.statistics.byteCount;
    outcome.retransmissions += client.statistics.retransmissionCount + server.statistics.retransmissionCount;
  }
  return outcome;
}

function publisher(time: VirtualTime, experiment: Experiment, index: number, outcome: Outcome): TcpConnection {
  const { qos, messageCount, intervalMs } = experiment;
  const link = new Link(time, experiment.link, parseSeed(experiment.seed), `publisher/${index}`);
  const connection = new TcpConnection(time, link, experiment.tcp);
  const { client, server } = connection;
  client.nagle = !experiment.publisherNoDelay;
  const publish = sized(PUBLISH, PUBLISH_SIZES[qos]);
  const sentUs: number[] = [];
  let publishedCount = 0;
  let deliveredCount = 0;
  let completedCount = 0;
  // Publishers do not beat in step, nor in step with the stack's own clock.
  const startUs = index * 51_237;

  const deliver = () => outcome.delaysMs.push((time.nowUs - sentUs[deliveredCount++]) / 1000);
  const complete = () => {
    outcome.acknowledgedMs.push((time.nowUs - sentUs[completedCount++]) / 1000);
    if (completedCount === messageCount) client.close();
  };
  const publishing = {
    due(step: number) {
      if (step < 0) client.connect();
      else if (step === messageCount) client.close();
      else {
        sentUs.push(time.nowUs);
        client.write(publish);
        publishedCount += 1;
        const more = publishedCount < messageCount || qos === 0;
        if (more) time.at(time.nowUs + intervalMs * 1000, publishing, publishedCount);
      }
    },
  };

  const clientFramer = new Framer(type => {
    if (type === CONNACK) {
      outcome.mqttConnectMs.push((time.nowUs - startUs) / 1000);
      time.at(time.nowUs + 1_000_000 + index * 1_013, publishing, 0);
    } else if (type === PUBREC) client.write(sized(PUBREL, ANSWER_SIZE));
    else complete();
  });
  const serverFramer = new Framer(type => {
    if (type === CONNECT) server.write(sized(CONNACK, ANSWER_SIZE));
    else if (type === PUBLISH) {
      if (qos < 2) deliver();
      if (qos > 0) server.write(sized(qos === 1 ? PUBACK : PUBREC, ANSWER_SIZE));
    } else if (type === PUBREL) {
      deliver();
      server.write(sized(PUBCOMP, ANSWER_SIZE));
    }
  });

  const closed = (reason: string) => outcome.closeReasons.set(reason, (outcome.closeReasons.get(reason) ?? 0) + 1);
  const clientHandler: TcpHandler = {
    opened() {
      outcome.connectMs.push((time.nowUs - startUs) / 1000);
      client.write(sized(CONNECT, CONNECT_SIZE));
    },
    received: (bytes, offset, size) => clientFramer.take(bytes, offset, size),
    closed,
  };
  client.handler = clientHandler;
  server.handler = { opened() {}, received: (bytes, offset, size) => serverFramer.take(bytes, offset, size), closed };
  time.at(startUs, publishing, -1);
  return connection;
}

/** The mean. */
export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The quantile by nearest rank. `values` may be in any order. */
export function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
