/**
 * The memory map of one client: all that it knows, in one record at an address that the host gives.
 *
 *     fields    fixed, below
 *     control   short packets waiting to leave: acknowledgements, PINGREQ, DISCONNECT
 *     session   what must survive a power cut, contiguous:
 *                 identifier given last, head, tail                 12 bytes
 *                 identifiers of QoS 2 messages received            2 bytes each, 0 for none, capacity given by the host
 *                 outbox: packets as they will be sent              capacity given by the host
 *     connect   the CONNECT packet, kept for every reconnect        capacity given by the host
 *     receive   bytes from the server                               capacity given by the host
 *     aliases   of the server, then of the client, MQTT 5.0 only    taken from the end of receive where the host asks for it
 *
 * Fields are words unless they say byte. What points into the record is an address, which costs no addition where it is used:
 * a copy of a record goes on in the place that it was taken from. What is stored is an offset from the start of the
 * record, since a session may come back elsewhere. A host reads the fields where they stand (host/core/getters.ts, and
 * perigee_wasm.h for C) and writes none. What is touched most stands first: an offset below 128 is a byte shorter in every
 * instruction that has it. Nothing stands at 64: Binaryen takes it for the
 * subtraction of -64, and makes three bytes more of every access.
 */
import { V5 } from "./profile.ts";

/** Byte: which state of session/transitions.ts. */
export const STATE: i32 = 0;
/** Byte: the CONNACK return code of the last refusal. */
export const REFUSAL: i32 = 1;
/** Byte, 0 or 1: session bytes have changed that the host has not stored. */
export const UNSTORED: i32 = 2;
/** Byte: 1 where the connection, and what the outbox holds, is MQTT 5.0; 0 for 3.1.1. */
export const VERSION: i32 = 3;

// Geometry: where the regions begin.
export const OUTBOX: i32 = 4;
export const CONNECT_PACKET: i32 = 8;
export const RECEIVE: i32 = 12;
export const END: i32 = 16;

// Connection.
/** Milliseconds, 0 for never. */
export const KEEP_ALIVE: i32 = 20;
export const LAST_SENT: i32 = 24;
export const LAST_RECEIVED: i32 = 28;
/** When to retry (waiting), or when what the server owes, or the end of DISCONNECT, is overdue. */
export const DEADLINE: i32 = 32;
/** One of the answers below zero: why the connection is being closed. */
export const REASON: i32 = 36;
/** Behind the packet that the host is filling in, a CONNECT in its region or another at the tail of the outbox; or 0. */
export const COMPOSED_END: i32 = 40;

// The part of the outbox that has changed since it was stored.
export const DIRTY_START: i32 = 44;
export const DIRTY_END: i32 = 48;

/** The first packet of the outbox that has not been sent on this connection. */
export const CURSOR: i32 = 52;

// What has been received and not read.
export const RECEIVED_START: i32 = 56;
export const RECEIVED_END: i32 = 60;

// From here to VIEW a new connection begins with zeros.
export const VOLATILE: i32 = 65;
/** Byte: the event that the host was told of the connection last, one of OPEN, CONNECTED and CLOSE. */
export const TOLD: i32 = 65;
/** Byte, 0 or 1: the last event is a message or piece that the host may still be reading. */
export const DELIVERED: i32 = 66;
/** Byte: how a PUBLISH that is coming in is passed on, one of the modes of session/stream.ts. */
export const MODE: i32 = 67;
/** Byte, 0 or 1: QoS 2 messages were left unacknowledged because the identifier table was full. */
export const DEFERRED: i32 = 68;
/** Byte, 0 or 1: a PINGREQ is unanswered. */
export const PINGED: i32 = 69;
/** Byte: bytes used in the control region. */
export const CONTROL_SIZE: i32 = 70;
/** What is leaving: CONNECT, the control region as far as it was filled, or the packet at CURSOR. Where it goes on, ... */
export const LEAVING: i32 = 72;
/** ... and the bytes of it that have not left; 0 where nothing is leaving. */
export const LEAVING_SIZE: i32 = 76;
/** Messages of QoS 1 and 2 that have been sent on this connection and are not acknowledged. */
export const IN_FLIGHT: i32 = 80;

