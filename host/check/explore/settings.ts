/**
 * What an exploration takes a client through: the geometry of its record, and which things may happen to it.
 *
 * A scenario is small on purpose. Errors of a session show with two messages and two connections; what a large geometry adds is
 * not another kind of state but more of the same. Each scenario switches on what belongs together, so that its
 * states can be followed deeper than those of all actions at once.
 */
import type { ActionName } from "./actions.ts";

export interface Settings {
  /** 4 for MQTT 3.1.1, 5 for 5.0; a message of 5.0 is a byte longer, for its properties. */
  readonly level: 4 | 5;
  /** Messages of QoS 1 and 2 that may be unacknowledged at once. */
  readonly window: number;
  /** Bytes of the outbox; a message of QoS 1 or 2 takes 8, of QoS 0 six. */
  readonly outboxSize: number;
  /** Identifiers of QoS 2 messages received that the client has room for. */
  readonly inboundCount: number;
  /** Whether the client has a store, so that it survives a power cut. */
  readonly isDurable: boolean;
  /** 0 for none. */
  readonly keepAliveSeconds: number;
  /** The packet identifier given last before the start, so that a counter about to wrap is explored too. */
  readonly lastId: number;
  /** Messages of the client that may be under way at once, 1 to 4. */
  readonly upMax: number;
  /** Messages of the broker that may be under way at once, 0 to 3. */
  readonly downMax: number;
  readonly actions: readonly ActionName[];
}

const LOOP: readonly ActionName[] = ["continue", "opened", "transmit", "deliver", "lose", "timeout"];
const FAULTS: readonly ActionName[] = ["break", "transmit-part", "deliver-part", "deliver-twice", "resend"];
const HOSTILE: readonly ActionName[] = [
  "stray-puback",
  "stray-pubrec",
  "stray-pubrel",
  "stray-suback",
  "wrong-acknowledgement",
  "suback-for-publish",
  "suback-too-long",
  "malformed-size",
  "malformed-id",
  "malformed-flags",
  "malformed-length",
  "malformed-qos",
  "reserved-type",
  "stray-auth",
  "second-connack",
  "stray-pingresp",
];

const BASE: Settings = {
  level: 4,
  window: 2,
  outboxSize: 24,
  inboundCount: 2,
  isDurable: false,
  keepAliveSeconds: 0,
  lastId: 65533,
  upMax: 3,
  downMax: 0,
  actions: LOOP,
};

/** The scenarios by name. */
export const SCENARIOS: Readonly<Record<string, Settings>> = {
  publishing: {
    ...BASE,
    actions: [...LOOP, ...FAULTS, "publish-0", "publish-1", "publish-2"],
  },
  "narrow window": {
    ...BASE,
    window: 1,
    actions: [...LOOP, ...FAULTS, "publish-0", "publish-1", "publish-2", "drop", "wrap"],
  },
  receiving: {
    ...BASE,
    downMax: 3,
    actions: [...LOOP, ...FAULTS, "send-0", "send-1", "send-2", "send-again"],
  },
  "identifier table full": {
    ...BASE,
    inboundCount: 1,
    downMax: 3,
    actions: [...LOOP, ...FAULTS, "send-1", "send-2", "send-again"],
  },
  "power cuts": {
    ...BASE,
    isDurable: true,
    upMax: 2,
    downMax: 2,
    actions: [...LOOP, "break", "power-cut", "publish-0", "publish-1", "publish-2", "send-1", "send-2", "drop"],
  },
  "sessions lost": {
    ...BASE,
    upMax: 2,
    downMax: 2,
    actions: [
      ...LOOP,
      ...["break", "forget", "refuse", "refuse-for-good", "disconnect", "start"].map(name => name as ActionName),
      ...["publish-1", "publish-2", "subscribe", "send-1", "send-2"].map(name => name as ActionName),
    ],
  },
  "keep alive": {
    ...BASE,
    keepAliveSeconds: 60,
    upMax: 2,
    downMax: 1,
    actions: [...LOOP, ...FAULTS, "publish-0", "publish-2", "subscribe", "send-2", "disconnect", "start"],
  },
  "hostile broker": {
    ...BASE,
    upMax: 2,
    downMax: 1,
    actions: [...LOOP, ...HOSTILE, "break", "publish-1", "publish-2", "subscribe", "send-2"],
  },
  "five: sessions": {
    ...BASE,
    level: 5,
    outboxSize: 28,
    upMax: 2,
    downMax: 2,
    actions: [
      ...LOOP,
      ...["break", "transmit-part", "forget", "disconnect", "start", "drop"].map(name => name as ActionName),
      ...["publish-0", "publish-1", "publish-2", "send-1", "send-2"].map(name => name as ActionName),
    ],
  },
  "five: power cuts": {
    ...BASE,
    level: 5,
    outboxSize: 28,
    isDurable: true,
    upMax: 2,
    downMax: 2,
    actions: [...LOOP, "break", "power-cut", "publish-0", "publish-1", "publish-2", "subscribe", "send-1", "send-2"],
  },
  "five: hostile broker": {
    ...BASE,
    level: 5,
    outboxSize: 28,
    window: 1,
    inboundCount: 1,
    upMax: 2,
    downMax: 2,
    actions: [
      ...LOOP,
      ...HOSTILE,
      "break",
      "publish-1",
      "publish-2",
      "subscribe",
      "send-2",
      "refuse",
      "refuse-for-good",
    ],
  },
  everything: {
    ...BASE,
    isDurable: true,
    keepAliveSeconds: 60,
    upMax: 3,
    downMax: 2,
    actions: [
      ...[...LOOP, ...FAULTS, ...HOSTILE],
      ...["power-cut", "forget", "refuse", "refuse-for-good", "disconnect", "start"].map(name => name as ActionName),
      ...["publish-0", "publish-1", "publish-2", "subscribe", "drop", "wrap"].map(name => name as ActionName),
      ...["send-0", "send-1", "send-2", "send-again"].map(name => name as ActionName),
    ],
  },
};
