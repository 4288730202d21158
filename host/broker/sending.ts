/**
 * Packets on their way to one client, each in the words of its version.
 *
 * Whatever the server adds for the reader's sake, a reason string, is left out where the client has said that it does not
 * want it [MQTT-3.1.2-29] or that the packet would be too large for it [MQTT-3.2.2-19] [MQTT-3.4.2-2] [MQTT-3.5.2-2]
 * [MQTT-3.6.2-2] [MQTT-3.7.2-2] [MQTT-3.9.2-1] [MQTT-3.11.2-1] [MQTT-3.14.2-3] [MQTT-3.15.2-2]; the server adds no user
 * properties of its own [MQTT-3.2.2-20] [MQTT-3.4.2-3] [MQTT-3.5.2-3] [MQTT-3.6.2-3] [MQTT-3.7.2-3] [MQTT-3.9.2-2]
 * [MQTT-3.11.2-2] [MQTT-3.14.2-4]
 * [MQTT-3.15.2-3].
 */
import { ACKNOWLEDGE_SIZE, encodeAcknowledge5, writeAcknowledge } from "./codec/acknowledge.ts";
import { AUTH, CONTROL_NAMES, DISCONNECT, type Qos } from "./codec/control.ts";
import { encodeReasoned } from "./codec/ending.ts";
import { lengthSize } from "./codec/length.ts";
import type { Properties } from "./codec/properties.ts";
import { copyBytes, publishFlags, publishHeaderSize, writePublishHeader } from "./codec/publish.ts";
import { listSize, type Publish5Header, remainingLength, writePublish5Header } from "./codec/publish5.ts";
import type { Connection } from "./connection.ts";
import { publishLine } from "./log.ts";
import type { Message } from "./message.ts";
import { LARGE_PAYLOAD_SIZE } from "./output.ts";
import type { State } from "./state.ts";
import type { Via } from "./subscriptions.ts";
import type { Terms } from "./terms.ts";

/** Sends a whole packet. */
export function sendPacket(state: State, connection: Connection, packet: Uint8Array): void {
  const at = state.output.reserve(connection, packet.length);
  connection.output?.set(packet, at);
  state.counters.messagesSent++;
}

/**
 * Sends one of PUBACK, PUBREC, PUBREL, PUBCOMP, and UNSUBACK of 3.1.1, under the identifier of what it answers
 * [MQTT-2.3.1-6] [MQTT-2.3.1-7]; 5.0: [MQTT-2.2.1-5] [MQTT-2.2.1-6]. A reason code goes to 5.0 clients only.
 */
export function acknowledge(
  state: State,
  connection: Connection,
  type: number,
  packetId: number,
  reasonCode = 0,
  reason = "",
): void {
  if (reasonCode !== 0 && connection.terms !== null) {
    sendReasoned(state, connection, reason, properties =>
      encodeAcknowledge5(type, { packetId, reasonCode, properties }),
    );
  } else {
    const at = state.output.reserve(connection, ACKNOWLEDGE_SIZE);
    writeAcknowledge(connection.output as Uint8Array, at, type, packetId);
    state.counters.messagesSent++;
  }
  if (state.isTracing) {
    state.log("debug", `Sending ${CONTROL_NAMES[type]} to ${connection.name} (m${packetId}, rc${reasonCode})`);
  }
}

/** Sends what `encode` makes, with `reason` as its reason string if there is one and the client wants it. */
export function sendReasoned(
  state: State,
  connection: Connection,
  reason: string,
  encode: (properties: Properties | undefined) => Uint8Array,
  isAlways = false,
): void {
  const terms = connection.terms as Terms;
  if (reason !== "" && (terms.wantsReasons || isAlways)) {
    const packet = encode({ reasonString: reason });
    if (packet.length <= terms.maxPacketSize) {
      sendPacket(state, connection, packet);
      return;
    }
  }
  const packet = encode(undefined);
  // [MQTT-3.1.2-24] even then.
  if (packet.length <= terms.maxPacketSize) sendPacket(state, connection, packet);
}

