/**
 * One client: what the host gives it to do. Commands that make a packet are in two steps, so that the host writes
 * straight into the place the bytes will be sent from, and nothing is copied:
 *
 *     1. `connect`, `publish`, `subscribe` or `unsubscribe` reserves room and answers the address to write to
 *     2. `commit` checks what was written and puts it in force; until then nothing has changed
 *
 * A command that answers below zero has changed nothing.
 */
import {
  ALIASES_LAST,
  ALIASES_OUT,
  BACKOFF_MAX,
  BACKOFF_MIN,
  COMPOSED_END,
  CONNECT_PACKET,
  CURSOR,
  END,
  HEAD,
  IN_FLIGHT,
  INBOUND_IDS,
  KEEP_ALIVE,
  LAST_ID,
  OPTIONS,
  OUTBOX,
  REASON,
  RECEIVE,
  RESPONSE_TIMEOUT,
  STATE,
  TAIL,
  WINDOW,
} from "./layout.ts";
import { QOS2, ROOM, STORE, V5 } from "./profile.ts";
import { commitAside, keepsFarewell } from "./session/aside.ts";
import { awaitResponse, closed, step } from "./session/connection.ts";
import { fieldsChanged, outboxChanged, stored } from "./session/durability.ts";
import { entryFault } from "./session/limits.ts";
import { isCursorLeaving, queue } from "./session/outbound.ts";
import { cursorAt, entryId, headAt, nextId, release, reserve, tailAt } from "./session/outbox.ts";
import { settle } from "./session/stream.ts";
import { CONNECTED, DISCONNECT, DISCONNECTING, IDLE, START } from "./session/transitions.ts";
import { isFive } from "./session/version.ts";
import {
  ENDED_DISCONNECT,
  FULL,
  MISUSE_QOS,
  MISUSE_RANGE,
  MISUSE_STATE,
  MISUSE_TOO_LARGE,
  NOTHING,
  OK,
} from "./status.ts";
import { beginConnect, checkConnect, knownFlags, variableHeaderSize } from "./wire/connect.ts";
import {
  bodyAt,
  DISCONNECT as DISCONNECT_PACKET,
  PUBLISH,
  packetEnd,
  QOS,
  REQUEST_FLAGS,
  RETAIN,
  SUBSCRIBE,
  sizeWithHeader,
  UNSUBSCRIBE,
} from "./wire/header.ts";
import { publishOverhead } from "./wire/publish.ts";
import { seal } from "./wire/seal.ts";
import { COUNT } from "./wire/subscribe.ts";
import { isSameText } from "./wire/text.ts";

/** Number of options that `configure` knows: the words from OPTIONS in layout.ts. */
const OPTION_COUNT: i32 = STORE === 0 ? 5 : 6;
/** Bits of each, five bits an option from the right: identifiers have 16, a wait that is doubled must not overflow. */
const OPTION_BITS: i32 = 16 | (30 << 5) | (30 << 10) | (30 << 15) | (31 << 20) | (1 << 25);
/** The first of those that may be 0. */
const OPTION_RANDOM: i32 = 4;

/** Bits of a size that can be meant: a negative one has more, and so has one above VARINT_MAX of wire/varint.ts. */
const SIZE_BITS: i32 = 28;

/** QoS 2 and RETAIN. */
const PUBLISH_FLAGS_MAX: i32 = QOS2 === 0 ? 3 : 5;

/** The smallest receive region: a fixed header, a short topic, an identifier, some payload. */
const RECEIVE_MIN: i32 = 32;

/**
 * Makes a client in the record at `client`, a multiple of 4. Capacities are bytes of the receive region (at least 32), of the
 * outbox and of the CONNECT packet (at least 16), and the number of QoS 2 messages that may be half received (at least 1).
 * Answers the size of the record, a multiple of 4; with `client` 0 it writes nothing. Below zero: MISUSE_RANGE.
 */
export function initialize(client: i32, receive: i32, outbox: i32, connect: i32, inbound: i32): i32 {
  const excess: i32 = (receive | outbox | connect | inbound) >> SIZE_BITS;
  const lack: i32 = (receive - RECEIVE_MIN) | (outbox - 16) | (connect - 16) | (inbound - 1);
  if ((excess | (lack >> 31)) !== 0) return MISUSE_RANGE;
  const outboxStart: i32 = client + INBOUND_IDS + 2 * QOS2 * inbound;
  const connectStart: i32 = outboxStart + outbox;
  const receiveStart: i32 = connectStart + connect;
  const end: i32 = (receiveStart + receive + 3) & ~3;
  const outboxOffset: i32 = outboxStart - client;
  if (client === 0) return end;
  memory.fill(client, 0, outboxOffset);
  i32.store(client + OUTBOX, outboxStart);
  i32.store(client + CONNECT_PACKET, connectStart);
  i32.store(client + RECEIVE, receiveStart);
  i32.store(client + END, end);
  i32.store(client + HEAD, outboxOffset);
  i32.store(client + TAIL, outboxOffset);
  if (V5 !== 0) {
    i32.store(client + ALIASES_OUT, end);
    i32.store(client + ALIASES_LAST, end);
  }
  closed(client, 0);
  i32.store(client + WINDOW, 8);
  i32.store(client + RESPONSE_TIMEOUT, 60_000);
  i32.store(client + BACKOFF_MIN, 1_000);
  i32.store(client + BACKOFF_MAX, 120_000);
  if (STORE !== 0) stored(client);
  return end - client;
}

