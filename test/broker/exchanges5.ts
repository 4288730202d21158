/** More conversations (exchanges.ts), most of them of what 5.0 has added: wills, retained messages, reasons. */
import { Buffer } from "node:buffer";
import { after, connect, type Exchange, publish, type Step, subscribe } from "./exchanges.ts";

/** Which section of the standard decides where the answers differ. */
export const DECISIONS_5: Readonly<Record<string, string>> = {
  "PUBREL with wrong flags, 5.0": "5.0, 4.13.1 [MQTT-4.13.1-1]: DISCONNECT with a reason code before closing",
  "PUBACK with flags": "3.1.1, 2.2.2 [MQTT-2.2.2-2]: invalid flags close the connection",
  "PUBACK 5.0 with a reason of SUBACK": "5.0, 3.4.2.1 [MQTT-3.4.2-1]: the codes of PUBACK; 4.13 [MQTT-4.13.1-1]",
  "PUBLISH 5.0 to a wildcard":
    "5.0, 3.3.2.1 [MQTT-3.3.2-2], 4.13: against the specification of the packet is malformed, 0x81",
  "SUBSCRIBE 5.0 to nothing": "5.0, 3.8.3 [MQTT-3.8.3-2]: a Protocol Error, reason 0x82",
  "UNSUBSCRIBE 5.0 from a shared filter without a name":
    "5.0, 4.8.2 [MQTT-4.8.2-1]: a share name has at least one character",
  "a shared subscription to a retained message": "5.0, 4.8.2: retained messages are not sent when it is made",
  "a retained message of one's own, with No Local":
    "5.0, 3.8.3.1 [MQTT-3.8.3-3]: nothing to the client that published it",
  "DISCONNECT 5.0 with an error": "5.0, 3.14.4 [MQTT-3.14.4-3]: only reason 0x00 takes the will back",
  "a will's delay in a session that ends with its connection": "5.0, 3.1.3.2.2: the end of the session ends the delay",
  "a Clean Start while a will is delayed": "5.0, 3.1.3.2.2 and 3.1.2.4: the end of the session ends the delay",
};

const WATCHER: readonly Step[] = [connect("w", 5), subscribe("w", [{ filter: "gone", qos: 0 }])];

function mortal(sessionExpiryS: number, willDelayS: number): Step {
  const will = { topic: "gone", payload: Buffer.from("a"), qos: 0, retain: false, properties: { willDelayS } } as const;
  return connect("a", 5, { will, properties: { sessionExpiryS } });
}

export const EXCHANGES_5: readonly Exchange[] = [
  after("PUBREL with wrong flags, 5.0", 5, "60 02 0009"),
  after("PUBACK with flags", 4, "41 02 0009"),
  after("PUBACK 5.0 with a reason of SUBACK", 5, "40 03 0009 02"),
  after("PUBLISH 5.0 to a wildcard", 5, "30 05 0001 23 00 78"),
  after("SUBSCRIBE 5.0 to nothing", 5, "82 03 000a 00"),
  after("UNSUBSCRIBE 5.0 from a shared filter without a name", 5, "a2 0e 000a 00 0009 2473686172652f2f61"),
  {
    name: "a bridge, RETAIN and its own messages",
    level: 4,
    steps: [
      connect("b", 4, { isBridge: true }),
      subscribe("b", [{ filter: "#", qos: 0 }]),
      publish("b", "own", 0),
      connect("p", 4),
      publish("p", "t", 0, { isRetain: true }),
    ],
  },
  {
    name: "a shared subscription to a retained message",
    level: 5,
    steps: [
      connect("c", 5),
      publish("c", "kept/5", 1, { isRetain: true }),
      subscribe("c", [{ filter: "$share/g/kept/5", qos: 1 }]),
    ],
  },
  {
    name: "a retained message of one's own, with No Local",
    level: 5,
    steps: [
      connect("c", 5),
      publish("c", "own/5", 1, { isRetain: true }),
      subscribe("c", [{ filter: "own/5", qos: 1, noLocal: true }]),
    ],
  },
  {
    name: "DISCONNECT 5.0 with an error",
    level: 5,
    steps: [...WATCHER, mortal(0, 0), ["a", { type: "DISCONNECT", reasonCode: 0x81 }]],
  },
  {
    name: "a will's delay in a session that ends with its connection",
    level: 5,
    steps: [...WATCHER, mortal(0, 60), ["a", "break"]],
  },
  {
    name: "a Clean Start while a will is delayed",
    level: 5,
    steps: [...WATCHER, mortal(100, 60), ["a", "break"], ["again", mortal(0, 60)[1]]],
  },
];
