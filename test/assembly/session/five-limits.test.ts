/**
 * What a server of MQTT 5.0 says in CONNACK that it does not take, against everything that a client may ask of it, and every number
 * of it at its boundary: section 3.2.2.3.
 */
import { describe, expect, it } from "vitest";
import { NEVER } from "../../../assembly/session/timers.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props } from "./endpoint5.ts";

const builds = await coreBuilds();

const NO_RETAIN = 0x9a;
const NO_QOS = 0x9b;
/** Beside NO_QOS: of which quality of service. */
const QOS_1 = 1000;
const QOS_2 = 2000;
const NO_SHARES = 0x9e;
const NO_IDS = 0xa1;
const NO_WILDCARDS = 0xa2;

/** One thing each that a server may not take. */
const LIMITS: readonly [what: string, connack: number[], codes: number[]][] = [
  ["all", [], []],
  ["no RETAIN", [0x25, 0], [NO_RETAIN]],
  ["QoS 1 at most", [0x24, 1], [NO_QOS + QOS_2]],
  ["QoS 0 only", [0x24, 0], [NO_QOS + QOS_1, NO_QOS + QOS_2]],
  ["no shares", [0x2a, 0], [NO_SHARES]],
  ["no subscription identifiers", [0x29, 0], [NO_IDS]],
  ["no wildcards", [0x28, 0], [NO_WILDCARDS]],
  [
    "none of these",
    [0x25, 0, 0x24, 0, 0x2a, 0, 0x29, 0, 0x28, 0],
    [NO_RETAIN, NO_QOS + QOS_1, NO_QOS + QOS_2, NO_SHARES, NO_IDS, NO_WILDCARDS],
  ],
];

const PLAIN = [...field("a"), 1];
const WILD = [...field("a/+"), 1];
const SHARED = [...field("$share/g/a"), 1];
const SHARED_WILD = [...field("$share/g/#"), 1];
const ID = [0x0b, 7];

/** What a client may ask for, and the codes that it may meet, the first of them first. */
const REQUESTS: readonly [what: string, codes: number[], ask: (endpoint: Endpoint5) => number][] = [
  ["QoS 0", [], endpoint => endpoint.publish("a", "x", 0)],
  ["QoS 0 and RETAIN", [NO_RETAIN], endpoint => endpoint.publish("a", "x", 0, [], true)],
  ["QoS 1", [NO_QOS + QOS_1], endpoint => endpoint.publish("a", "x", 1)],
  ["QoS 1 and RETAIN", [NO_RETAIN, NO_QOS + QOS_1], endpoint => endpoint.publish("a", "x", 1, [], true)],
  ["QoS 2", [NO_QOS + QOS_2], endpoint => endpoint.publish("a", "x", 2)],
  ["QoS 2 and RETAIN", [NO_RETAIN, NO_QOS + QOS_2], endpoint => endpoint.publish("a", "x", 2, [], true)],
  ["a plain filter", [], endpoint => endpoint.subscribe(PLAIN)],
  ["a filter by identifier", [NO_IDS], endpoint => endpoint.subscribe(PLAIN, ID)],
  ["a wildcard", [NO_WILDCARDS], endpoint => endpoint.subscribe(WILD)],
  ["a wildcard by identifier", [NO_IDS, NO_WILDCARDS], endpoint => endpoint.subscribe(WILD, ID)],
  ["a share", [NO_SHARES], endpoint => endpoint.subscribe(SHARED)],
  ["a share of a wildcard", [NO_SHARES, NO_WILDCARDS], endpoint => endpoint.subscribe(SHARED_WILD)],
  [
    "all at once",
    [NO_SHARES, NO_IDS, NO_WILDCARDS],
    endpoint => endpoint.subscribe([...PLAIN, ...SHARED, ...WILD], ID),
  ],
  ["to end a wildcard", [], endpoint => endpoint.unsubscribe(field("a/+"))],
  ["to end a share", [], endpoint => endpoint.unsubscribe(field("$share/g/a"))],
];

