/**
 * Wireshark's dissector reads every property of MQTT 5.0 that a client may send in each packet where it may stand, and
 * every one of a server, from bytes that the client and the broker of this repository have exchanged.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { BrokerOptions } from "../../host/broker/index.ts";
import type { ClientOptions } from "../../host/client/index.ts";
import { IN, type Properties } from "../../host/client/properties.ts";
import { havePeers } from "../peers.ts";
import { type Dissected, dissect } from "./dissect.ts";
import type { Segment } from "./pcap.ts";
import { World } from "./world.ts";

const NOBODY = { done() {}, failed() {} };
const PAIRS = [
  ["unit", "K"],
  ["unit", "°C"],
] as const;
const MESSAGE = {
  payloadFormat: 1,
  messageExpirySeconds: 0x0102_0304,
  contentType: "text/plain",
  responseTopic: "answers/ü",
  // Any bytes; the dissector shows them as text.
  correlationData: Buffer.from("request 7"),
  userProperties: PAIRS,
} as const;

/** All that a client can say, by packet. */
const SENT = {
  connect: {
    sessionExpirySeconds: 300,
    receiveMaximum: 7,
    maximumPacketSize: 60_000,
    topicAliasMaximum: 9,
    requestResponseInformation: true,
    requestProblemInformation: true,
    userProperties: PAIRS,
    authenticationMethod: "words",
    authenticationData: Buffer.from("one"),
  },
  will: { willDelaySeconds: 30, ...MESSAGE },
  publish: MESSAGE,
  subscribe: { subscriptionIds: [268_435_455], userProperties: PAIRS },
  unsubscribe: { userProperties: PAIRS },
  disconnect: { sessionExpirySeconds: 60, reasonString: "gone for good", userProperties: PAIRS },
} as const satisfies Partial<Record<keyof typeof IN, Properties>>;

/** AUTH is the core's and the application's together; the rest is what SENT has. */
const { auth: _, ...SAYABLE } = IN;

const BROKER: BrokerOptions = {
  allowAnonymous: false,
  authenticationMethods: new Map([["words", wordsOf("one", "two")]]),
  responseInformation: () => "answers/",
  maxKeepAliveS: 20,
  maxSessionExpiryS: 250,
  maxTopicAlias: 5,
  receiveMaximum: 11,
  maxPacketSize: 50_000,
};

/** Asks for each of the words in turn. */
function wordsOf(...expected: string[]) {
  return () => {
    const left = [...expected];
    return {
      next: (data: Uint8Array | undefined) => {
        if (`${Buffer.from(data ?? [])}` !== left.shift())
          return { status: "failure" as const, reason: "a wrong word" };
        if (left.length === 0) return { status: "success" as const, data: Buffer.from("welcome") };
        return { status: "continue" as const, data: Buffer.from("more") };
      },
    };
  };
}

/** Everything of SENT, and what the broker answers. */
function talk(): Segment[] {
  const world = new World(BROKER);
  const { authenticationMethod, authenticationData, ...properties } = SENT.connect;
  const options: ClientOptions = {
    protocolVersion: 5,
    properties,
    authentication: { method: authenticationMethod, data: authenticationData, respond: () => Buffer.from("two") },
    will: { topic: "will", payload: "gone", qos: 1, properties: SENT.will },
    keepAliveSeconds: 60,
  };
  const client = world.connect("", options);
  const list = Buffer.from([0, 9, ...Buffer.from("long/path"), 1]);
  client.driver.request("subscribe", list, NOBODY, SENT.subscribe);
  for (const text of ["one", "two"]) {
    client.driver.publish("long/path", Buffer.from(text), 1, false, NOBODY, { properties: SENT.publish });
  }
  client.proceed();
  client.driver.request("unsubscribe", list.subarray(0, -1), NOBODY, SENT.unsubscribe);
  client.proceed();
  client.driver.disconnect(world.nowMs, { reasonCode: 4, properties: SENT.disconnect });
  client.proceed();
  expect(client.driver.isIdle).toBe(true);
  return client.transcript;
}

/** A server that has little, is full, and stops. */
function meetLimits(): Segment[] {
  const world = new World({
    maxQos: 1,
    retainAvailable: false,
    wildcardAvailable: false,
    subscriptionIdsAvailable: false,
    sharedAvailable: false,
    serverReference: "other.example",
    maxConnections: 1,
  });
  const first = world.connect("first", { protocolVersion: 5 });
  const second = world.connect("second", { protocolVersion: 5 });
  expect([first.driver.isConnected, second.driver.isConnected]).toEqual([true, false]);
  world.broker.close(world.nowMs, "closed for the night");
  world.settle();
  return [...first.transcript, ...second.transcript.map(segment => ({ ...segment, connection: 9 }))];
}

