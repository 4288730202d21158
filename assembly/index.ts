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
 *
 * MQTT 5.0. `speak(client, 5)` before `connect`; 4, which a new client speaks, is 3.1.1. What the host writes is as on the wire:
 *
 *     connect       `size` counts from the property block (its length first, section 3.1.2.11) to the end. With a will its
 *                   properties stand before its topic. Clean Start is the flag of the clean session; where the session outlives the
 *                   connection the core clears it for reconnects. It advertises what the host writes: Receive Maximum, Maximum Packet
 *                   Size (topic and properties of a message have to fit the receive region, so its size is a good one), Topic Alias
 *                   Maximum (room for aliases: `aliases`). An identifier that the server assigns is kept in CONNECT if its region has
 *                   room.
 *     publish       `payloadSize` counts the property block and the payload, which follow one another; a message without properties
 *                   has one byte of 0 there. No alias: those are the core's. With Message Expiry Interval call `tick` first.
 *     subscribe, unsubscribe   `size` counts the property block and the list.
 *     compose       AUTH or DISCONNECT: reason code and properties; `commit`, then for DISCONNECT `disconnect`. They stand behind
 *                   CONNECT in its region, which has to have room for the larger.
 *
 * `commit` answers the reason code, negated (-0x95, -0x9a, -0x9b, -0x9e, -0xa1, -0xa2), for what the connected server has said that it does
 * not take, and -0x100 for a message that has expired already.
 * Getters: `eventCode` and `propertiesAddress`, `propertiesSize` of CONNECTED, MESSAGE, PUBLISHED, REFUSED, SUBSCRIBED,
 * UNSUBSCRIBED, AUTHENTICATE, and of CLOSE after ENDED_REFUSED and ENDED_SERVER, where `refusal` is the reason code (1: a server of
 * 3.1.1 that refuses the version; `speak(client, 4)`, `connect` anew). After CLOSE the host writes what `transmit` still offers, then
 * closes: DISCONNECT with the reason is the last of it. A message by alias leaves in two parts, as all packets do one after another:
 * a host that wants them in one segment copies what `transmit` offers and calls `transmitted` until there is no more.
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
import { compose } from "./session/aside.ts";
import { closed, opened } from "./session/connection.ts";
import { pendingStore, stored } from "./session/durability.ts";
import { age, tick } from "./session/expiry.ts";
import { nextEvent, received, receiveRoom } from "./session/inbound.ts";
import { transmit, transmitted } from "./session/outbound.ts";
import { restored } from "./session/restore.ts";
import { nextTimeout, timedOut } from "./session/timers.ts";
import { aliases, speak } from "./session/version.ts";
import { filterMatches } from "./wire/topic.ts";

export {
  age,
  aliases,
  closed,
  commit,
  compose,
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
  speak,
  stored,
  subscribe,
  supersede,
  tick,
  timedOut,
  transmit,
  transmitted,
  unsubscribe,
};

/** Where the memory of clients may begin; both are multiples of 16, as WAMR needs them to cut the page down. */
export const __data_end: i32 = 16;
export const __heap_base: i32 = 16;