describe.each(builds)("a server of 5.0, $name,", build => {
  it.each(LIMITS)("that takes %s refuses what it has said, and nothing else", (_, connack, lacking) => {
    for (const [what, codes, ask] of REQUESTS) {
      const code = (codes.find(each => lacking.includes(each)) ?? 0) % 1000;
      const online = new Endpoint5(build).online({}, connack);
      const answer = ask(online);
      const isSent = online.takeBytes().length > 0;
      expect([what, Math.min(answer, 0), isSent]).toEqual([what, code === 0 ? 0 : -code, code === 0]);
      // The same of what was queued before the server was known.
      const offline = new Endpoint5(build);
      offline.connect();
      const id = ask(offline);
      offline.open();
      offline.takeBytes();
      offline.serve(0x20, 0, 0, ...props(...connack));
      const refused = code === 0 ? [] : [{ type: "refused", id, code, properties: [] }];
      expect([what, offline.takeNews().slice(1)]).toEqual([what, refused]);
      if (code !== 0) expect(offline.core.propertiesAddress(offline.client)).toBe(0);
      expect([what, offline.takeBytes().length > 0]).toEqual([what, code === 0]);
    }
  });

  it("takes a packet of its maximum, and none that is a byte larger [MQTT-3.2.2-15]", () => {
    const send: ((endpoint: Endpoint5) => number)[] = [
      endpoint => endpoint.publish("a", "x".repeat(20), 0),
      endpoint => endpoint.publish("a", "x".repeat(20), 1),
      endpoint => endpoint.subscribe([...field("f".repeat(20)), 0]),
      endpoint => endpoint.unsubscribe(field("f".repeat(20))),
    ];
    for (const ask of send) {
      const free = new Endpoint5(build).online();
      ask(free);
      const size = free.takeBytes().length;
      for (const maximum of [size - 1, size, size + 1]) {
        const endpoint = new Endpoint5(build).online({}, [0x27, 0, 0, 0, maximum]);
        expect([maximum - size, Math.min(ask(endpoint), 0)]).toEqual([maximum - size, maximum < size ? -0x95 : 0]);
        expect(endpoint.takeBytes()).toHaveLength(maximum < size ? 0 : size);
      }
    }
  });

  it.each([1, 2, 3])("has %d messages at once, where its Receive Maximum is that, and QoS 0 besides", maximum => {
    const endpoint = new Endpoint5(build).online({}, [0x21, 0, maximum]);
    for (let id = 1; id <= maximum; id += 1) {
      endpoint.publish("a", "q1", 1);
      expect(endpoint.takePackets()).toHaveLength(1);
    }
    // What needs no acknowledgement of a message, section 4.9, is not held back.
    endpoint.publish("a", "q0", 0);
    expect(endpoint.subscribe(PLAIN)).toBe(maximum + 1);
    expect(endpoint.takePackets()).toHaveLength(2);
    endpoint.publish("a", "over", 1);
    expect(endpoint.takePackets()).toEqual([]);
    endpoint.serve(0x40, 0, 1);
    expect(endpoint.takePackets()).toHaveLength(1);
  });

  it("is not sent a message of whose interval nothing is left", () => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.publish("a", "x", 1, [0x02, 0, 0, 0, 0])).toBe(-0x100);
    expect(endpoint.publish("a", "x", 0, [0x02, 0, 0, 0, 0])).toBe(-0x100);
    expect(endpoint.publish("a", "x", 1, [0x02, 0, 0, 0, 1])).toBe(1);
  });

  it("refuses nothing that was dropped before it said what it takes", () => {
    const endpoint = new Endpoint5(build);
    const { core, client } = endpoint;
    endpoint.connect();
    endpoint.publish("a", "first", 1);
    endpoint.publish("b", "x".repeat(50), 1);
    const at = core.publish(client, 1, 1, 2);
    endpoint.build.write(at, [0x62]);
    expect(core.supersede(client)).toBe(2);
    expect(endpoint.compose(at, [0x62, 0, 0, 0])).toBe(3);
    endpoint.accept([0x27, 0, 0, 0, 40]);
    expect(endpoint.takeNews()).toEqual([]);
    expect(endpoint.takePackets()).toMatchObject([{ topic: "a" }, { topic: "b", messageId: 3 }]);
  });

  it("ends a message of QoS 2 that it has, though it would take none so large any more", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x".repeat(50), 2);
    endpoint.serve(0x50, 0, 1);
    endpoint.takeBytes();
    endpoint.reconnect([0x27, 0, 0, 0, 20]);
    expect([endpoint.takeNews(), endpoint.takeBytes()]).toEqual([[], [0x62, 2, 0, 1]]);
    endpoint.serve(0x70, 0, 1);
    expect(endpoint.takeNews()).toMatchObject([{ type: "published", id: 1 }]);
  });

  it("says what it takes anew on every connection", () => {
    const endpoint = new Endpoint5(build).online({}, [0x25, 0, 0x24, 0, 0x27, 0, 0, 0, 9, 0x21, 0, 1, 0x2a, 0]);
    expect(endpoint.publish("a", "more than nine bytes", 0)).toBe(-0x95);
    endpoint.reconnect();
    expect(endpoint.publish("a", "more than nine bytes", 2, [], true)).toBe(1);
    expect(endpoint.publish("a", "a second at once", 1)).toBe(2);
    expect(endpoint.subscribe(SHARED)).toBe(3);
    expect(endpoint.takePackets()).toHaveLength(3);
  });

  it.each([0, 1, 65535])("sets the keep-alive to %d seconds [MQTT-3.2.2-21]", seconds => {
    const { core, client, nowMs } = new Endpoint5(build).online({ keepAlive: 60 }, [
      0x13,
      seconds >> 8,
      seconds & 0xff,
    ]);
    expect(core.nextTimeout(client, nowMs)).toBe(seconds === 0 ? NEVER : seconds * 1000);
  });
});

