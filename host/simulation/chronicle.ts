/**
 * What became of every single message of a run, and of every byte: what a report is made of, and too much to keep when nobody asks.
 *
 * Times are microseconds of virtual time, NaN for what never happened. Messages of a sensor are numbered from 0.
 */
import { FIN, RST, SYN } from "../link/index.ts";
import { SimulationError } from "./error.ts";
import * as event from "./event-log.ts";
import type { Sending, Watch } from "./watch.ts";

/** The columns of one sensor's messages. */
export class MessageColumns {
  readonly publishedUs: number[] = [];
  readonly firstSentUs: number[] = [];
  readonly acknowledgedUs: number[] = [];
  /** The first delivery. */
  readonly deliveredUs: number[] = [];
  readonly sentCount: number[] = [];
  readonly deliveredCount: number[] = [];
  /** When readings found no room. */
  readonly refusedUs: number[] = [];
  readonly disconnectedUs: number[] = [];
}

/** Bytes of IP in one direction, by what they are for. They add up to all that was sent. */
export interface ByteKinds {
  /** MQTT, each byte once. */
  mqtt: number;
  /** Headers of IP and TCP of what carries MQTT, each segment once. */
  headers: number;
  /** Acknowledgements of TCP that travel alone, and keep-alives of it. */
  acknowledgements: number;
  /** Segments that open, close and reset connections. */
  connections: number;
  /** Whole segments that were sent again. */
  retransmissions: number;
}

/** What a chronicle may hold: some 50 bytes each. */
const MOST_MESSAGES = 5_000_000;

export class Chronicle implements Watch {
  readonly sensors: readonly MessageColumns[];
  readonly up: ByteKinds = noBytes();
  readonly down: ByteKinds = noBytes();
  private readonly counter = {
    sent: (sending: Sending) => {
      this.count(sending);
      return undefined;
    },
  };

  constructor(sensorCount: number) {
    this.sensors = Array.from({ length: sensorCount }, () => new MessageColumns());
  }

  event(kind: number, sensor: number, sequence: number, atUs: number): void {
    const columns = this.sensors[sensor];
    if (columns === undefined) return;
    switch (kind) {
      case event.INVOKED:
        columns.publishedUs.push(atUs);
        columns.firstSentUs.push(Number.NaN);
        columns.acknowledgedUs.push(Number.NaN);
        columns.deliveredUs.push(Number.NaN);
        columns.sentCount.push(0);
        columns.deliveredCount.push(0);
        return;
      case event.REFUSED:
        columns.refusedUs.push(atUs);
        return;
      case event.DISCONNECTED:
        columns.disconnectedUs.push(atUs);
        return;
    }
    if (sequence >= columns.publishedUs.length) return;
    if (kind === event.SENT) {
      if (columns.sentCount[sequence] === 0) columns.firstSentUs[sequence] = atUs;
      columns.sentCount[sequence] += 1;
    } else if (kind === event.ACKNOWLEDGED) {
      if (Number.isNaN(columns.acknowledgedUs[sequence])) columns.acknowledgedUs[sequence] = atUs;
    } else if (kind === event.DELIVERED) {
      if (columns.deliveredCount[sequence] === 0) columns.deliveredUs[sequence] = atUs;
      columns.deliveredCount[sequence] += 1;
    }
  }

  segments() {
    return this.counter;
  }

  private count({ isUp, segment, freshSize, isRepeat }: Sending): void {
    const kinds = isUp ? this.up : this.down;
    const { sizeBytes, size, flags } = segment;
    if (isRepeat) {
      kinds.retransmissions += sizeBytes;
    } else if (size > 0) {
      kinds.mqtt += freshSize;
      kinds.retransmissions += size - freshSize;
      kinds.headers += sizeBytes - size;
    } else if ((flags & OPENING_OR_CLOSING) !== 0) {
      kinds.connections += sizeBytes;
    } else {
      kinds.acknowledgements += sizeBytes;
    }
  }
}

const OPENING_OR_CLOSING = SYN | FIN | RST;

function noBytes(): ByteKinds {
  return { mqtt: 0, headers: 0, acknowledgements: 0, connections: 0, retransmissions: 0 };
}

/** Throws SimulationError, naming `flag`, where a chronicle of so many messages would fill the memory. */
export function checkChronicle(messageCount: number, flag: string): void {
  if (messageCount <= MOST_MESSAGES) return;
  throw new SimulationError(
    `${flag}: ${messageCount} messages are more than can be told one by one, ${MOST_MESSAGES}; choose a shorter --duration or fewer --sensors`,
  );
}
