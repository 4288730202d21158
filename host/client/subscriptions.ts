/**
 * What the application has subscribed to, as lists on the wire (sections 3.8.3, 3.10.3), and remembered for a
 * server that has lost the session.
 */
import { Buffer } from "node:buffer";
import type { Admission } from "./admission.ts";
import { checkOptions, checkQos, FLAG, oneOf, type Rules, show } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";
import type { Qos } from "./options.ts";
import type { PropertiesOf } from "./properties.ts";
import type { Completion } from "./requests.ts";
import { brief, encodeFilter } from "./text.ts";

export interface SubscribeOptions {
  /** The most that the server may deliver at. Default 0. */
  qos?: Qos;
  /** MQTT 5.0: messages of this client itself do not come back. Default false. */
  noLocal?: boolean;
  /** MQTT 5.0: `retain` of a message is what its publisher said. Default false. */
  retainAsPublished?: boolean;
  /** MQTT 5.0: kept messages come 0 always, 1 where the subscription is new, 2 never. Default 0. */
  retainHandling?: 0 | 1 | 2;
  /** MQTT 5.0: a number that comes with each message, and user properties. */
  properties?: PropertiesOf<"subscribe">;
}

export interface Grant {
  readonly filter: string;
  /** The most that the server will deliver at; null where it refused the subscription. */
  readonly qos: Qos | null;
  /** As the server said it: in 3.1.1 0x80 for every failure, in 5.0 which one. */
  readonly reasonCode: number;
}

/** Codes of SUBACK from here on are failures, section 3.9.3. */
const FAILURE = 0x80;

/** A bit of the options byte. */
const NO_LOCAL = 4;

/** Room in the outbox that a request's header, identifier and properties take. */
const REQUEST_OVERHEAD = 12;

const RULES: Rules & Record<keyof SubscribeOptions, unknown> = {
  qos: { words: "0, 1 or 2", holds: () => true },
  noLocal: FLAG,
  retainAsPublished: FLAG,
  retainHandling: oneOf([0, 1, 2]),
  properties: { words: "an object", holds: () => true },
};

/** One filter or several as a list. Throws MISUSE_FILTER, with the `statement` that wants one at least. */
export function listOf(filters: string | readonly string[], verb: string, statement: string): string[] {
  if (typeof filters === "string") return [filters];
  if (!Array.isArray(filters)) {
    throw new PerigeeError("MISUSE_FILTER", `a topic filter is a string, not ${show(filters)}`);
  }
  if (filters.length === 0) throw new PerigeeError("MISUSE_FILTER", `there is no filter to ${verb} ${statement}`);
  return [...filters];
}

/** The byte of section 3.8.3.1. Throws MISUSE_QOS and MISUSE_OPTION, also for what 3.1.1 has not. */
export function optionsByte(options: SubscribeOptions, version: 3 | 4 | 5): number {
  checkOptions(options, RULES, "subscribe options");
  const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0 } = options;
  checkQos(qos, "[MQTT-3.8.3-4]");
  const ids = options.properties?.subscriptionIds;
  if (Array.isArray(ids) && ids.length > 1) {
    const text = `subscriptionIds of a subscription is one integer, not ${ids.length} of them (section 3.8.2.1.2)`;
    throw new PerigeeError("MISUSE_OPTION", text);
  }
  const byte = qos | (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4);
  if (version !== 5 && byte !== qos) {
    throw new PerigeeError("MISUSE_OPTION", "noLocal, retainAsPublished and retainHandling need protocolVersion: 5");
  }
  return byte;
}