/** [MQTT-4.13.1-1] tells a 5.0 client why its connection ends. A DISCONNECT may always have a reason string. */
export function sendDisconnect(state: State, connection: Connection, reasonCode: number, reason: string): void {
  const reference = state.settings.serverReference;
  const extra = reasonCode === 0x9c && reference !== undefined ? { serverReference: reference } : undefined;
  // [MQTT-3.14.2-2] no session expiry interval from a server.
  const encode = (properties: Properties | undefined) =>
    encodeReasoned(DISCONNECT, { reasonCode, properties: extra ? { ...properties, ...extra } : properties });
  sendReasoned(state, connection, reason, encode, true);
  if (state.isTracing) state.log("debug", `Sending DISCONNECT to ${connection.name} (rc${reasonCode})`);
}

/**
 * AUTH, with the method that CONNECT named [MQTT-4.12.0-5]; without one there is none [MQTT-4.12.0-6]. False when it is
 * too large for the client and nothing was sent [MQTT-3.1.2-24].
 */
export function sendAuth(
  state: State,
  connection: Connection,
  reasonCode: number,
  method: string,
  data: Uint8Array | undefined,
): boolean {
  const properties: Properties = { authenticationMethod: method };
  if (data !== undefined) properties.authenticationData = data;
  const packet = encodeReasoned(AUTH, { reasonCode, properties });
  if (packet.length > (connection.terms as Terms).maxPacketSize) return false;
  sendPacket(state, connection, packet);
  if (state.isTracing) state.log("debug", `Sending AUTH to ${connection.name} (rc${reasonCode})`);
  return true;
}

/** Sends a PUBLISH. False when it is too large for the client and nothing was sent [MQTT-3.1.2-24]. */
export function writePublish(
  state: State,
  connection: Connection,
  message: Message,
  qos: Qos,
  isDup: boolean,
  isRetain: boolean,
  packetId: number,
  via: Via | null,
): boolean {
  const { entrance } = connection;
  if (entrance.mountPoint !== "") message = message.under(entrance.unmount(message.topic));
  const { counters, output } = state;
  const payloadSize = message.end - message.start;
  // 5.0: DUP is 0 at QoS 0 [MQTT-4.3.1-1] and the first time at QoS 1 and 2 [MQTT-4.3.2-2] [MQTT-4.3.3-2].
  const first = publishFlags(qos, isDup, isRetain);
  if (connection.terms !== null) {
    if (!writePublish5(state, connection, connection.terms, message, first, qos, packetId, via)) return false;
  } else if (qos === 0 && message.isFannedOut && !isRetain && payloadSize < LARGE_PAYLOAD_SIZE) {
    message.encoded ??= encode(message);
    const encoded = message.encoded;
    const at = output.reserve(connection, encoded.length);
    (connection.output as Uint8Array).set(encoded, at);
  } else {
    const topic = message.topic.wire;
    const headerSize = publishHeaderSize(topic.length, qos, payloadSize);
    const isLarge = payloadSize >= LARGE_PAYLOAD_SIZE;
    const at = output.reserve(connection, isLarge ? headerSize : headerSize + payloadSize);
    const target = connection.output as Uint8Array;
    const next = writePublishHeader(target, at, first, topic, packetId, payloadSize);
    writePayload(state, connection, message, next);
  }
  counters.messagesSent++;
  counters.publishMessagesSent++;
  counters.publishBytesSent += payloadSize;
  if (state.isTracing)
    state.log("debug", publishLine("Sending", "to", connection, message, qos, isDup, isRetain, packetId));
  return true;
}

/** The payload at `at` of what was reserved, or by itself when it is large. */
function writePayload(state: State, connection: Connection, message: Message, at: number): void {
  if (message.end - message.start >= LARGE_PAYLOAD_SIZE) {
    message.own();
    state.output.sendLasting(connection, message.bytes.subarray(message.start, message.end));
  } else {
    copyBytes(connection.output as Uint8Array, at, message.bytes, message.start, message.end);
  }
}

