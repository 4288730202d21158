/**
 * Table 2-4 of MQTT 5.0, written down once more and held against the core on all three builds: each of the 27 properties in every
 * packet of a server and in every place of a client, once, twice and cut short; and each identifier that is none.
 */
import { describe, expect, it } from "vitest";
import { codecBuilds, coreBuilds } from "../builds.ts";
import { Endpoint5, props } from "../session/endpoint5.ts";
import { decode5 } from "./codec5.ts";

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;
const TEXT = [0, 1, 0x61];

/** A value of each kind: one, two and four bytes, text, and two of them. */
const VALUES = [[1], [0, 1], [0, 0, 0, 1], TEXT, [...TEXT, ...TEXT]];

/** Identifier, a value, and where the table has it. */
const TABLE: readonly (readonly [id: number, value: readonly number[], where: string])[] = [
  [0x01, [1], "publish will"],
  [0x02, [0, 0, 1, 0], "publish will"],
  [0x03, TEXT, "publish will"],
  [0x08, TEXT, "publish will"],
  [0x09, [0, 2, 0, 0xff], "publish will"],
  [0x0b, [0x81, 0x01], "publish subscribe"],
  [0x11, [0, 0, 0, 9], "connect connack disconnect"],
  [0x12, TEXT, "connack"],
  [0x13, [0, 9], "connack"],
  [0x15, TEXT, "connect connack auth"],
  [0x16, [0, 1, 0xff], "connect connack auth"],
  [0x17, [1], "connect"],
  [0x18, [0, 0, 0, 9], "will"],
  [0x19, [1], "connect"],
  [0x1a, TEXT, "connack"],
  [0x1c, TEXT, "connack disconnect"],
  [0x1f, TEXT, "connack puback pubrec pubrel pubcomp suback unsuback disconnect auth"],
  [0x21, [0, 9], "connect connack"],
  [0x22, [0, 9], "connect connack"],
  [0x23, [0, 9], "publish"],
  [0x24, [1], "connack"],
  [0x25, [1], "connack"],
  [0x26, [...TEXT, ...TEXT], "all"],
  [0x27, [0, 0, 1, 0], "connect connack"],
  [0x28, [1], "connack"],
  [0x29, [1], "connack"],
  [0x2a, [1], "connack"],
];

/** What a server sends before its properties and behind them. AUTH never is without a method, section 3.15.2.2.2. */
const FROM_SERVER: readonly (readonly [name: string, first: number, before: number[], behind: number[]])[] = [
  ["connack", 0x20, [0, 0], []],
  ["publish", 0x30, TEXT, []],
  ["puback", 0x40, [0, 7, 0], []],
  ["pubrec", 0x50, [0, 7, 0], []],
  ["pubrel", 0x62, [0, 7, 0], []],
  ["pubcomp", 0x70, [0, 7, 0], []],
  ["suback", 0x90, [0, 7], [0]],
  ["unsuback", 0xb0, [0, 7], [0]],
  ["disconnect", 0xe0, [0], []],
  ["auth", 0xf0, [0x18], []],
];

const METHOD = [0x15, ...TEXT];
/** Authentication data want a method, and so does all of AUTH. */
const company = (packet: string, id: number) =>
  id !== 0x15 && (packet === "auth" || (id === 0x16 && /^conn/.test(packet))) ? METHOD : [];

describe.each(await codecBuilds())("what a server says, $name", build => {
  const answerTo = (first: number, before: readonly number[], list: readonly number[], behind: readonly number[]) => {
    const body = [...before, ...props(...list), ...behind];
    const answer = decode5(build, [first, body.length, ...body]);
    return typeof answer === "number" ? build.core.reasonFor(answer) : answer.properties;
  };

  it.each(FROM_SERVER)("in %s", (packet, first, before, behind) => {
    for (const [id, value, where] of TABLE) {
      // [MQTT-3.14.2-2]: what table 2-4 allows DISCONNECT, a server may not say.
      const mayStand = where === "all" || (where.includes(packet) && !(packet === "disconnect" && id === 0x11));
      const list = [...company(packet, id), id, ...value];
      expect([id, answerTo(first, before, list, behind)]).toEqual([id, mayStand ? list : MALFORMED]);
      if (!mayStand) continue;
      const isRepeatable = id === 0x26 || id === 0x0b;
      const twice = [...list, id, ...value];
      expect([id, answerTo(first, before, twice, behind)]).toEqual([id, isRepeatable ? twice : PROTOCOL_ERROR]);
      for (let size = list.length - value.length; size < list.length; size++) {
        expect([id, size, answerTo(first, before, list.slice(0, size), behind)]).toEqual([id, size, MALFORMED]);
      }
    }
    const known = new Set(TABLE.map(([id]) => id));
    for (let id = 0; id < 128; id++) {
      if (known.has(id)) continue;
      for (const value of id < 0x40 ? VALUES : [[1]]) {
        const answer = answerTo(first, before, [...company(packet, id), id, ...value], behind);
        if (answer !== MALFORMED) expect.unreachable(`${id} with ${value}: ${answer}`);
      }
    }
  });
});

describe.each(await coreBuilds())("what a host lets a client say, $name", build => {
  const online = () => new Endpoint5(build).online({ properties: [...METHOD, 0x11, 0, 0, 0, 9] }, METHOD);
  const FILTER = [...TEXT, 0];
  const SAYS: Readonly<Record<string, (list: readonly number[]) => number>> = {
    connect: list => new Endpoint5(build).connect({ properties: list }),
    // Clean start and a will; its properties, topic and payload stand behind the client identifier.
    will: list => new Endpoint5(build).connect({ flags: 6, rest: [...props(...list), ...TEXT, ...TEXT] }),
    publish: list => online().publish("a", "x", 0, list),
    subscribe: list => online().subscribe(FILTER, list),
    unsubscribe: list => online().unsubscribe(TEXT, list),
    disconnect: list => online().aside(14, 0, list),
    auth: list => online().aside(15, 0x19, list),
  };
  /** The core's own, or the server's: aliases, section 3.3.2.3.4; [MQTT-3.3.4-6]; section 3.14.2.2.5. */
  const NOT_HERS = ["publish 35", "publish 11", "disconnect 28"];

  it.each(Object.keys(SAYS))("in %s", packet => {
    const say = SAYS[packet];
    for (const [id, value, where] of TABLE) {
      const list = [...company(packet, id), id, ...value];
      const mayStand = where === "all" || (where.split(" ").includes(packet) && !NOT_HERS.includes(`${packet} ${id}`));
      expect([id, say(list) >= 0]).toEqual([id, mayStand]);
      if (!mayStand) continue;
      expect([id, say([...list, id, ...value]) >= 0]).toEqual([id, id === 0x26]);
      expect([id, say(list.slice(0, -1)) >= 0]).toEqual([id, false]);
    }
    for (const id of [0, 0x04, 0x14, 0x20, 0x2b, 0x7f]) {
      for (const value of [[1], TEXT]) {
        expect([id, say([...company(packet, id), id, ...value]) >= 0]).toEqual([id, false]);
      }
    }
  });
});