/** The view of the last event, with the layout of wire/publish.ts. */
export const VIEW: i32 = 84;
/** Bytes of the payload that the host is given now, from where the view's payload begins. */
export const PIECE_SIZE: i32 = 108;
/** Bytes of a PUBLISH being handed on that the host has not been given yet. */
export const STREAM_LEFT: i32 = 112;

// Options, set by `configure`; option n is the word at OPTIONS + 4n.
export const OPTIONS: i32 = 116;
/** Messages of QoS 1 and 2 that may be unacknowledged at once. */
export const WINDOW: i32 = 116;
/** Milliseconds that the server may owe an answer. */
export const RESPONSE_TIMEOUT: i32 = 120;
/** Milliseconds before the first reconnect, and the most that doubling makes of it. */
export const BACKOFF_MIN: i32 = 124;
export const BACKOFF_MAX: i32 = 128;
/** State of the generator behind the jitter of reconnects. */
export const RANDOM: i32 = 132;
/** 1 where nothing may leave before the session is stored. */
export const DURABLE: i32 = 136;

/** Milliseconds to wait before the next attempt, before the jitter. */
export const BACKOFF: i32 = 140;

// What MQTT 5.0 needs besides; a build without it has none of these.
const FIVE: i32 = 144;
/** Behind the view: where the property block stands, or 0; the reason code, of a message the alias. */
export const EVENT_PROPERTIES: i32 = FIVE;
export const EVENT_CODE: i32 = FIVE + 4;
// What CONNACK said: messages of QoS 1 and 2 at once, bytes of a packet, topic aliases, and one bit for each thing that there is.
export const SERVER_WINDOW: i32 = FIVE + 8;
export const SERVER_PACKET: i32 = FIVE + 12;
export const SERVER_ALIASES: i32 = FIVE + 16;
export const SERVER_LIMITS: i32 = FIVE + 20;
/** Where the aliases of the server end, and those of the client begin; and behind these. Those of the server begin at END. */
export const ALIASES_OUT: i32 = FIVE + 24;
export const ALIASES_LAST: i32 = FIVE + 28;
/** Behind the last alias that has been told to the client, and to the server. */
export const ALIASES_IN_TAIL: i32 = FIVE + 32;
export const ALIASES_OUT_TAIL: i32 = FIVE + 36;
/** Where the packet at CURSOR goes on when what is leaving, a head with an alias, has left; or 0. */
export const REST: i32 = FIVE + 40;
/** An AUTH or DISCONNECT of the host that has not begun to leave, or 0. */
export const ASIDE: i32 = FIVE + 44;
/** Messages of QoS 1 and 2 of this connection that have come and are not acknowledged to the end. */
export const UNACKNOWLEDGED: i32 = FIVE + 48;
/** Until when the messages that expire have been aged, milliseconds. */
export const CLOCK: i32 = FIVE + 52;
const FIVE_SIZE: i32 = 56 * V5;

export const CONTROL: i32 = 144 + FIVE_SIZE;
/** Control bytes that acknowledgements may use: five of them. The rest belongs to PINGREQ and DISCONNECT. */
export const ACKNOWLEDGEMENT_CAPACITY: i32 = 20;

/** Where the session begins: behind 28 bytes of the control region. */
export const SESSION: i32 = 172 + FIVE_SIZE;
/** The packet identifier given last; above its 16 bits a 1 where the session is one of MQTT 5.0. */
export const LAST_ID: i32 = SESSION;
/** The first packet of the outbox, and behind the last, as offsets from the record. */
export const HEAD: i32 = SESSION + 4;
export const TAIL: i32 = SESSION + 8;
export const INBOUND_IDS: i32 = SESSION + 12;