/** The packet at QoS 0, made once for the many subscribers that get it. */
function encode(message: Message): Uint8Array {
  const payloadSize = message.end - message.start;
  const topic = message.topic.wire;
  const encoded = new Uint8Array(publishHeaderSize(topic.length, 0, payloadSize) + payloadSize);
  const at = writePublishHeader(encoded, 0, publishFlags(0, false, false), topic, 0, payloadSize);
  copyBytes(encoded, at, message.bytes, message.start, message.end);
  return encoded;
}

const PLAIN_FLAGS = publishFlags(0, false, false);

const NO_IDS: readonly number[] = [];

/** A topic must be longer than this to be worth an alias, which takes three bytes itself. */
const MIN_ALIASED_SIZE = 3;

function writePublish5(
  state: State,
  connection: Connection,
  terms: Terms,
  message: Message,
  first: number,
  qos: Qos,
  packetId: number,
  via: Via | null,
): boolean {
  const payloadSize = message.end - message.start;
  const isLarge = payloadSize >= LARGE_PAYLOAD_SIZE;
  const isPlain = first === PLAIN_FLAGS && via === null && terms.outboundAliases === null;
  if (message.isFannedOut && isPlain && !isLarge) {
    message.encoded5 ??= encode5(state, message);
    if (message.encoded5.length > terms.maxPacketSize) return false;
    const at = state.output.reserve(connection, message.encoded5.length);
    (connection.output as Uint8Array).set(message.encoded5, at);
    return true;
  }
  const { wire, text } = message.topic;
  const aliases = wire.length - 2 > MIN_ALIASED_SIZE ? terms.outboundAliases : null;
  const knownAlias = aliases === null ? 0 : aliases.known(text);
  const header: Publish5Header = {
    first,
    topic: wire,
    qos,
    packetId,
    alias: knownAlias,
    isAliasKnown: knownAlias > 0,
    messageExpiryS: message.remainingS(state.nowMs),
    forwarded: message.extras === null ? null : message.extras.forwarded,
    subscriptionIds: via === null ? NO_IDS : via.subscriptionIds,
  };
  if (sizeOf(header, payloadSize) > terms.maxPacketSize) return false;
  if (aliases !== null && knownAlias === 0) {
    const offered = aliases.offer();
    header.alias = offered;
    // A packet that the alias makes too large goes without it.
    if (offered > 0 && sizeOf(header, payloadSize) > terms.maxPacketSize) header.alias = 0;
    else if (offered > 0) aliases.give(offered, text);
  }
  const size = listSize(header);
  const length = remainingLength(header, size, payloadSize);
  const packetSize = 1 + lengthSize(length) + length;
  const at = state.output.reserve(connection, isLarge ? packetSize - payloadSize : packetSize);
  writePayload(
    state,
    connection,
    message,
    writePublish5Header(connection.output as Uint8Array, at, header, size, length),
  );
  return true;
}

/** The packet of 5.0 at QoS 0, made once for the many subscribers that get the same. */
function encode5(state: State, message: Message): Uint8Array {
  const header: Publish5Header = {
    first: PLAIN_FLAGS,
    topic: message.topic.wire,
    qos: 0,
    packetId: 0,
    alias: 0,
    isAliasKnown: false,
    messageExpiryS: message.remainingS(state.nowMs),
    forwarded: message.extras === null ? null : message.extras.forwarded,
    subscriptionIds: NO_IDS,
  };
  const payloadSize = message.end - message.start;
  const size = listSize(header);
  const length = remainingLength(header, size, payloadSize);
  const encoded = new Uint8Array(1 + lengthSize(length) + length);
  copyBytes(encoded, writePublish5Header(encoded, 0, header, size, length), message.bytes, message.start, message.end);
  return encoded;
}

function sizeOf(header: Publish5Header, payloadSize: number): number {
  const length = remainingLength(header, listSize(header), payloadSize);
  return 1 + lengthSize(length) + length;
}
