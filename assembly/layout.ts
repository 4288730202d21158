/**
 * The memory map of one client: all that it knows, in one record at an address that the host gives.
 *
 *     fields    fixed, below
 *     control   short packets waiting to leave: acknowledgements, PINGREQ, DISCONNECT
 *     session   what must survive a power cut, contiguous:
 *                 identifier given last, head, tail                 12 bytes
 *                 identifiers of QoS 2 messages received            2 bytes each, capacity given by the host
 *                 outbox: packets as they will be sent              capacity given by the host
 *     connect   the CONNECT packet, kept for every reconnect        capacity given by the host
 *     receive   bytes from the server                               capacity given by the host
 *
 * Fields are words unless they say byte. What points into the record is an offset from its start, so that a record still
 * holds after it was copied elsewhere (the view of an event excepted, which points at bytes).
 */

/** Byte: which state of session/transitions.ts. */
export const STATE: i32 = 0;
/** Byte: the FLAG_ bits below. */
export const FLAGS: i32 = 1;
/** Byte: the CONNACK return code of the last refusal. */
export const REFUSAL: i32 = 2;

// Geometry: offsets of the regions.
export const OUTBOX: i32 = 4;
export const CONNECT_PACKET: i32 = 8;
export const RECEIVE: i32 = 12;
export const END: i32 = 16;

// Connection.
/** Milliseconds, 0 for never. */
export const KEEP_ALIVE: i32 = 20;
export const LAST_SENT: i32 = 24;
export const LAST_RECEIVED: i32 = 28;
/** When to retry (waiting), or when CONNACK, the next acknowledgement or the end of DISCONNECT is overdue. */
export const DEADLINE: i32 = 32;
/** One of the answers below zero: why the connection is being closed. */
export const REASON: i32 = 36;
/** Milliseconds to wait before the next attempt, before the jitter. */
export const BACKOFF: i32 = 40;

/** Offset from the record of a packet that the host is filling in, or 0. */
export const COMPOSED: i32 = 44;

// The part of the outbox that has changed since it was stored.
export const DIRTY_START: i32 = 48;
export const DIRTY_END: i32 = 52;

/** The first packet of the outbox that has not been sent on this connection. */
export const CURSOR: i32 = 56;

// What has been received and not read, as offsets from the record.
export const RECEIVED_START: i32 = 60;
export const RECEIVED_END: i32 = 64;

// From here to VIEW a new connection begins with zeros.
export const VOLATILE: i32 = 68;
/** When PINGRESP is overdue, or 0 where none is awaited. */
export const PING_DEADLINE: i32 = 68;
/** Bytes used in the control region. */
export const CONTROL_SIZE: i32 = 72;
/** What is leaving: CONNECT, the control region as far as it was filled, or the packet at CURSOR. Where it goes on, ... */
export const LEAVING: i32 = 76;
/** ... and the bytes of it that have not left; 0 where nothing is leaving. */
export const LEAVING_SIZE: i32 = 80;
export const IN_FLIGHT: i32 = 84;

// The view of the last event; VIEW has the layout of wire/publish.ts.
export const VIEW: i32 = 88;
/** Offset of the piece in the payload, and the size of the whole payload. */
export const PIECE_OFFSET: i32 = 112;
export const PIECE_TOTAL: i32 = 116;
/** Bytes of a PUBLISH being handed on that the host has not been given yet. */
export const STREAM_LEFT: i32 = 120;

// Options, set by `configure`; option n is the word at OPTIONS + 4n.
export const OPTIONS: i32 = 124;
/** Messages of QoS 1 and 2 that may be unacknowledged at once. */
export const WINDOW: i32 = 124;
/** Milliseconds that the server may owe an answer. */
export const RESPONSE_TIMEOUT: i32 = 128;
/** Milliseconds before the first reconnect, and the most that doubling makes of it. */
export const BACKOFF_MIN: i32 = 132;
export const BACKOFF_MAX: i32 = 136;
/** State of the generator behind the jitter of reconnects. */
export const RANDOM: i32 = 140;
/** 1 where nothing may leave before the session is stored. */
export const DURABLE: i32 = 144;

export const CONTROL: i32 = 148;
/** Five acknowledgements, a PINGREQ and a DISCONNECT. */
export const CONTROL_CAPACITY: i32 = 24;
/** Control bytes that acknowledgements may use; the rest belongs to PINGREQ and DISCONNECT. */
export const ACKNOWLEDGEMENT_CAPACITY: i32 = 20;

/** Where the session begins. */
export const SESSION: i32 = 172;
/** Two bytes: the packet identifier given last. */
export const LAST_ID: i32 = 172;
/** Two bytes: how many bytes of identifiers of QoS 2 messages are held. */
export const INBOUND_SIZE: i32 = 174;
/** The first packet of the outbox, and behind the last. */
export const HEAD: i32 = 176;
export const TAIL: i32 = 180;
export const INBOUND_IDS: i32 = 184;

/** The host has not been told that it is to open or to close the transport. */
export const FLAG_NEWS: i32 = 0x01;
/** The last event is a message or piece that the host may still be reading. */
export const FLAG_DELIVERED: i32 = 0x08;
/** A PUBLISH larger than the receive region is coming in: its pieces are events; skipped; or, both bits, its topic is. */
export const FLAG_STREAM: i32 = 0x10;
export const FLAG_SKIP: i32 = 0x20;
/** QoS 2 messages were left unacknowledged because the identifier table was full. */
export const FLAG_DEFERRED: i32 = 0x40;
/** Session bytes have changed that the host has not stored. */
export const FLAG_UNSTORED: i32 = 0x80;
