/**
 * What the core exports in the profile of a sensor: messages of QoS 0 and 1 out, commands in, one version of the protocol. A subset
 * of index.ts, where every call is described. The session is kept through reconnects but not through a power cut, and a message
 * larger than the receive region ends the connection: subscribe to commands at QoS 0 where others may send such a one.
 */
import { commit, configure, connect, disconnect, initialize, publish, subscribe } from "./client.ts";
import { closed, opened } from "./session/connection.ts";
import { nextEvent, received, receiveRoom } from "./session/inbound.ts";
import { transmit, transmitted } from "./session/outbound.ts";
import { nextTimeout, timedOut } from "./session/timers.ts";

export {
  closed,
  commit,
  configure,
  connect,
  disconnect,
  initialize,
  nextEvent,
  nextTimeout,
  opened,
  publish,
  received,
  receiveRoom,
  subscribe,
  timedOut,
  transmit,
  transmitted,
};

/** Where the memory of clients may begin; both are multiples of 16, as WAMR needs them to cut the page down. */
export const __data_end: i32 = 16;
export const __heap_base: i32 = 16;
