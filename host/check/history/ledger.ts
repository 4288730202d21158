/**
 * A history by what it is about: connections, subscriptions, messages. Here is also what can be known of the server's view from the
 * client's: a client never knows when the server has noticed something, only between which two moments it must have.
 */
import { topicMatches } from "../../client/topic-matches.ts";
import { grouped } from "../../grouped.ts";
import type { Connecting, Dropped, Ended, HistoryEvent, Publish, Qos, Received, WillOfHistory } from "./event.ts";

export interface ConnectionRecord extends Connecting {
  /** When CONNACK came; null where none came. */
  connectedMs: number | null;
  isPresent: boolean;
  /** The server's, where it has named one. */
  keepAliveS: number;
  end: Ended | null;
  dropped: Dropped | null;
  /** The server was certainly still there for it: the latest request that was answered on it was made then. */
  aliveMs: number;
  /** The next one with the same client identifier whose CONNECT came to the server certainly later. */
  next: ConnectionRecord | null;
  /** Another one with that identifier was being made at the same time: nobody knows whose CONNECT came first. */
  isEntangled: boolean;
}

export interface SubscriptionRecord {
  readonly client: string;
  readonly filter: string;
  /** Without `$share/NAME/`. */
  readonly topics: string;
  readonly group: string;
  readonly granted: Qos;
  /** From SUBSCRIBE to SUBACK. */
  readonly askedMs: number;
  readonly grantedMs: number;
  /** When the client gave it up, or learnt that its session was gone. */
  untilMs: number;
  readonly connection: number;
}

export interface Wish {
  readonly client: string;
  readonly topics: string;
  readonly group: string;
  readonly qos: Qos;
  readonly atMs: number;
}

export interface MessageRecord extends Omit<Publish, "kind"> {
  /** Its place among those that its client has published. */
  readonly place: number;
  answeredMs: number | null;
  isRefused: boolean;
  /** It was not answered on the connection on which it was published: it may have been sent again on another. */
  isResent: boolean;
  /** The server lost the publisher's session before it had answered: a resent QoS 2 message may be new to it. */
  isForgotten: boolean;
  /** Not published, but willed: by every connection that says so. */
  readonly isWill: boolean;
}

/** What nobody acknowledges, as a DISCONNECT, may be lost with the server when it stops so soon afterwards. */
export const UNWRITTEN_MS = 1000;

export interface Downtime {
  readonly fromMs: number;
  untilMs: number;
}

export class Ledger {
  readonly connections: ConnectionRecord[] = [];
  /** Those that the server has granted. */
  readonly subscriptions: SubscriptionRecord[] = [];
  /** What has been asked for, granted or not: a server may begin to deliver before its SUBACK [MQTT-3.8.4-2]. */
  readonly wishes: Wish[] = [];
  /** By identifier: what clients have published, and what they have willed. */
  readonly messages = new Map<string, MessageRecord>();
  readonly received: Received[] = [];
  readonly receivedBy = new Map<string, Received[]>();
  readonly downtimes: Downtime[] = [];
  readonly endMs: number;
  readonly slackMs: number;

