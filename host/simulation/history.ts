/**
 * The history of a run: what an observer outside of sensors and broker has seen of every message, in the order in which it happened.
 *
 *     invoked        a sensor has a reading, and its client has taken it
 *     refused        a sensor has a reading, and its client had no room for it
 *     sent           the message has begun to leave the sensor, for the first time or again
 *     acknowledged   the sensor has been told that the broker has it
 *     delivered      the subscriber has it
 *     disconnected   a sensor has lost its connection
 *
 * It is kept as records, while it happens: two bits a message and what is out of the ordinary. The checkers (checkers.ts) judge by what is here and by
 * nothing else. Messages of a sensor are numbered from 0 in the order in which they were invoked.
 */
import { Bitmap } from "./bitmap.ts";
import { Delays } from "./delays.ts";
import * as event from "./event-log.ts";
import { Ring } from "./ring.ts";

/** A message, by sensor and number, and when something happened to it. */
export interface Occurrence {
  sensor: number;
  sequence: number;
  atUs: number;
}

/** How many occurrences of a kind are kept; the rest is only counted. */
const KEPT_COUNT = 100;

/** Things that happened which should be rare. */
export class Occurrences {
  count = 0;
  /** The first of them. */
  readonly kept: Occurrence[] = [];

  add(sensor: number, sequence: number, atUs: number): void {
    this.count += 1;
    if (this.kept.length < KEPT_COUNT) this.kept.push({ sensor, sequence, atUs });
  }
}

/** One sensor's messages. */
export class SensorRecord {
  invokedCount = 0;
  refusedCount = 0;
  sentCount = 0;
  disconnectedCount = 0;
  /** Of everything that happened to this sensor, and when: two runs can be compared sensor by sensor. */
  fingerprint = 0;
  readonly acknowledged = new Bitmap();
  readonly delivered = new Bitmap();
  /** The highest number that has been delivered, -1 for none. */
  newestDelivered = -1;
  /** When each was invoked that may still arrive in order. */
  readonly invokedUs = new Ring();
}

export class History {
  readonly sensors: readonly SensorRecord[];
  /** Delivered, and had been delivered before. */
  readonly repeats = new Occurrences();
  /** Delivered for the first time, after a message of the same sensor that was invoked later. */
  readonly disorders = new Occurrences();
  /** Delivered with another payload than was invoked. */
  readonly damages = new Occurrences();
  /** Delivered or acknowledged, and never invoked. */
  readonly strangers = new Occurrences();
  /** From invoked to delivered for the first time. */
  readonly delays = new Delays();
  readonly log = new event.EventLog();
  /** Is told of every event as it happens: kind (event-log.ts), sensor, message, when; null while nobody listens. */
  observe: ((kind: number, sensor: number, sequence: number, atUs: number) => void) | null = null;
  deliveredCount = 0;
  acknowledgedCount = 0;
  invokedCount = 0;

  constructor(sensorCount: number) {
    this.sensors = Array.from({ length: sensorCount }, () => new SensorRecord());
  }

  invoked(sensor: number, atUs: number): void {
    const record = this.sensors[sensor];
    this.note(event.INVOKED, sensor, record.invokedCount, atUs);
    record.invokedUs.push(atUs);
    record.invokedCount += 1;
    this.invokedCount += 1;
  }

  refused(sensor: number, atUs: number): void {
    const record = this.sensors[sensor];
    this.note(event.REFUSED, sensor, record.refusedCount, atUs);
    record.refusedCount += 1;
  }

  sent(sensor: number, sequence: number, atUs: number): void {
    this.note(event.SENT, sensor, sequence, atUs);
    this.sensors[sensor].sentCount += 1;
  }

  acknowledged(sensor: number, sequence: number, atUs: number): void {
    this.note(event.ACKNOWLEDGED, sensor, sequence, atUs);
    const record = this.recordOf(sensor, sequence);
    if (record === null) this.strangers.add(sensor, sequence, atUs);
    else if (record.acknowledged.add(sequence)) this.acknowledgedCount += 1;
  }

  /** `intact` when the payload was the one that belongs to the message. */
  delivered(sensor: number, sequence: number, atUs: number, intact: boolean): void {
    this.note(event.DELIVERED, sensor, sequence, atUs);
    const record = this.recordOf(sensor, sequence);
    if (record === null) {
      this.strangers.add(sensor, sequence, atUs);
      return;
    }
    if (!intact) this.damages.add(sensor, sequence, atUs);
    if (!record.delivered.add(sequence)) {
      this.repeats.add(sensor, sequence, atUs);
      return;
    }
    this.deliveredCount += 1;
    if (sequence < record.newestDelivered) {
      this.disorders.add(sensor, sequence, atUs);
      return;
    }
    this.delays.add(atUs - record.invokedUs.at(sequence));
    record.newestDelivered = sequence;
    record.invokedUs.forgetBelow(sequence + 1);
  }

  disconnected(sensor: number, atUs: number): void {
    const record = this.sensors[sensor];
    this.note(event.DISCONNECTED, sensor, record.disconnectedCount, atUs);
    record.disconnectedCount += 1;
  }

  /** Readings that clients had no room for. */
  get refusedCount(): number {
    return this.sensors.reduce((sum, record) => sum + record.refusedCount, 0);
  }

  private note(kind: number, sensor: number, sequence: number, atUs: number): void {
    this.log.add(kind, sensor, sequence, atUs);
    const record = this.sensors[sensor];
    if (record !== undefined) record.fingerprint = mix(mix(mix(record.fingerprint, kind), sequence), atUs);
    this.observe?.(kind, sensor, sequence, atUs);
  }

  private recordOf(sensor: number, sequence: number): SensorRecord | null {
    const record = this.sensors[sensor];
    return record === undefined || sequence >= record.invokedCount ? null : record;
  }
}

/** One step of FNV-1a over words: enough to tell two runs apart, and nothing that anybody would forge. */
function mix(hash: number, word: number): number {
  return Math.imul(hash ^ (word | 0), 0x01000193);
}
