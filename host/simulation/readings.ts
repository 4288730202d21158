/**
 * What sensors have to say, and when.
 *
 * Every payload begins with eight bytes that name the message: the sensor and the number of the message, both 32 bits, least significant byte
 * first. By them the subscriber knows what it has got, whichever way it came; what follows is the reading, which
 * it can compare with what was published.
 */
import { RandomStream, type Seed } from "../link/index.ts";

/** Bytes that name a message. */
export const IDENTITY_SIZE = 8;

/** A source of readings for a whole fleet. All times are integer microseconds of virtual time. */
export interface Readings {
  /** When the sensor's first reading is due; NEVER_US for never. */
  firstUs(sensor: number): number;
  /** When the reading after the one at `atUs` is due; `index` is how many there were. NEVER_US for never. */
  nextUs(sensor: number, index: number, atUs: number): number;
  /** Bytes of the payload of reading `index`, identity included. */
  size(sensor: number, index: number): number;
  /** The largest of all payloads, bytes. */
  readonly largestSize: number;
  /** Writes the payload of reading `index`, as message `sequence`, at `at`. */
  write(bytes: Uint8Array, at: number, sensor: number, index: number, sequence: number): void;
  /** Whether `size` bytes at `at` are what {@link write} wrote. The identity is known to be right. */
  matches(bytes: Uint8Array, at: number, size: number, sensor: number, sequence: number): boolean;
}

export function writeIdentity(bytes: Uint8Array, at: number, sensor: number, sequence: number): void {
  writeWord(bytes, at, sensor);
  writeWord(bytes, at + 4, sequence);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/**
 * Synthetic readings: payloads of one size at one interval. Each sensor begins at a moment of its own within the first interval, drawn from
 * its own stream, so that a fleet does not speak in unison.
 */
export class SyntheticReadings implements Readings {
  readonly largestSize: number;
  private readonly intervalUs: number;
  private readonly seed: Seed;

  /** `payloadSize` is at least {@link IDENTITY_SIZE}. */
  constructor(intervalUs: number, payloadSize: number, seed: Seed) {
    this.intervalUs = intervalUs;
    this.largestSize = payloadSize;
    this.seed = seed;
  }

  firstUs(sensor: number): number {
    return new RandomStream(this.seed, `sensor/${sensor}/phase`).below(this.intervalUs);
  }

  nextUs(_sensor: number, _index: number, atUs: number): number {
    return atUs + this.intervalUs;
  }

  size(): number {
    return this.largestSize;
  }

  write(bytes: Uint8Array, at: number, sensor: number, _index: number, sequence: number): void {
    writeIdentity(bytes, at, sensor, sequence);
    const size = this.largestSize;
    for (let offset = IDENTITY_SIZE; offset < size; offset += 1) bytes[at + offset] = sensor + sequence + offset;
  }

  matches(bytes: Uint8Array, at: number, size: number, sensor: number, sequence: number): boolean {
    if (size !== this.largestSize) return false;
    for (let offset = IDENTITY_SIZE; offset < size; offset += 1) {
      if (bytes[at + offset] !== ((sensor + sequence + offset) & 0xff)) return false;
    }
    return true;
  }
}
