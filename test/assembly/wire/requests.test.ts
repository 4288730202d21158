/**
 * What a host has written, as the codec checks it before it leaves: SUBSCRIBE, UNSUBSCRIBE and PUBLISH with every option byte, each answer
 * to the bit, and no byte looked at behind a filter. Sections 3.3, 3.8 and 3.10.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { codecBuilds } from "../builds.ts";
import { AT, field, place } from "./codec.ts";

const builds = await codecBuilds();

const HAS_WILDCARD = 0x1000_0000;
const HAS_SHARE = 0x2000_0000;
const { MISUSE_FILTER, MISUSE_PROPERTIES, MISUSE_QOS, MISUSE_TOPIC } = status;

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

describe.each(builds)("lists of filters, $name", build => {
  const count = (list: readonly number[], optionSize: number, isFive: number) => {
    place(build, list);
    return build.core.countFilters(AT, AT + list.length, optionSize, isFive);
  };

  it("have QoS 0 to 2 behind a filter, in 5.0 also No Local, Retain As Published and Retain Handling 0 to 2", () => {
    const taken = (isFive: number) => BYTES.filter(options => count([...field("a"), options], 1, isFive) === 1);
    expect(taken(0)).toEqual([0, 1, 2]);
    const isAllowed = (options: number) => options < 0x30 && (options & 3) !== 3;
    expect(taken(1)).toEqual(BYTES.filter(isAllowed));
    const refused = BYTES.filter(options => count([...field("a"), options], 1, 1) === MISUSE_QOS);
    expect(refused).toEqual(BYTES.filter(options => !isAllowed(options)));
  });

  it.each([
    ["one filter", ["a"], 1],
    ["three", ["a", "b/c", "d"], 3],
    ["a wildcard among two", ["a", "b/+"], 2 | HAS_WILDCARD],
    ["a wildcard first", ["#", "a"], 2 | HAS_WILDCARD],
    ["a share", ["$share/g/a"], 1 | HAS_SHARE],
    ["a share of all", ["$share/g/#"], 1 | HAS_SHARE | HAS_WILDCARD],
    ["a share of what begins with a separator", ["$share/g//"], 1 | HAS_SHARE],
    ["a share beside a wildcard", ["$share/g/a", "+"], 2 | HAS_SHARE | HAS_WILDCARD],
    ["what is none, one character short", ["$share"], 1],
    ["what is none, another name", ["$sharp/g/a"], 1],
    ["what is none, another first", ["%share/g/a"], 1],
    ["what is none, one separator missing", ["$share2/g/a"], 1],
    ["a share of no name", ["$share//a"], MISUSE_FILTER],
    ["a share of nothing", ["$share/"], MISUSE_FILTER],
    ["a share without a filter", ["$share/g"], MISUSE_FILTER],
    ["a share with an empty filter", ["$share/g/"], MISUSE_FILTER],
    ["a share whose name is a wildcard", ["$share/+/a"], MISUSE_FILTER],
    ["a share with a wildcard in its name", ["$share/#"], MISUSE_FILTER],
    ["a wrong one behind a right one", ["a", "b#"], MISUSE_FILTER],
  ])("answer what a server needs to have, of %s", (_, filters, expected) => {
    const names = filters.flatMap(filter => field(filter));
    expect(count(names, 0, 1)).toBe(expected);
    const options = filters.flatMap(filter => [...field(filter), 1]);
    expect(count(options, 1, 1)).toBe(expected);
  });

  it("are only counted in 3.1.1, which knows no shares and asks for no wildcards", () => {
    for (const filters of [["a"], ["$share/g"], ["$share//a"], ["$share/+/a", "#"]]) {
      const list = filters.flatMap(filter => [...field(filter), 2]);
      expect([filters, count(list, 1, 0)]).toEqual([filters, filters.length]);
    }
    expect(count([...field("a"), 1, ...field("b#"), 1], 1, 0)).toBe(MISUSE_FILTER);
  });

  it("have No Local on no share [MQTT-3.8.3-4], and on any other", () => {
    for (const options of [0x04, 0x05, 0x2e]) {
      expect(count([...field("$share/g/a"), options], 1, 1)).toBe(MISUSE_QOS);
      expect(count([...field("share/g/a"), options], 1, 1)).toBe(1);
    }
  });

  it("are cut short nowhere", () => {
    const list = [...field("a"), 0, ...field("bc"), 1];
    for (let size = 0; size < list.length; size++) {
      const whole = size === 4 ? 1 : MISUSE_FILTER;
      expect([size, count(list.slice(0, size), 1, 0), count(list.slice(0, size), 1, 1)]).toEqual([size, whole, whole]);
    }
  });

  it("are not taken for a share by the size of the filter behind", () => {
    // The byte behind "$share" is the first of a size of 0x2f00 and more: a separator, if it were one of the filter.
    const list = [...field("$share"), ...field("b".repeat(0x2f61))];
    expect(count(list, 0, 1)).toBe(2);
  });
});

describe.each(builds)("a packet that is sealed, $name", build => {
  const seal = (bytes: readonly number[], id: number, isFive: number) => {
    place(build, bytes);
    const answer = build.core.seal(AT, AT + bytes.length, id, isFive);
    return [answer, [...build.core.bytes.subarray(AT, AT + bytes.length)]];
  };
  const publish = (first: number, ...body: number[]) => [first, body.length, ...body];

  it("is answered 0, and gets an identifier where it is to have one", () => {
    const bytes = publish(0x32, ...field("a"), 0, 0, 0x78);
    expect(seal(bytes, 0, 0)).toEqual([0, bytes]);
    expect(seal(bytes, 0x1234, 0)).toEqual([0, publish(0x32, ...field("a"), 0x12, 0x34, 0x78)]);
    const subscribe = publish(0x82, 0, 0, ...field("a"), 1, ...field("+"), 2);
    expect(seal(subscribe, 0xffff, 0)).toEqual([2, publish(0x82, 0xff, 0xff, ...field("a"), 1, ...field("+"), 2)]);
    const unsubscribe = publish(0xa2, 0, 0, 0, ...field("a"), ...field("#"));
    expect(seal(unsubscribe, 1, 1)).toEqual([2 | HAS_WILDCARD, publish(0xa2, 0, 1, 0, ...field("a"), ...field("#"))]);
  });

  it.each([
    ["a topic with a wildcard", publish(0x30, ...field("a/+")), MISUSE_TOPIC, MISUSE_TOPIC],
    ["an empty topic", publish(0x30, 0, 0, 0), MISUSE_TOPIC, MISUSE_TOPIC],
    ["a topic longer than the packet", publish(0x30, 0, 2, 0x61), MISUSE_TOPIC, MISUSE_TOPIC],
    ["no properties", publish(0x30, ...field("a")), 0, MISUSE_PROPERTIES],
    ["no properties behind an identifier", publish(0x32, ...field("a"), 0, 0), 0, MISUSE_PROPERTIES],
    ["an alias, which is the core's", publish(0x30, ...field("a"), 3, 0x23, 0, 1), 0, MISUSE_PROPERTIES],
    ["properties longer than the packet", publish(0x30, ...field("a"), 1), 0, MISUSE_PROPERTIES],
    ["properties that are none", publish(0x30, ...field("a"), 0), 0, 0],
    ["an expiry", publish(0x34, ...field("a"), 0, 0, 5, 2, 0, 0, 0, 9), 0, 0],
  ])("has %s", (_, bytes, inThree, inFive) => {
    expect(seal(bytes, 0, 0)).toEqual([inThree, bytes]);
    expect(seal(bytes, 0, 1)).toEqual([inFive, bytes]);
  });
});
