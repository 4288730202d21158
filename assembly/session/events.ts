/**
 * What `nextEvent` tells the host, one at a time. An event's details are read with the getters until the
 * next call of `nextEvent`, `received` or `closed`: that call is also what says that a message has been dealt with,
 * and only then is it acknowledged.
 */

export const NONE: i32 = 0;
/** Open a transport, then call `opened`; or `closed` if it cannot be opened. */
export const OPEN: i32 = 1;
/** The server has accepted the connection; `sessionPresent` tells whether it remembers the session. */
export const CONNECTED: i32 = 2;
/** Close the transport, then call `closed`; `reason` tells why. */
export const CLOSE: i32 = 3;
/** A message, or one piece of a message that is larger than the receive region. */
export const MESSAGE: i32 = 4;
/** The message with identifier `eventId` is acknowledged as its quality of service promises. */
export const PUBLISHED: i32 = 5;
/** SUBACK for request `eventId`: one code a filter, at `payloadAddress`. */
export const SUBSCRIBED: i32 = 6;
/** UNSUBACK for request `eventId`. */
export const UNSUBSCRIBED: i32 = 7;
/** A message was acknowledged and dropped because its topic alone is larger than the receive region. */
export const OVERSIZE: i32 = 8;
// MQTT 5.0 only:
/** The server refuses the message or request `eventId`, or would: `eventCode` tells why. It is not sent, or not again. */
export const REFUSED: i32 = 9;
/** The message `eventId` expired before any of it left. */
export const EXPIRED: i32 = 10;
/** The server goes on with authentication, or has done with it: AUTH with `eventCode` and properties, section 4.12. */
export const AUTHENTICATE: i32 = 11;