/**
 * Sets an option: 0 window (messages in flight, 1 to 65,535), 1 response time-out, 2 and 3 least and most back-off (ms, below
 * 2 to the power of 30), 4 seed of the jitter (0 or above), 5 durable (0 or 1). Answers OK or MISUSE_RANGE.
 */
export function configure(client: i32, option: i32, value: i32): i32 {
  if ((option | (OPTION_COUNT - 1 - option)) < 0) return MISUSE_RANGE;
  // A window of 0 or a wait of 0 would be no setting.
  if (value >> ((OPTION_BITS >> (5 * option)) & 31) !== 0 || (option < OPTION_RANDOM && value === 0))
    return MISUSE_RANGE;
  i32.store(client + OPTIONS + (option << 2), value);
  return OK;
}

/**
 * Composes CONNECT with `size` bytes of payload (the fields of section 3.1.3 as on the wire), connect flags and keep-alive
 * in seconds. In the full profile flag 1 makes a client of 3.1.1 speak MQTT 3.1. Answers where the payload goes; or MISUSE_STATE,
 * MISUSE_RANGE, MISUSE_TOO_LARGE.
 */
export function connect(client: i32, size: i32, flags: i32, keepAliveSeconds: i32): i32 {
  const start: i32 = i32.load(client + CONNECT_PACKET);
  if (i32.load8_u(client + STATE) !== IDLE) return MISUSE_STATE;
  if (((flags & ~knownFlags(isFive(client))) | (keepAliveSeconds >> 16) | (size >> SIZE_BITS)) !== 0)
    return MISUSE_RANGE;
  const end: i32 = start + sizeWithHeader(variableHeaderSize(flags) + size);
  if (end > i32.load(client + RECEIVE)) return MISUSE_TOO_LARGE;
  i32.store(client + COMPOSED_END, end);
  i32.store(client + KEEP_ALIVE, keepAliveSeconds * 1000);
  return beginConnect(start, flags, keepAliveSeconds, size, isFive(client));
}

/**
 * Composes PUBLISH; `flags` are QoS (bits 1 and 2) and RETAIN (bit 0). Answers where the topic goes; the payload
 * goes to the last `payloadSize` bytes before the address in COMPOSED_END. Below zero: FULL, MISUSE_RANGE, MISUSE_QOS, MISUSE_TOO_LARGE.
 */
export function publish(client: i32, topicSize: i32, payloadSize: i32, flags: i32): i32 {
  if ((flags | (PUBLISH_FLAGS_MAX - flags)) < 0) return MISUSE_QOS;
  if (((topicSize >> 16) | (payloadSize >> SIZE_BITS)) !== 0) return MISUSE_RANGE;
  const first: i32 = (PUBLISH << 4) | flags;
  return reserve(client, first, publishOverhead(flags) + topicSize + payloadSize, topicSize);
}

/** Composes SUBSCRIBE with a list of `size` bytes (section 3.8.3, as on the wire). Answers where it goes; or as `publish`. */
export function subscribe(client: i32, size: i32): i32 {
  return request(client, (SUBSCRIBE << 4) | REQUEST_FLAGS, size);
}

/** Composes UNSUBSCRIBE with a list of `size` bytes (section 3.10.3, as on the wire). Answers where it goes; or as `publish`. */
export function unsubscribe(client: i32, size: i32): i32 {
  return request(client, (UNSUBSCRIBE << 4) | REQUEST_FLAGS, size);
}

function request(client: i32, first: i32, size: i32): i32 {
  return size >> SIZE_BITS !== 0 ? MISUSE_RANGE : reserve(client, first, 2 + size, 0);
}

/**
 * Puts the composed packet in force. Answers its packet identifier, or 0 where it has none (CONNECT, QoS 0). Below zero it is
 * dropped: MISUSE_STATE (nothing composed), FULL (no identifier free), or the MISUSE_ answer for what was written.
 */
