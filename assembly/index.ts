/**
 * What the core exports: the calls of a client, in the four kinds of the design, and the getters.
 *
 *     input     opened, closed, received, transmitted, stored, timedOut      something has happened
 *     command   initialize, configure, connect, publish, ...                 something is wanted
 *     poll      nextEvent, transmit, pendingStore, nextTimeout               ask until there is no more
 *     getter    addresses, sizes, and the details of the last event          free
 *
 * The loop of a host: after every input and command, `nextEvent` until NONE, then store what `pendingStore` names, then
 * write what `transmit` offers; wait for the socket or for `nextTimeout`. Times are milliseconds and may wrap.
 */
import {
  commit,
  composedEnd,
  configure,
  connect,
  disconnect,
  drop,
  initialize,
  publish,
  resend,
  subscribe,
  supersede,
  unsubscribe,
} from "./client.ts";
import {
  CONNECT_PACKET,
  IN_FLIGHT,
  LEAVING,
  OUTBOX,
  PIECE_SIZE,
  REASON,
  RECEIVED_END,
  REFUSAL,
  SESSION,
  STATE,
  STREAM_LEFT,
  VIEW,
} from "./layout.ts";
import { closed, opened } from "./session/connection.ts";
import { pendingStore, pendingStoreAddress, stored } from "./session/durability.ts";
import { nextEvent, received, receiveRoom } from "./session/inbound.ts";
import { transmit, transmitted } from "./session/outbound.ts";
import { headAt, tailAt } from "./session/outbox.ts";
import { restored } from "./session/restore.ts";
import { nextTimeout, timedOut } from "./session/timers.ts";
import { VIEW_FLAGS, VIEW_ID, VIEW_PAYLOAD, VIEW_PAYLOAD_SIZE, VIEW_TOPIC, VIEW_TOPIC_SIZE } from "./wire/publish.ts";
import { filterMatches } from "./wire/topic.ts";

export {
  closed,
  commit,
  composedEnd,
  configure,
  connect,
  disconnect,
  drop,
  filterMatches,
  initialize,
  nextEvent,
  nextTimeout,
  opened,
  pendingStore,
  pendingStoreAddress,
  publish,
  received,
  receiveRoom,
  resend,
  restored,
  stored,
  subscribe,
  supersede,
  timedOut,
  transmit,
  transmitted,
  unsubscribe,
};

/** Where the memory of clients may begin; both are multiples of 16, as WAMR needs them to cut the page down. */
export const __data_end: i32 = 16;
export const __heap_base: i32 = 16;

/** The state of the connection, session/transitions.ts. */
export function state(client: i32): i32 {
  return i32.load8_u(client + STATE);
}

/** Why the connection was closed last: an answer below zero of status.ts, or 0. */
export function reason(client: i32): i32 {
  return i32.load(client + REASON);
}

/** The CONNACK return code of the last refusal, 1 to 5, section 3.2.2.3. */
export function refusal(client: i32): i32 {
  return i32.load8_u(client + REFUSAL);
}

/** Where bytes from the server go; `receiveRoom` tells how many fit. */
export function receiveAddress(client: i32): i32 {
  return client + i32.load(client + RECEIVED_END);
}

/** Where the bytes that `transmit` offered last stand. */
export function transmitAddress(client: i32): i32 {
  return client + i32.load(client + LEAVING);
}

/** The session region: all that has to be put back before `restored`. */
export function sessionAddress(client: i32): i32 {
  return client + SESSION;
}

export function sessionSize(client: i32): i32 {
  return i32.load(client + CONNECT_PACKET) - SESSION;
}

/** Bytes in the outbox, gaps included, and the bytes that it holds at most. */
export function outboxUsed(client: i32): i32 {
  return tailAt(client) - headAt(client);
}

export function outboxCapacity(client: i32): i32 {
  return i32.load(client + CONNECT_PACKET) - i32.load(client + OUTBOX);
}

/** Messages of QoS 1 and 2 that have been sent on this connection and are not acknowledged. */
export function inFlight(client: i32): i32 {
  return i32.load(client + IN_FLIGHT);
}

/** The packet identifier that the last event speaks of, 0 for none. */
export function eventId(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_ID);
}

/** Of MESSAGE: DUP, QoS and RETAIN as in section 3.3.1. Of CONNECTED: 0x100 where the server has the session. */
export function eventFlags(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_FLAGS);
}

export function topicAddress(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_TOPIC);
}

export function topicSize(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_TOPIC_SIZE);
}

/** Of MESSAGE: the payload, or this piece of it. Of SUBSCRIBED: the return codes. */
export function payloadAddress(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_PAYLOAD);
}

export function payloadSize(client: i32): i32 {
  return i32.load(client + PIECE_SIZE);
}

/** Where in the whole payload this piece begins, and how large the whole is. */
export function payloadOffset(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_PAYLOAD_SIZE) - i32.load(client + STREAM_LEFT) - i32.load(client + PIECE_SIZE);
}

export function payloadTotal(client: i32): i32 {
  return i32.load(client + VIEW + VIEW_PAYLOAD_SIZE);
}