/** Table 2-4 of the standard, by the names of this client. */
const IDS: Readonly<Record<keyof Properties, string>> = {
  payloadFormat: "01",
  messageExpirySeconds: "02",
  contentType: "03",
  responseTopic: "08",
  correlationData: "09",
  subscriptionIds: "0b",
  sessionExpirySeconds: "11",
  assignedClientId: "12",
  serverKeepAliveSeconds: "13",
  authenticationMethod: "15",
  authenticationData: "16",
  requestProblemInformation: "17",
  willDelaySeconds: "18",
  requestResponseInformation: "19",
  responseInformation: "1a",
  serverReference: "1c",
  reasonString: "1f",
  receiveMaximum: "21",
  topicAliasMaximum: "22",
  topicAlias: "23",
  maximumQos: "24",
  retainAvailable: "25",
  userProperties: "26",
  maximumPacketSize: "27",
  wildcardsAvailable: "28",
  subscriptionIdsAvailable: "29",
  sharedSubscriptionsAvailable: "2a",
};

/** As the dissector shows them. */
function shown(properties: Properties): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const id = IDS[name as keyof Properties];
    if (name === "userProperties") return value.map(([key, its]: [string, string]) => `${id} ${key} ${its}`);
    return `${id} ${typeof value === "boolean" ? Number(value) : value}`;
  });
}

const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const DISCONNECT = 14;
const AUTH = 15;

describe.runIf(havePeers("tshark"))("tshark reads", () => {
  let all: Dissected[] = [];
  let limited: Dissected[] = [];
  beforeAll(() => {
    all = dissect(talk());
    limited = dissect(meetLimits());
  });
  const of = (packets: Dissected[], isFromClient: boolean, type: number) =>
    packets.filter(packet => packet.isFromClient === isFromClient && packet.type === type);

  it("what the client says in CONNECT and its will, SUBSCRIBE, UNSUBSCRIBE, AUTH and DISCONNECT", () => {
    const [connect] = of(all, true, CONNECT);
    expect(connect.properties).toEqual(shown(SENT.connect));
    expect(connect.willProperties).toEqual(shown(SENT.will));
    expect(of(all, true, SUBSCRIBE)[0].properties).toEqual(shown(SENT.subscribe));
    expect(of(all, true, UNSUBSCRIBE)[0].properties).toEqual(shown(SENT.unsubscribe));
    expect(of(all, true, AUTH).map(({ properties }) => properties)).toEqual([["15 words", "16 two"]]);
    expect(of(all, true, DISCONNECT)[0].properties).toEqual(shown(SENT.disconnect));
  });

  it("what the client says in PUBLISH, behind the alias that the core gives", () => {
    expect(of(all, true, PUBLISH).map(({ properties }) => properties)).toEqual([
      ["23 1", ...shown(SENT.publish)],
      ["23 1", ...shown(SENT.publish)],
    ]);
  });

  it("what the broker says in CONNACK, AUTH, PUBLISH and DISCONNECT", () => {
    const sorted = (properties: Properties) => shown(properties).sort();
    expect(of(all, false, CONNACK)[0].properties.sort()).toEqual(
      sorted({
        sessionExpirySeconds: 250,
        receiveMaximum: 11,
        maximumPacketSize: 50_000,
        assignedClientId: "auto-1",
        topicAliasMaximum: 5,
        serverKeepAliveSeconds: 20,
        responseInformation: "answers/",
        authenticationMethod: "words",
        authenticationData: Buffer.from("welcome"),
      }),
    );
    expect(of(all, false, AUTH)[0].properties).toEqual(["15 words", "16 more"]);
    const messages = of(all, false, PUBLISH).map(({ properties }) => properties.sort());
    const message = sorted({ ...SENT.publish, subscriptionIds: [268_435_455], topicAlias: 1 });
    expect(messages).toEqual([message, message]);
    const [accepted, refused] = of(limited, false, CONNACK).map(({ properties }) => properties.sort());
    expect(accepted).toEqual(
      sorted({
        maximumQos: 1,
        retainAvailable: false,
        topicAliasMaximum: 10,
        wildcardsAvailable: false,
        subscriptionIdsAvailable: false,
        sharedSubscriptionsAvailable: false,
        receiveMaximum: 1_000,
      }),
    );
    expect(refused).toEqual(["1c other.example", "1f [limit] 1 clients are connected"]);
    expect(of(limited, false, DISCONNECT)[0].properties.sort()).toEqual([
      "1c other.example",
      "1f closed for the night",
    ]);
  });

  it("every property that there is, and in every packet where a client may say it", () => {
    const seen = [...all, ...limited].flatMap(({ properties, willProperties }) => [...properties, ...willProperties]);
    expect(new Set(seen.map(text => text.slice(0, 2)))).toEqual(new Set(Object.values(IDS)));
    for (const [packet, names] of Object.entries(SAYABLE)) {
      expect(Object.keys(SENT[packet as keyof typeof SENT]).sort()).toEqual([...names].sort());
    }
  });
});
