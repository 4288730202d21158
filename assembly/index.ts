/**
 * What the core exports: the calls of a client. The fourth kind of the design, the getters, are fields that a host reads where they
 * stand in the record of layout.ts: host/core/getters.ts has them for JavaScript, the build writes their offsets for C.
 *
 *     input     opened, closed, received, transmitted, stored, timedOut      something has happened
 *     command   initialize, configure, connect, publish, ...                 something is wanted
 *     poll      nextEvent, transmit, pendingStore, nextTimeout               ask until there is no more
 *     getter    addresses, sizes, and the details of the last event          read them
 *
 * The loop of a host: after every input and command, `nextEvent` until NONE, then store what `pendingStore` names, then
 * write what `transmit` offers; wait for the socket or for `nextTimeout`. Times are milliseconds and may wrap.
 */
import {
  commit,
  configure,
  connect,
  disconnect,
  drop,
  initialize,
  publish,
  resend,
  subscribe,
  supersede,
  unsubscribe,
} from "./client.ts";
import { closed, opened } from "./session/connection.ts";
import { pendingStore, stored } from "./session/durability.ts";
import { nextEvent, received, receiveRoom } from "./session/inbound.ts";
import { transmit, transmitted } from "./session/outbound.ts";
import { restored } from "./session/restore.ts";
import { nextTimeout, timedOut } from "./session/timers.ts";
import { filterMatches } from "./wire/topic.ts";

export {
  closed,
  commit,
  configure,
  connect,
  disconnect,
  drop,
  filterMatches,
  initialize,
  nextEvent,
  nextTimeout,
  opened,
  pendingStore,
  publish,
  received,
  receiveRoom,
  resend,
  restored,
  stored,
  subscribe,
  supersede,
  timedOut,
  transmit,
  transmitted,
  unsubscribe,
};

/** Where the memory of clients may begin; both are multiples of 16, as WAMR needs them to cut the page down. */
export const __data_end: i32 = 16;
export const __heap_base: i32 = 16;