/** Throws for a shared subscription of MQTT 5.0 (section 4.8.2) without a name or a filter, and for one with noLocal in `byte`. */
function checkShare(filter: string, byte = 0): void {
  if (!filter.startsWith("$share/")) return;
  // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
  if (!/^[^/]+\/[^/+#]+\/./s.test(filter)) {
    const text = `the shared subscription "${brief(filter)}" is not $share/NAME/FILTER [MQTT-4.8.2-1] [MQTT-4.8.2-2]`;
    throw new PerigeeError("MISUSE_FILTER", text);
  }
  // [MQTT-3.8.3-4]
  if ((byte & NO_LOCAL) !== 0) {
    throw new PerigeeError("MISUSE_OPTION", `noLocal is not for the shared "${brief(filter)}" [MQTT-3.8.3-4]`);
  }
}

/** `filters` as the payload of SUBSCRIBE, or, without `byte`, of UNSUBSCRIBE. Throws MISUSE_FILTER or MISUSE_OPTION, naming the filter. */
export function encodeFilters(filters: readonly string[], version: 3 | 4 | 5, byte?: number): Buffer {
  const parts: Uint8Array[] = [];
  for (const filter of filters) {
    const text = encodeFilter(filter);
    if (version === 5) checkShare(filter, byte);
    parts.push(Buffer.of(text.length >> 8, text.length & 0xff), text);
    if (byte !== undefined) parts.push(Buffer.of(byte));
  }
  return Buffer.concat(parts);
}

export function readGrants(filters: readonly string[], codes: Uint8Array): Grant[] {
  return filters.map((filter, index) => {
    const reasonCode = codes[index];
    return { filter, qos: reasonCode >= FAILURE ? null : (reasonCode as Qos), reasonCode };
  });
}

/** How a filter was subscribed to. */
interface Subscription {
  readonly byte: number;
  readonly properties: SubscribeOptions["properties"];
}

export class Subscriptions {
  readonly #byFilter = new Map<string, Subscription>();

  /** Remembers what was granted, as it was asked for. */
  add(grants: readonly Grant[], byte: number, properties: SubscribeOptions["properties"]): void {
    for (const grant of grants) {
      if (grant.qos === null) this.#byFilter.delete(grant.filter);
      else this.#byFilter.set(grant.filter, { byte, properties });
    }
  }

  remove(filters: readonly string[]): void {
    for (const filter of filters) this.#byFilter.delete(filter);
  }

  /** All of them, in requests of one kind each and of at most `outboxSize` bytes. */
  requests(outboxSize: number): ({ filters: string[] } & Subscription)[] {
    const requests: ({ filters: string[]; size: number } & Subscription)[] = [];
    for (const [filter, { byte, properties }] of this.#byFilter) {
      const size = Buffer.byteLength(filter) + 3;
      const open = requests.find(
        request =>
          request.byte === byte &&
          request.properties === properties &&
          request.size + size + REQUEST_OVERHEAD <= outboxSize,
      );
      if (open === undefined) requests.push({ filters: [filter], byte, properties, size });
      else {
        open.filters.push(filter);
        open.size += size;
      }
    }
    return requests.sort((a, b) => a.byte - b.byte);
  }
}

/** The part of the driver that is needed here. */
interface Requester {
  request(
    kind: "subscribe",
    list: Uint8Array,
    completion: Completion,
    properties: SubscribeOptions["properties"],
  ): boolean;
}

/** The server has lost the session: it is told again what the application had subscribed to, before all that waits. */
export function resubscribe(
  subscriptions: Subscriptions,
  outboxSize: number,
  driver: Requester,
  admission: Admission,
  warn: (error: PerigeeError) => void,
): void {
  for (const { filters, byte, properties } of subscriptions.requests(outboxSize)) {
    const done = (codes: Uint8Array) => {
      const grants = readGrants(filters, codes);
      subscriptions.add(grants, byte, properties);
      for (const { filter } of grants.filter(grant => grant.qos === null)) {
        const text = `the server lost the session and refuses to subscribe it again: "${brief(filter)}"`;
        warn(new PerigeeError("SUBSCRIPTION_REFUSED", text));
      }
    };
    const list = encodeFilters(filters, 4, byte);
    admission.submitFirst(() => driver.request("subscribe", list, { done, failed: () => {} }, properties));
  }
}
