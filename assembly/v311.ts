/**
 * What the core exports in the profile that speaks MQTT 3.1.1 alone: the calls of index.ts but for those of 5.0.
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
