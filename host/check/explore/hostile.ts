/**
 * Packets that a broken broker might send at any moment, and what makes each wrong. None of them may cost a message: whatever the
 * client makes of it, a healthy broker must be able to bring everything to its end afterwards.
 */
import { CONNECTED } from "../../../assembly/session/transitions.ts";
import * as m from "./model.ts";
import type { World } from "./world.ts";

/** An identifier that is in nobody's use: far from the counter. */
const STRAY_DISTANCE = 1000;

/** A payload that no message has. */
const NOBODY = 0xfe;

function stray(world: World): number {
  return ((world.lastId + STRAY_DISTANCE) % 0xffff) + 1;
}

/** Identifier of the oldest message with a QoS of `low` to `high` that is not ended, or 0. */
function oldest(world: World, low: number, high: number): number {
  const { model } = world;
  for (let index = 0, at = m.UP; index < model[m.UP_COUNT]; index += 1, at += m.UP_SIZE) {
    const qos = model[at + m.QOS];
    if (qos >= low && qos <= high && (model[at + m.FLAGS] & m.ENDED) === 0) return m.readId(model, at + m.ID);
  }
  return 0;
}

function withId(first: number, id: number, ...rest: number[]): number[] | null {
  return id === 0 ? null : [first, 2 + rest.length, id >> 8, id & 0xff, ...rest];
}

/** No properties, where 5.0 has a list of them. */
function properties({ settings }: World): number[] {
  return settings.level === 5 ? [0] : [];
}

/** What each sends, or null where it has no meaning in this state. */
export const HOSTILE_PACKETS = {
  "stray-puback": world => withId(0x40, stray(world)),
  "stray-pubrec": world => withId(0x50, stray(world)),
  "stray-pubrel": world => withId(0x62, stray(world)),
  "stray-suback": world => withId(0x90, stray(world), ...properties(world), 0),
  // PUBACK for QoS 2, PUBCOMP for QoS 1: neither can be believed.
  "wrong-acknowledgement": world => {
    const second = oldest(world, 2, 2);
    return second !== 0 ? withId(0x40, second) : withId(0x70, oldest(world, 1, 1));
  },
  "suback-for-publish": world => withId(0x90, oldest(world, 1, 2), ...properties(world), 0),
  "suback-too-long": world => withId(0x90, oldest(world, m.SUBSCRIPTION, m.SUBSCRIPTION), ...properties(world), 0, 0),
  // In 5.0 the third byte would be a reason code: one that there is not.
  "malformed-size": world => withId(0x40, oldest(world, 1, 2), 1),
  "malformed-id": () => [0x40, 2, 0, 0],
  "malformed-flags": () => [0x60, 2, 0, 9],
  "malformed-length": () => [0x40, 0xff, 0xff, 0xff, 0xff, 0x7f],
  "malformed-qos": () => [0x36, 6, 0, 1, 0x74, 0, 9, NOBODY],
  "reserved-type": () => [0x00, 0],
  // Reserved in 3.1.1; in 5.0 an AUTH that nobody has asked for.
  "stray-auth": () => [0xf0, 0],
  // The first one would be believed.
  "second-connack": ({ core, client }) => (core.state(client) === CONNECTED ? [0x20, 2, 0, 0] : null),
  "stray-pingresp": () => [0xd0, 0],
} satisfies Record<string, (world: World) => number[] | null>;
