/**
 * Fuzzing led by coverage: an input that takes a branch which none has taken before, or much more often, is kept and changed further.
 *
 * Ours, because what is kept elsewhere does not run here: the binary of Jazzer.js asks for a newer C library than Debian 12 has, jsfuzz has
 * not been touched for years and knows no modules, and libFuzzer, which has the module itself (test/boards/fuzz), counts no branches of
 * JavaScript. What is left to do without them is this file: fast-check makes inputs that have the structure of packets, istanbul counts
 * the branches, and pure-rand draws.
 */
import { setImmediate } from "node:timers/promises";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface Target {
  /** Throws where the input shows a fault. */
  run(input: Uint8Array): void;
  /** A new input with the structure that the target expects; equal for equal seeds. */
  fresh(seed: number): Uint8Array;
}

export interface Limits {
  readonly seed: number;
  readonly inputCount: number;
}

export interface Summary {
  readonly inputCount: number;
  /** Inputs kept, and branches that some input took. */
  readonly keptCount: number;
  readonly branchCount: number;
  /** The shortest input found that shows a fault, and what it shows. */
  readonly fault?: { readonly input: Uint8Array; readonly text: string };
}

/** How often each branch and statement has been taken, as istanbul counts. */
type Counters = Record<string, { readonly s: Record<string, number>; readonly b: Record<string, number[]> }>;

const INPUT_SIZE_MAX = 512;
/** Bytes that begin a packet, or end a range. */
const INTERESTING = [0, 1, 2, 0x10, 0x20, 0x30, 0x32, 0x34, 0x3d, 0x62, 0x7f, 0x80, 0x82, 0xc0, 0xe0, 0xf0, 0xff];

/** The counters that the instrumented sources have put under `__coverage__`, and what has been seen of them. */
class Coverage {
  readonly #lists: Record<string, number>[];
  readonly #seen = new Map<string, number>();

  constructor() {
    const counters = (Reflect.get(globalThis, "__coverage__") ?? {}) as Counters;
    // An array of counts is a record of its places.
    this.#lists = Object.values(counters).flatMap(({ s, b }) => [s, ...(Object.values(b) as unknown as (typeof s)[])]);
    // What loading the sources took, or another run before, is nobody's.
    for (const list of this.#lists) for (const key of Object.keys(list)) list[key] = 0;
  }

  get branchCount(): number {
    return this.#seen.size;
  }

  /** Whether something was taken since the last call that had not been, or eight times as often; counts from 0 again. */
  isNew(): boolean {
    let isNew = false;
    this.#lists.forEach((list, index) => {
      for (const key of Object.keys(list)) {
        const count = list[key];
        if (count === 0) continue;
        list[key] = 0;
        const scale = Math.floor(Math.log2(count) / 3) + 1;
        const place = `${index} ${key}`;
        if (scale > (this.#seen.get(place) ?? 0)) {
          this.#seen.set(place, scale);
          isNew = true;
        }
      }
    });
    return isNew;
  }
}

/** What `target` throws on `input`, or "". */
function faultOf(target: Target, input: Uint8Array): string {
  try {
    target.run(input);
    return "";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** `input` without all that the fault does not need. */
function shortest(target: Target, input: Uint8Array): Uint8Array {
  let best = [...input];
  for (let size = Math.ceil(best.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at + size <= best.length; ) {
      const shorter = [...best.slice(0, at), ...best.slice(at + size)];
      if (faultOf(target, Uint8Array.from(shorter)) !== "") best = shorter;
      else at += size;
    }
  }
  return Uint8Array.from(best);
}

/** Inputs between two looks at what else the process has to do: who runs the test wants to hear of it now and then. */
const TURN_COUNT = 500;

export async function fuzz(
  target: Target,
  corpus: readonly Uint8Array[],
  { seed, inputCount }: Limits,
): Promise<Summary> {
  const random = xoroshiro128plus(seed);
  const below = (limit: number): number => uniformInt(random, 0, limit - 1);
  const coverage = new Coverage();
  const kept: Uint8Array[] = [];

  const changed = (): Uint8Array => {
    const bytes = [...kept[below(kept.length)]];
    for (let count = 1 << below(4); count > 0; count -= 1) {
      const at = below(bytes.length + 1);
      const size = 1 + below(8);
      const other = kept[below(kept.length)];
      switch (below(7)) {
        case 0:
          bytes[Math.min(at, bytes.length - 1)] ^= 1 << below(8);
          break;
        case 1:
          bytes[Math.min(at, bytes.length - 1)] = INTERESTING[below(INTERESTING.length)];
          break;
        case 2:
          bytes[Math.min(at, bytes.length - 1)] += 1 - 2 * below(2);
          break;
        case 3:
          bytes.splice(at, size);
          break;
        case 4:
          bytes.splice(at, 0, ...bytes.slice(at, at + size));
          break;
        case 5:
          bytes.splice(at, 0, INTERESTING[below(INTERESTING.length)]);
          break;
        default: {
          const from = below(other.length + 1);
          bytes.splice(at, bytes.length, ...other.slice(from));
        }
      }
      if (bytes.length === 0) bytes.push(below(256));
    }
    return Uint8Array.from(bytes.slice(0, INPUT_SIZE_MAX));
  };

  for (let index = 0; index < inputCount; index += 1) {
    if (index % TURN_COUNT === 0) await setImmediate();
    // First what is kept in the repository; then one new structure to four changes of what was worth keeping.
    const input = corpus[index] ?? (kept.length === 0 || below(5) === 0 ? target.fresh(below(0x7fff_ffff)) : changed());
    const text = faultOf(target, input);
    const isNew = coverage.isNew();
    if (text !== "") {
      const least = shortest(target, input);
      const fault = { input: least, text: faultOf(target, least) };
      return { inputCount: index + 1, keptCount: kept.length, branchCount: coverage.branchCount, fault };
    }
    if (isNew && input.length > 0) kept.push(input);
  }
  return { inputCount, keptCount: kept.length, branchCount: coverage.branchCount };
}
