/**
 * The getters of a client: words and bytes of its record, assembly/layout.ts, read where they stand.
 *
 * The module of the board has no functions for them, because a call costs a board more than the load that it would make: in C
 * they are the offsets of perigee_wasm.h. They check nothing and are free.
 */
import {
  ALIASES_OUT,
  COMPOSED_END,
  CONNECT_PACKET,
  CURSOR,
  DIRTY_START,
  EVENT_CODE,
  EVENT_PROPERTIES,
  HEAD,
  IN_FLIGHT,
  LEAVING,
  LEAVING_SIZE,
  OUTBOX,
  PIECE_SIZE,
  REASON,
  RECEIVED_END,
  REFUSAL,
  SERVER_PACKET,
  SESSION,
  STATE,
  STREAM_LEFT,
  TAIL,
  VIEW,
} from "../../assembly/layout.ts";
import {
  VIEW_FLAGS,
  VIEW_ID,
  VIEW_PAYLOAD,
  VIEW_PAYLOAD_SIZE,
  VIEW_TOPIC,
  VIEW_TOPIC_SIZE,
} from "../../assembly/wire/publish.ts";

export interface Getters {
  /** The state of the connection, assembly/session/transitions.ts. */
  state(client: number): number;
  /** Why the connection was closed last: an answer below zero of assembly/status.ts, or 0. */
  reason(client: number): number;
  /** The CONNACK return code of the last refusal, 1 to 5, section 3.2.2.3. */
  refusal(client: number): number;
  /** Where bytes from the server go; `receiveRoom` tells how many fit. */
  receiveAddress(client: number): number;
  /** Where the bytes that `transmit` offered last stand. */
  transmitAddress(client: number): number;
  /** Address behind the packet that is being composed, or 0. */
  composedEnd(client: number): number;
  /** The session region: all that has to be put back before `restored`. */
  sessionAddress(client: number): number;
  sessionSize(client: number): number;
  /** Where the unstored bytes of part 0, the fields, or 1, the outbox, stand. */
  pendingStoreAddress(client: number, part: number): number;
  /** Bytes of what has begun to leave that have not left. */
  leavingSize(client: number): number;
  /** The first packet of the outbox that has not left whole on this connection. */
  cursorAddress(client: number): number;
  /** MQTT 5.0: the largest packet that the connected server takes, bytes. */
  serverPacketSizeMax(client: number): number;
  /** MQTT 5.0: where the client's topic aliases begin; a head that leaves from there belongs to the packet at the cursor. */
  aliasesAddress(client: number): number;
  /** Bytes in the outbox, gaps included, and the bytes that it holds at most. */
  outboxUsed(client: number): number;
  outboxCapacity(client: number): number;
  /** Messages of QoS 1 and 2 that have been sent on this connection and are not acknowledged. */
  inFlight(client: number): number;
  /** The packet identifier of the last event that is about a packet, 0 for none; CONNECTED, OPEN and CLOSE leave it as it was. */
  eventId(client: number): number;
  /** Of MESSAGE: DUP, QoS and RETAIN as in section 3.3.1. Of CONNECTED: 0x100 where the server has the session. */
  eventFlags(client: number): number;
  topicAddress(client: number): number;
  topicSize(client: number): number;
  /** Of MESSAGE: the payload, or this piece of it. Of SUBSCRIBED: the return codes. */
  payloadAddress(client: number): number;
  payloadSize(client: number): number;
  /** Where in the whole payload this piece begins, and how large the whole is. */
  payloadOffset(client: number): number;
  payloadTotal(client: number): number;
  /** MQTT 5.0: the reason code of the last event, 0 to 255; of MESSAGE its topic alias, 0 for none. */
  eventCode(client: number): number;
  /** MQTT 5.0: the properties of the last event, without the length of their block; 0 and 0 where the packet has none. */
  propertiesAddress(client: number): number;
  propertiesSize(client: number): number;
}

/** The getters over the memory `bytes`. */
export function gettersOf(bytes: Uint8Array): Getters {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number) => words.getInt32(at, true);
  /** Where the properties of the last event stand, behind the variable byte integer that is their size. */
  const block = (client: number): { at: number; size: number } => {
    let at = word(client + EVENT_PROPERTIES);
    let size = 0;
    for (let shift = 0; at !== 0; shift += 7) {
      size += (bytes[at] & 0x7f) << shift;
      if (bytes[at++] < 0x80) break;
    }
    return { at, size };
  };
  return {
    state: client => bytes[client + STATE],
    reason: client => word(client + REASON),
    refusal: client => bytes[client + REFUSAL],
    receiveAddress: client => word(client + RECEIVED_END),
    transmitAddress: client => word(client + LEAVING),
    composedEnd: client => word(client + COMPOSED_END),
    sessionAddress: client => client + SESSION,
    sessionSize: client => word(client + CONNECT_PACKET) - client - SESSION,
    pendingStoreAddress: (client, part) => (part === 0 ? client + SESSION : word(client + DIRTY_START)),
    leavingSize: client => word(client + LEAVING_SIZE),
    cursorAddress: client => word(client + CURSOR),
    serverPacketSizeMax: client => word(client + SERVER_PACKET),
    aliasesAddress: client => word(client + ALIASES_OUT),
    outboxUsed: client => word(client + TAIL) - word(client + HEAD),
    outboxCapacity: client => word(client + CONNECT_PACKET) - word(client + OUTBOX),
    inFlight: client => word(client + IN_FLIGHT),
    eventId: client => word(client + VIEW + VIEW_ID),
    eventFlags: client => word(client + VIEW + VIEW_FLAGS),
    topicAddress: client => word(client + VIEW + VIEW_TOPIC),
    topicSize: client => word(client + VIEW + VIEW_TOPIC_SIZE),
    payloadAddress: client => word(client + VIEW + VIEW_PAYLOAD),
    payloadSize: client => word(client + PIECE_SIZE),
    payloadOffset: client =>
      word(client + VIEW + VIEW_PAYLOAD_SIZE) - word(client + STREAM_LEFT) - word(client + PIECE_SIZE),
    payloadTotal: client => word(client + VIEW + VIEW_PAYLOAD_SIZE),
    eventCode: client => word(client + EVENT_CODE),
    propertiesAddress: client => block(client).at,
    propertiesSize: client => block(client).size,
  };
}
