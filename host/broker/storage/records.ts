/**
 * What a broker remembers on disk, record by record. Numbers and texts, and bytes as they are: whatever a store is made of
 * can keep them.
 *
 * | key | record |
 * |---|---|
 * | `s1` | session 1 |
 * | `f1.2` | its second subscription |
 * | `d1.7` | the 7th delivery: of session 1, queued, in flight or released |
 * | `q1.9` | a QoS 2 message that its client has sent under identifier 9, and not released |
 * | `m3` | message 3, once for all deliveries that share it |
 * | `r4` | a retained message |
 * | `w5` | the will of a client whose session ends with its connection |
 *
 * Times are milliseconds since 1970, so that they go on while the broker is down; null is never.
 */
import type { Will } from "../codec/connect.ts";
import type { Qos } from "../codec/control.ts";

/** Of the layout above. A store of another version is refused. */
export const FORMAT_VERSION = 1;

export interface OwnerRecord {
  clientId: string;
  username: string | null;
  /** The name of the entrance it came in by. */
  entrance: string;
  /** Of a connected client; or of one that is away, and then `willDueMs` says when it is published. */
  will: Will | null;
}

export interface SessionRecord extends OwnerRecord {
  /** s. */
  expiryS: number;
  isConnected: boolean;
  /** When it ends, of a client that is away. */
  expiresMs: number | null;
  willDueMs: number | null;
}

export interface SubscriptionRecord {
  /** As in the session: with mount point and `$share/NAME/`. */
  filter: string;
  qos: Qos;
  noLocal: boolean;
  retainAsPublished: boolean;
  /** 0 for none. */
  id: number;
}

export interface DeliveryRecord {
  /** Place in its session: in the queue, in flight, or among the released. */
  order: number;
  /** Key number of its message; 0 when it is released. */
  message: number;
  qos: Qos;
  isRetain: boolean;
  /** 0 while it is queued. */
  packetId: number;
  isReleased: boolean;
  subscriptionIds: readonly number[];
  /** `$share/NAME/FILTER`, or empty. */
  share: string;
}

export interface MessageRecord {
  topic: string;
  qos: Qos;
  payload: Uint8Array;
  /** Properties for the subscribers, as they came. */
  forwarded: Uint8Array | null;
  expiresMs: number | null;
}

export interface ReceivedRecord {
  packetId: number;
  /** Null when it has been passed on already. */
  message: MessageRecord | null;
  isRetain: boolean;
}

export interface RetainedRecord extends MessageRecord {
  publisherId: string;
}

export type StoredRecord =
  | SessionRecord
  | SubscriptionRecord
  | DeliveryRecord
  | MessageRecord
  | ReceivedRecord
  | RetainedRecord
  | OwnerRecord;

/** Changes that belong together: all of them or none. Null removes. */
export type Batch = ReadonlyMap<string, StoredRecord | null>;

/** Where records live. */
export interface Store {
  /** Everything, in any order. Throws a StoreError when it cannot be read. */
  load(): Iterable<readonly [key: string, record: StoredRecord]>;
  /** Resolves when the batch would survive the loss of power; rejects when none of it is kept. */
  write(batch: Batch): Promise<void>;
  close(): Promise<void>;
}

/** A store that cannot be opened or read, in one line. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
