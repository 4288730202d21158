/**
 * Lives of messages: everything that passed on a sensor's link between the reading and the last that was heard of it.
 *
 * A day of a fleet has millions of packets. A first run tells which messages are worth a look (choose-lives.ts); a second one, which is the same
 * to the microsecond because the seed is, keeps the packets of those and of no other.
 */
import { FIN, RST, SYN, type TcpEndpoint } from "../link/index.ts";
import * as event from "./event-log.ts";
import { type MessageOfId, PacketNames } from "./packet-names.ts";
import { isFive, type Version } from "./version.ts";
import type { Fate, SegmentWatch, Sending, Watch } from "./watch.ts";

/** A packet on the link, or something that happened at the sensor. */
export interface LifeStep {
  atUs: number;
  /** What it was: `PUBLISH #3`, `SYN`, `connection lost`. */
  what: string;
  /** Absent for what happened at the sensor and went nowhere. */
  isUp?: boolean;
  /** When it arrived; null for never. */
  arrivedUs?: number | null;
  sizeBytes?: number;
  /** The segment had been sent before. */
  isRepeat?: boolean;
}

/** One message. */
export interface Life {
  sensor: number;
  sequence: number;
  /** Why it was chosen. */
  why: string;
  publishedUs: number;
  acknowledgedUs: number | null;
  /** Each delivery to the subscriber. */
  deliveredUs: number[];
  steps: LifeStep[];
  /** Steps beyond those that are kept. */
  omittedCount: number;
}

/** A message that was chosen, and until when its sensor's link is looked at. */
export interface Choice {
  sensor: number;
  sequence: number;
  why: string;
  publishedUs: number;
  untilUs: number;
}

/** Steps that are kept of a life: its beginning. */
const MOST_STEPS = 2000;

export class LifeRecorder implements Watch {
  readonly lives: Life[];
  private readonly untilUs: number[];
  private readonly bySensor = new Map<number, number[]>();
  private readonly hasProperties: boolean;

  constructor(choices: readonly Choice[], version: Version) {
    this.hasProperties = isFive(version);
    this.untilUs = choices.map(({ untilUs }) => untilUs);
    this.lives = choices.map(({ sensor, sequence, why, publishedUs }, index) => {
      this.bySensor.set(sensor, [...(this.bySensor.get(sensor) ?? []), index]);
      return {
        sensor,
        sequence,
        why,
        publishedUs,
        acknowledgedUs: null,
        deliveredUs: [],
        steps: [],
        omittedCount: 0,
      };
    });
  }

  event(kind: number, sensor: number, sequence: number, atUs: number): void {
    if (kind === event.DISCONNECTED) this.add(sensor, { atUs, what: "connection lost" });
    for (const index of this.bySensor.get(sensor) ?? []) {
      const life = this.lives[index];
      if (life.sequence !== sequence) continue;
      if (kind === event.ACKNOWLEDGED) life.acknowledgedUs ??= atUs;
      if (kind === event.DELIVERED) life.deliveredUs.push(atUs);
    }
  }

  segments(sensor: number): SegmentWatch | null {
    if (!this.bySensor.has(sensor)) return null;
    return new SensorLives(this.hasProperties, step => this.add(sensor, step));
  }

  /** Puts a step into every life of the sensor that is under way. Answers whether any is. */
  private add(sensor: number, step: LifeStep): boolean {
    let isWanted = false;
    for (const index of this.bySensor.get(sensor) ?? []) {
      const life = this.lives[index];
      if (step.atUs < life.publishedUs || step.atUs > this.untilUs[index]) continue;
      isWanted = true;
      if (life.steps.length < MOST_STEPS) life.steps.push(step);
      else life.omittedCount += 1;
    }
    return isWanted;
  }
}

/** Names what passes on one sensor's link. */
class SensorLives implements SegmentWatch {
  private readonly hasProperties: boolean;
  private readonly add: (step: LifeStep) => boolean;
  private readonly messageOfId: MessageOfId = new Map();
  /** Of each end: one of a connection that is over may still send again. */
  private readonly names = new WeakMap<TcpEndpoint, PacketNames>();

  constructor(hasProperties: boolean, add: (step: LifeStep) => boolean) {
    this.hasProperties = hasProperties;
    this.add = add;
  }

  sent({ isUp, atUs, segment, isRepeat, source }: Sending): Fate | undefined {
    const { sizeBytes, size, flags, sequence } = segment;
    const packets = size === 0 ? [] : this.namesOf(source).of(sequence, size, source.unacknowledged);
    const what = packets.length > 0 ? packets.join(", ") : nameOf(flags, isUp);
    const step: LifeStep = { atUs, what, isUp, arrivedUs: null, sizeBytes, isRepeat };
    if (!this.add(step)) return undefined;
    return arrivedUs => {
      step.arrivedUs = arrivedUs;
    };
  }

  private namesOf(source: TcpEndpoint): PacketNames {
    const known = this.names.get(source);
    if (known !== undefined) return known;
    const made = new PacketNames(this.hasProperties, this.messageOfId);
    this.names.set(source, made);
    return made;
  }
}

/** A segment without data. */
function nameOf(flags: number, isUp: boolean): string {
  if ((flags & SYN) !== 0) return isUp ? "SYN" : "SYN, ACK";
  if ((flags & RST) !== 0) return "RST";
  return (flags & FIN) !== 0 ? "FIN" : "ACK";
}
