/**
 * What a build has: constants that the compiler folds, so that what is 0 here leaves no byte behind.
 *
 * As they stand they are the full profile, perigee.wasm. For the others host/build.js gives the compiler other values.
 */

/** MQTT 5.0 beside 3.1.1. */
export const V5: i32 = 1;
/** Quality of service 2, both ways. */
export const QOS2: i32 = 1;
/** The session is stored, and nothing leaves before it is. */
export const STORE: i32 = 1;
/** Messages larger than the receive region come in pieces; without, they end the connection. */
export const LARGE: i32 = 1;
/**
 * Text is UTF-8 and checked four bytes at a time, the codes of SUBACK are counted, and room in the outbox comes back from between
 * messages. Without: text is ASCII, and room comes back from before them.
 */
export const ROOM: i32 = 1;
