/**
 * What the application has subscribed to, as lists on the wire (sections 3.8.3, 3.10.3), and remembered for a
 * server that has lost the session.
 */
import { Buffer } from "node:buffer";
import { show } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";
import type { Qos } from "./options.ts";
import { encodeFilter } from "./text.ts";

export interface Grant {
  readonly filter: string;
  /** The most that the server will deliver at; null where it refused the subscription. */
  readonly qos: Qos | null;
}

/** SUBACK's return code for a failure, section 3.9.3. */
const FAILURE = 0x80;

/** Room in the outbox that a request's header and identifier take. */
const REQUEST_OVERHEAD = 7;

/** One filter or several as a list. Throws MISUSE_FILTER, with the `statement` that wants one at least. */
export function listOf(filters: string | readonly string[], verb: string, statement: string): string[] {
  if (typeof filters === "string") return [filters];
  if (!Array.isArray(filters)) {
    throw new PerigeeError("MISUSE_FILTER", `a topic filter is a string, not ${show(filters)}`);
  }
  if (filters.length === 0) throw new PerigeeError("MISUSE_FILTER", `there is no filter to ${verb} ${statement}`);
  return [...filters];
}

/** `filters` as the payload of SUBSCRIBE, or, without `qos`, of UNSUBSCRIBE. Throws MISUSE_FILTER, naming the filter. */
export function encodeFilters(filters: readonly string[], qos?: Qos): Buffer {
  const parts: Uint8Array[] = [];
  for (const filter of filters) {
    const text = encodeFilter(filter);
    parts.push(Buffer.of(text.length >> 8, text.length & 0xff), text);
    if (qos !== undefined) parts.push(Buffer.of(qos));
  }
  return Buffer.concat(parts);
}

export function readGrants(filters: readonly string[], codes: Uint8Array): Grant[] {
  return filters.map((filter, index) => ({ filter, qos: codes[index] === FAILURE ? null : (codes[index] as Qos) }));
}

export class Subscriptions {
  readonly #qosByFilter = new Map<string, Qos>();

  /** Remembers what was granted, at the quality of service that was asked for. */
  add(grants: readonly Grant[], qos: Qos): void {
    for (const grant of grants) {
      if (grant.qos === null) this.#qosByFilter.delete(grant.filter);
      else this.#qosByFilter.set(grant.filter, qos);
    }
  }

  remove(filters: readonly string[]): void {
    for (const filter of filters) this.#qosByFilter.delete(filter);
  }

  /** All of them, in requests of one quality of service each and of at most `outboxSize` bytes. */
  requests(outboxSize: number): { filters: string[]; qos: Qos }[] {
    const requests: { filters: string[]; qos: Qos }[] = [];
    for (const qos of [0, 1, 2] as const) {
      let size = 0;
      let filters: string[] = [];
      for (const [filter, wanted] of this.#qosByFilter) {
        if (wanted !== qos) continue;
        const filterSize = Buffer.byteLength(filter) + 3;
        if (filters.length > 0 && size + filterSize + REQUEST_OVERHEAD > outboxSize) {
          requests.push({ filters, qos });
          filters = [];
          size = 0;
        }
        filters.push(filter);
        size += filterSize;
      }
      if (filters.length > 0) requests.push({ filters, qos });
    }
    return requests;
  }
}
