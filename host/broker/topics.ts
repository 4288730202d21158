/**
 * Topic names that the broker has met.
 *
 * A sensor publishes to the same few topics for ever. So a name is checked, turned into a string, split and matched
 * against the subscriptions once; the next PUBLISH compares bytes and finds all of it. The table is direct-mapped and
 * bounded: two names that share a slot take turns, at the price of the work that was saved.
 */
import type { Rules } from "./codec/rules.ts";
import { checkTopicName } from "./codec/topic.ts";
import { encodeText, readText } from "./codec/utf8.ts";
import type { Route } from "./subscriptions.ts";

export class Topic {
  /** The name as a packet carries it: two bytes of length, then UTF-8. */
  readonly wire: Uint8Array;
  readonly text: string;
  /** [MQTT-4.7.2-1] a wildcard at the start of a filter does not match these. */
  readonly isDollar: boolean;
  /** Who gets it, as of `routesVersion` of the subscriptions; -1 when never matched or too many to remember. */
  routes: Route[] = [];
  routesVersion = -1;
  #levels: string[] | null = null;

  constructor(wire: Uint8Array, text: string) {
    this.wire = wire;
    this.text = text;
    this.isDollar = text.charCodeAt(0) === 0x24;
  }

  get levels(): string[] {
    this.#levels ??= this.text.split("/");
    return this.#levels;
  }
}

/** A topic that is not in the table, from checked text: for wills and $SYS. */
export function topicOf(text: string): Topic {
  return new Topic(encodeText(text), text);
}

/** Topics remembered. A power of two. */
const SLOT_COUNT = 4096;

export class TopicTable {
  readonly #slots: (Topic | undefined)[] = new Array(SLOT_COUNT);

  /**
   * The topic whose name is bytes[start, end). `previous` is the one that the same connection used last, most often
   * the same again. `rules` are those of the connection's version. Throws a Violation when the bytes are no topic name.
   */
  find(bytes: Uint8Array, start: number, end: number, previous: Topic | null, rules: Rules): Topic {
    if (previous !== null && isSame(previous.wire, bytes, start, end)) return previous;
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOT_COUNT - 1);
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known.wire, bytes, start, end)) return known;
    checkTopicName(bytes, start, end, "a PUBLISH topic", "MQTT-3.3.2-2", rules);
    const wire = new Uint8Array(2 + end - start);
    wire.set(bytes.subarray(start - 2, end));
    const topic = new Topic(wire, readText(bytes, start, end));
    this.#slots[slot] = topic;
    return topic;
  }
}

function isSame(wire: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  if (wire.length !== size + 2) return false;
  // From the end: names of one fleet differ in their last bytes.
  for (let index = size - 1; index >= 0; index--) if (wire[index + 2] !== bytes[start + index]) return false;
  return true;
}