  /** `slackMs`: how long what was sent may still be on its way when its sender has long given up. */
  constructor(history: readonly HistoryEvent[], slackMs: number) {
    this.slackMs = slackMs;
    this.endMs = history.at(-1)?.atMs ?? 0;
    const byNumber = new Map<number, ConnectionRecord>();
    const open = new Map<string, { atMs: number; qos: Qos }>();
    const places = new Map<string, number>();
    const alive = (number: number, atMs: number) => {
      const connection = byNumber.get(number);
      if (connection !== undefined) connection.aliveMs = Math.max(connection.aliveMs, atMs);
    };
    for (const event of history) {
      const { atMs, client, connection } = event;
      switch (event.kind) {
        case "connecting": {
          const record: ConnectionRecord = {
            ...event,
            connectedMs: null,
            isPresent: false,
            end: null,
            dropped: null,
            aliveMs: atMs,
            next: null,
            isEntangled: false,
          };
          byNumber.set(connection, record);
          this.connections.push(record);
          if (event.will !== undefined && !this.messages.has(event.will.id)) this.#addWill(event, event.will);
          break;
        }
        case "connected": {
          const record = byNumber.get(connection);
          if (record === undefined) break;
          record.connectedMs = atMs;
          record.isPresent = event.isPresent;
          record.keepAliveS = event.keepAliveS ?? record.keepAliveS;
          if (!event.isPresent) this.#forget(client, record.atMs);
          break;
        }
        case "ended": {
          const record = byNumber.get(connection);
          if (record !== undefined) record.end = event;
          break;
        }
        case "dropped": {
          const record = byNumber.get(connection);
          if (record !== undefined) record.dropped = event;
          break;
        }
        case "subscribe":
          open.set(`${client}\0${event.filter}`, event);
          this.wishes.push({ client, ...splitShare(event.filter), qos: event.qos, atMs });
          break;
        case "subscribed": {
          const asked = open.get(`${client}\0${event.filter}`);
          if (asked === undefined || event.granted > 2) break;
          alive(connection, asked.atMs);
          for (const older of this.subscriptions) {
            if (older.client === client && older.filter === event.filter) older.untilMs = Math.min(older.untilMs, atMs);
          }
          this.subscriptions.push({
            client,
            filter: event.filter,
            ...splitShare(event.filter),
            granted: event.granted as Qos,
            askedMs: asked.atMs,
            grantedMs: atMs,
            untilMs: Number.POSITIVE_INFINITY,
            connection,
          });
          break;
        }
        case "unsubscribe":
          for (const subscription of this.subscriptions) {
            if (subscription.client === client && subscription.filter === event.filter) {
              subscription.untilMs = Math.min(subscription.untilMs, atMs);
            }
          }
          break;
        case "publish": {
          const place = (places.get(client) ?? 0) + 1;
          places.set(client, place);
          const { kind: _kind, ...message } = event;
          this.messages.set(event.id, {
            ...message,
            place,
            answeredMs: null,
            isRefused: false,
            isResent: true,
            isForgotten: false,
            isWill: false,
          });
          break;
        }
        case "published": {
          const message = this.messages.get(event.id);
          if (message === undefined) break;
          message.answeredMs = atMs;
          message.isRefused = event.reasonCode >= 0x80;
          message.isResent = connection !== message.connection;
          alive(connection, message.atMs);
          break;
        }
        case "received": {
          this.received.push(event);
          const ofClient = this.receivedBy.get(client);
          if (ofClient === undefined) this.receivedBy.set(client, [event]);
          else ofClient.push(event);
          break;
        }
        case "server down":
          this.downtimes.push({ fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
          break;
        case "server up": {
          const downtime = this.downtimes.at(-1);
          if (downtime !== undefined) downtime.untilMs = atMs;
          break;
        }
      }
    }
    this.#order();
  }

  /** Which connection of a client followed which, as far as that is certain. */
  #order(): void {
    const untilMs = ({ connectedMs, end }: ConnectionRecord) =>
      connectedMs ?? (end === null ? Number.POSITIVE_INFINITY : end.atMs + this.slackMs);
    for (const connections of grouped(this.connections, ({ client }) => client).values()) {
      for (const one of connections) {
        const others = connections.filter(other => other !== one);
        one.isEntangled = others.some(other => other.atMs < untilMs(one) && untilMs(other) > one.atMs);
        one.next = others.find(other => other.atMs >= untilMs(one)) ?? null;
      }
    }
  }

  /** Whether the server was there all the time. */
  isUp(fromMs: number, untilMs: number): boolean {
    return this.downtimes.every(downtime => downtime.untilMs < fromMs || downtime.fromMs > untilMs);
  }

  /** The moment by which the server must have noticed that a connection is over; Infinity where it need not. */
  endedBy(connection: ConnectionRecord): number {
    const { end, next, keepAliveS } = connection;
    if (end === null) return Number.POSITIVE_INFINITY;
    let byMs = Number.POSITIVE_INFINITY;
    if (end.how === "goodbye") byMs = end.atMs;
    // [MQTT-3.1.2-22]: one and a half keep-alives of silence.
    else if (keepAliveS > 0) byMs = end.atMs + keepAliveS * 1500 + this.slackMs;
    // [MQTT-3.1.4-3]: another connection with the same identifier ends it.
    if (next !== null && next.connectedMs !== null) byMs = Math.min(byMs, next.connectedMs);
    for (const { fromMs, untilMs } of this.downtimes) {
      if (untilMs < connection.atMs || fromMs > byMs + UNWRITTEN_MS) continue;
      // It ended with the server; for a server that remembers, when it began again.
      byMs = untilMs;
    }
    return byMs;
  }

  /** Subscriptions of a client that certainly held from `fromMs` to the end of the history, and match. */
  lasting(client: string, topic: string, fromMs: number): SubscriptionRecord[] {
    return this.subscriptions.filter(
      subscription =>
        subscription.client === client &&
        subscription.grantedMs <= fromMs &&
        subscription.untilMs === Number.POSITIVE_INFINITY &&
        topicMatches(subscription.topics, topic),
    );
  }

  /** Clients that are connected when the history ends. */
  get present(): Set<string> {
    const names = new Set<string>();
    for (const { client, end, connectedMs } of this.connections) {
      if (end === null && connectedMs !== null) names.add(client);
    }
    return names;
  }

  /** The client's session turned out to be gone: so are its subscriptions, and what the server knew of its messages. */
  #forget(client: string, atMs: number): void {
    for (const subscription of this.subscriptions) {
      if (subscription.client === client) subscription.untilMs = Math.min(subscription.untilMs, atMs);
    }
    for (const message of this.messages.values()) {
      if (message.client === client && message.answeredMs === null) message.isForgotten = true;
    }
  }

  #addWill(event: Connecting, will: WillOfHistory): void {
    const { atMs, client, connection } = event;
    const { id, topic, qos } = will;
    this.messages.set(id, {
      atMs,
      client,
      connection,
      id,
      topic,
      qos,
      retain: false,
      place: 0,
      answeredMs: null,
      isRefused: false,
      isResent: true,
      isForgotten: false,
      isWill: true,
    });
  }
}

/** A filter without `$share/NAME/`, section 4.8.2, and the name of the group, "" for none. */
function splitShare(filter: string): { topics: string; group: string } {
  const share = /^\$share\/([^/]+)\/(.*)$/s.exec(filter);
  return { topics: share?.[2] ?? filter, group: share?.[1] ?? "" };
}