export function commit(client: i32): i32 {
  const end: i32 = i32.load(client + COMPOSED_END);
  i32.store(client + COMPOSED_END, 0);
  if (end === 0) return MISUSE_STATE;
  const connectPacket: i32 = i32.load(client + CONNECT_PACKET);
  if (end > connectPacket) {
    if (isFive(client) !== 0 && i32.load8_u(client + STATE) !== IDLE) return commitAside(client);
    const fault: i32 = checkConnect(connectPacket, end, isFive(client));
    return fault === OK ? step(client, START) : fault;
  }
  const at: i32 = tailAt(client);
  const first: i32 = i32.load8_u(at);
  const id: i32 = (first & QOS) === 0 ? 0 : nextId(client);
  if (id < 0) return id;
  const filters: i32 = seal(at, end, id, isFive(client));
  if (filters < 0) return filters;
  if (isFive(client) !== 0 && i32.load8_u(client + STATE) === CONNECTED) {
    const fault: i32 = entryFault(client, at);
    if (fault !== 0) return -fault;
  }
  // SUBACK has a code a filter [MQTT-3.8.4-5], in 5.0 so has UNSUBACK, behind properties; it has to fit the receive region.
  const room: i32 = i32.load(client + END) - i32.load(client + RECEIVE);
  const isCounted: i32 = first >> 4 === SUBSCRIBE ? 1 : isFive(client);
  if (ROOM !== 0 && isCounted !== 0 && sizeWithHeader(2 + isFive(client) + (filters & COUNT)) > room)
    return MISUSE_TOO_LARGE;
  i32.store(client + TAIL, end - client);
  outboxChanged(client, at, end);
  if (id !== 0) {
    i32.store(client + LAST_ID, id | (isFive(client) << 16));
    fieldsChanged(client);
  }
  return id;
}

/** Drops the oldest message that has never been sent, for a host that prefers new ones. Answers its identifier (0 at QoS 0) or NOTHING. */
export function drop(client: i32): i32 {
  return dropUnsent(client, 0);
}

/**
 * Drops the oldest unsent message with the topic of the PUBLISH being composed, for a host that wants only the latest of
 * each topic. Call it between writing the topic and `commit`. Answers its identifier (0 at QoS 0), NOTHING, or MISUSE_STATE.
 */
export function supersede(client: i32): i32 {
  const at: i32 = tailAt(client);
  const end: i32 = i32.load(client + COMPOSED_END);
  if (((end - at - 1) | (i32.load(client + CONNECT_PACKET) - end)) < 0 || i32.load8_u(at) >> 4 !== PUBLISH)
    return MISUSE_STATE;
  return dropUnsent(client, bodyAt(at));
}

/** Drops the oldest message that no byte of has ever been sent, where `topic` is not 0 the oldest with that topic. */
function dropUnsent(client: i32, topic: i32): i32 {
  let at: i32 = cursorAt(client);
  // A packet that is leaving has to leave whole.
  if (isCursorLeaving(client) !== 0) at = packetEnd(at);
  for (; at < tailAt(client); at = packetEnd(at)) {
    if ((i32.load8_u(at) & ~(QOS | RETAIN)) === PUBLISH << 4 && (topic === 0 || isSameText(topic, bodyAt(at)) !== 0)) {
      const id: i32 = entryId(at);
      release(client, at);
      return id;
    }
  }
  return NOTHING;
}

/**
 * Ends the connection with DISCONNECT and wants no other; the message of the last event counts as dealt with.
 * Answers OK, or MISUSE_STATE where there is nothing to end.
 */
export function disconnect(client: i32, now: i32): i32 {
  // Its acknowledgement has to leave before DISCONNECT, behind which nothing may [MQTT-3.14.4-2].
  settle(client);
  if (step(client, DISCONNECT) !== OK) return MISUSE_STATE;
  i32.store(client + REASON, ENDED_DISCONNECT);
  if (i32.load8_u(client + STATE) === DISCONNECTING) {
    if (isFive(client) === 0 || keepsFarewell(client) === 0) queue(client, DISCONNECT_PACKET << 4, 0);
    awaitResponse(client, now);
  }
  return OK;
}

/**
 * For a host that wants it, and for MQTT 3.1.1 only: sends everything unacknowledged again on this connection, with DUP.
 * Answers OK; FULL while a packet has left in part; MISUSE_STATE where there is no connection.
 */
export function resend(client: i32): i32 {
  // Nothing is sent again on a connection of 5.0 [MQTT-4.4.0-1].
  if (i32.load8_u(client + STATE) !== CONNECTED || isFive(client) !== 0) return MISUSE_STATE;
  if (isCursorLeaving(client) !== 0) return FULL;
  i32.store(client + CURSOR, headAt(client));
  i32.store(client + IN_FLIGHT, 0);
  return OK;
}
