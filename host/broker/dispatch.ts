/**
 * One packet from a client, to the file whose rules it falls under.
 */
import { onConnect } from "./admission.ts";
import { onAuth } from "./authentication.ts";
import * as control from "./codec/control.ts";
import { checkEmpty, checkFirst } from "./codec/packet.ts";
import { PROTOCOL_ERROR } from "./codec/reasons.ts";
import { Violation } from "./codec/violation.ts";
import { AWAITING, type Connection } from "./connection.ts";
import { onDisconnect } from "./departure.ts";
import { onPublish, onPubrel } from "./inbound.ts";
import { onAcknowledge } from "./outbound.ts";
import type { State } from "./state.ts";
import { onSubscribe, onUnsubscribe } from "./subscribing.ts";

/** Handles the packet with the body bytes[start, end). Throws a Violation. */
export function dispatch(
  state: State,
  connection: Connection,
  bytes: Uint8Array,
  first: number,
  start: number,
  end: number,
): void {
  state.counters.messagesReceived++;
  connection.lastPacketMs = state.nowMs;
  checkHeader(connection, first);
  const type = first >> 4;
  switch (type) {
    case control.PUBLISH:
      onPublish(state, connection, bytes, first, start, end);
      return;
    case control.PUBACK:
    case control.PUBREC:
    case control.PUBCOMP:
      onAcknowledge(state, connection, bytes, type, start, end);
      return;
    case control.PUBREL:
      onPubrel(state, connection, bytes, start, end);
      return;
    case control.CONNECT:
      onConnect(state, connection, bytes, start, end);
      return;
    case control.SUBSCRIBE:
      onSubscribe(state, connection, bytes, start, end);
      return;
    case control.UNSUBSCRIBE:
      onUnsubscribe(state, connection, bytes, start, end);
      return;
    case control.PINGREQ:
      checkEmpty(type, start, end);
      if (state.isTracing) state.log("debug", `Received PINGREQ from ${connection.name}`);
      answerPing(state, connection);
      return;
    case control.DISCONNECT:
      onDisconnect(state, connection, bytes, start, end);
      return;
    case control.AUTH:
      onAuth(state, connection, bytes, start, end);
      return;
    default: {
      const detail = `${control.CONTROL_NAMES[type]} goes from server to client only`;
      throw new Violation(connection.level === 5 ? "MQTT 2.1.2" : "MQTT 2.2.1", detail, PROTOCOL_ERROR);
    }
  }
}

/** What can be no packet is not waited for: its length may promise 256 MiB. Throws a Violation. */
export function checkHeld(connection: Connection): void {
  const first = connection.framer.heldFirst;
  if (first >= 0) checkHeader(connection, first);
}

/** Throws a Violation unless a packet with this first byte may come now. */
function checkHeader(connection: Connection, first: number): void {
  checkFirst(first, connection.level);
  const type = first >> 4;
  if (connection.phase === AWAITING && type !== control.CONNECT) checkAwaited(connection, type);
}

/** [MQTT-3.1.0-1], the same number in 5.0; during an enhanced authentication only its own packets [MQTT-3.1.2-30]. */
function checkAwaited(connection: Connection, type: number): void {
  const name = control.CONTROL_NAMES[type];
  if (connection.authentication === null) {
    throw new Violation("MQTT-3.1.0-1", `the first packet is CONNECT, not ${name}`, PROTOCOL_ERROR);
  }
  if (type !== control.AUTH && type !== control.DISCONNECT) {
    throw new Violation("MQTT-3.1.2-30", `${name} before the authentication has ended`, PROTOCOL_ERROR);
  }
}

/** [MQTT-3.12.4-1] */
function answerPing(state: State, connection: Connection): void {
  const at = state.output.reserve(connection, 2);
  const output = connection.output as Uint8Array;
  output[at] = control.PINGRESP << 4;
  output[at + 1] = 0;
  state.counters.messagesSent++;
  if (state.isTracing) state.log("debug", `Sending PINGRESP to ${connection.name}`);
}
