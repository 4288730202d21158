/**
 * The states of a connection and every step between them. Nothing else in the core assigns a state.
 *
 *     0  IDLE           nothing is wanted
 *     1  WAITING        a connection is wanted; the next attempt is due at DEADLINE
 *     2  OPENING        the host is opening a transport
 *     3  CONNECTING     the transport is open; CONNECT leaves, CONNACK is awaited
 *     4  CONNECTED      the server has accepted
 *     5  DISCONNECTING  DISCONNECT is leaving
 *     6  CLOSING        the host is closing the transport; reconnect afterwards
 *     7  ENDING         the host is closing the transport; idle afterwards
 *
 * What may happen to a connection is a row, one octal digit a state, from ENDING at the left to IDLE at the right:
 * the digit is the state that follows. Where it is the state itself there is no such step. What happens on
 * entering a state is in session/connection.ts. A row is kept as its difference from STAY, which is mostly zeros.
 */

export const IDLE: i32 = 0;
export const WAITING: i32 = 1;
export const OPENING: i32 = 2;
export const CONNECTING: i32 = 3;
export const CONNECTED: i32 = 4;
export const DISCONNECTING: i32 = 5;
export const CLOSING: i32 = 6;
export const ENDING: i32 = 7;

/** No step at all. */
const STAY: i32 = /*       */ 0o7654_3210;
/** The host wants a connection. */
export const START: i32 = /*      */ 0o7654_3212 ^ STAY;
/** The wait before a reconnect is over. */
export const DUE: i32 = /*        */ 0o7654_3220 ^ STAY;
/** The transport is open. */
export const OPENED: i32 = /*     */ 0o7654_3310 ^ STAY;
/** CONNACK accepts. */
export const ACCEPTED: i32 = /*   */ 0o7654_4210 ^ STAY;
/** The peer broke a rule, refused, owes something for too long, or is gone. */
export const FAILED: i32 = /*     */ 0o7676_6610 ^ STAY;
/** No connection is wanted any more. */
export const DISCONNECT: i32 = /* */ 0o7755_7700 ^ STAY;
/** DISCONNECT has left. */
export const SENT: i32 = /*       */ 0o7674_3210 ^ STAY;
/** The transport is closed, or could not be opened. */
export const CLOSED: i32 = /*     */ 0o0101_1110 ^ STAY;

/** The bits in which the state that follows `state` in the row `input` differs from it; 0 where there is no such step. */
export function change(state: i32, input: i32): i32 {
  return (input >> (3 * state)) & 7;
}