describe.each(builds)("an identifier that a server of 5.0 assigns, $name,", build => {
  /** CONNECT as it is sent first, and after CONNACK with these properties. */
  const connects = (
    clientId: string,
    connack: number[],
    connect: number,
    rest: number[] = [],
  ): [number[], number[]] => {
    const endpoint = new Endpoint5(build, { connect });
    endpoint.connect({ clientId, flags: rest.length > 0 ? 0x80 : 0, rest });
    endpoint.open();
    const first = endpoint.takeBytes();
    endpoint.serve(0x20, 0, 0, ...props(...connack));
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    endpoint.advance(1000);
    endpoint.open();
    return [first, endpoint.takeBytes()];
  };
  const ASSIGNED = [0x12, ...field("given")];
  const USER = [0x26, ...field("key"), ...field("value")];
  const packet = (clientId: string, rest: number[]): number[] => {
    const body = [...field("MQTT"), 5, rest.length > 0 ? 0x80 : 0, 0, 0, 0, ...field(clientId), ...rest];
    return [0x10, body.length, ...body];
  };

  it("is kept, and nothing of what stands round it in CONNACK", () => {
    for (const rest of [[], field("user")])
      for (const connack of [ASSIGNED, [...USER, ...ASSIGNED], [...ASSIGNED, ...USER], [...USER, ...ASSIGNED, ...USER]])
        expect(connects("", connack, 128, rest)).toEqual([packet("", rest), packet("given", rest)]);
  });

  it("is none that is not named: the client asks for one again", () => {
    for (const connack of [[], USER]) expect(connects("", connack, 128)).toEqual([packet("", []), packet("", [])]);
  });

  it("changes none that the client has chosen", () => {
    for (const rest of [[], field("user")])
      expect(connects("own", ASSIGNED, 128, rest)).toEqual([packet("own", rest), packet("own", rest)]);
  });

  it("is kept where its region holds it to the byte", () => {
    const rest = field("user");
    const size = packet("given", rest).length;
    for (const connect of [size - 1, size, size + 1]) {
      const kept = connect < size ? packet("", rest) : packet("given", rest);
      expect([connect - size, connects("", ASSIGNED, connect, rest)[1]]).toEqual([connect - size, kept]);
    }
  });
});
