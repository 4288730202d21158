/**
 * One source, three builds: the same calls give the same answers and leave the same memory. And a record is all that there is
 * of a client: its bytes, put back, go on as they did.
 */
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { EFFORT } from "../../effort.ts";
import { type CoreBuild, coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";

const builds = await coreBuilds();

/** Every answer below zero that there is. */
const documented = new Set<number>(Object.values(status));

const AT = 64;
const GEOMETRY = [64, 128, 48, 3] as const;

/** One call with its arguments, as the host of one client would make it; bytes are what it writes before. */
type Call =
  | readonly ["publish", topic: string, payloadSize: number, flags: number]
  | readonly ["subscribe" | "unsubscribe" | "connect", list: readonly number[], flags: number]
  | readonly ["received", bytes: Uint8Array]
  | readonly ["transmit", count: number]
  | readonly ["opened" | "closed" | "disconnect" | "timedOut" | "nextEvent", wait: number]
  | readonly ["commit" | "drop" | "supersede" | "stored" | "resend" | "restored"];

const serverBytes = fc.oneof(
  fc.constantFrom(
    generate({ cmd: "connack", returnCode: 0, sessionPresent: false }),
    generate({ cmd: "connack", returnCode: 0, sessionPresent: true }),
    generate({ cmd: "connack", returnCode: 3, sessionPresent: false }),
    generate({ cmd: "pingresp" }),
    Buffer.concat([1, 2, 3].map(messageId => generate({ cmd: "puback", messageId }))),
    ...[1, 2, 3].flatMap(messageId => [
      generate({ cmd: "puback", messageId }),
      generate({ cmd: "pubrec", messageId }),
      generate({ cmd: "pubcomp", messageId }),
      generate({ cmd: "pubrel", messageId }),
      generate({ cmd: "suback", messageId, granted: [1] }),
      generate({ cmd: "publish", topic: "t", payload: "x", qos: 2, messageId, dup: false, retain: false }),
      generate({ cmd: "publish", topic: "t", payload: "x".repeat(100), qos: 1, messageId, dup: false, retain: false }),
    ]),
  ),
  fc.uint8Array({ maxLength: 20 }),
);

const wait = fc.constantFrom(0, 1, 999, 1000, 60_000, 0x7000_0000);
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant("publish" as const),
      fc.constantFrom("t", "topic", "", "a/#"),
      fc.nat(40),
      fc.constantFrom(0, 2, 3, 4, 6),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("subscribe" as const, "unsubscribe" as const),
      fc.constantFrom([...field("a"), 1], field("a"), [0]),
      fc.constant(0),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constant("connect" as const), fc.constant(field("c")), fc.constantFrom(0, 0, 0, 2, 4)),
  },
  { weight: 8, arbitrary: fc.tuple(fc.constant("received" as const), serverBytes) },
  { weight: 8, arbitrary: fc.tuple(fc.constant("transmit" as const), fc.constantFrom(0, 1, 5, 1000, 1000, 1000)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("opened" as const), wait) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("closed" as const, "disconnect" as const), wait) },
  {
    weight: 12,
    arbitrary: fc.tuple(fc.constantFrom("nextEvent" as const, "nextEvent" as const, "timedOut" as const), wait),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom(
        "commit" as const,
        "commit" as const,
        "commit" as const,
        "drop" as const,
        "supersede" as const,
        "stored" as const,
        "resend" as const,
        "restored" as const,
      ),
    ),
  },
);

/** How most connections begin; a script that is all chance seldom gets so far. */
const OPENING: readonly Call[] = [
  ["connect", field("c"), 0],
  ["nextEvent", 0],
  ["opened", 0],
  ["transmit", 1000],
  ["received", generate({ cmd: "connack", returnCode: 0, sessionPresent: false })],
  ["nextEvent", 0],
];

const script = (maxLength: number): fc.Arbitrary<Call[]> =>
  fc
    .tuple(fc.boolean(), fc.array(call, { maxLength }))
    .map(([isOpen, calls]) => (isOpen ? [...OPENING, ...calls] : calls));

/** One client and its clock. */
class Caller {
  readonly #build: CoreBuild;
  readonly #at: number;
  #nowMs: number;

  constructor(build: CoreBuild, at: number, nowMs = 0) {
    this.#build = build;
    this.#at = at;
    this.#nowMs = nowMs;
  }

  static fresh(build: CoreBuild, at: number): Caller {
    const size = build.core.initialize(0, ...GEOMETRY);
    build.declare(at, size);
    build.core.bytes.fill(0, at, at + size);
    build.core.initialize(at, ...GEOMETRY);
    build.core.configure(at, 1, 5000);
    return new Caller(build, at);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Makes the call; answers what it answers. */
  make(call: Call): number {
    const { core } = this.#build;
    const at = this.#at;
    switch (call[0]) {
      case "publish": {
        const topic = Buffer.from(call[1]);
        const target = core.publish(at, topic.length, call[2], call[3]);
        if (target < 0) return target;
        this.#build.write(target, topic);
        this.#build.write(core.composedEnd(at) - call[2], new Uint8Array(call[2]).fill(0x2e));
        return target - at;
      }
      case "subscribe":
      case "unsubscribe":
      case "connect": {
        const target =
          call[0] === "connect" ? core.connect(at, call[1].length, call[2], 5) : core[call[0]](at, call[1].length);
        if (target < 0) return target;
        this.#build.write(target, call[1]);
        return call[0] === "connect" ? core.commit(at) : target - at;
      }
      case "received": {
        const room = core.receiveRoom(at);
        const target = core.receiveAddress(at);
        if (core.state(at) >= 3) this.#build.write(target, call[1].subarray(0, room));
        return core.received(at, Math.min(room, call[1].length), this.#nowMs);
      }
      case "transmit": {
        const size = core.transmit(at);
        return size * 1000 + core.transmitted(at, Math.min(size, call[1]), this.#nowMs);
      }
      case "opened":
      case "closed":
      case "disconnect":
      case "nextEvent":
        this.#nowMs = (this.#nowMs + call[1]) | 0;
        return core[call[0]](at, this.#nowMs);
      case "timedOut":
        this.#nowMs = (this.#nowMs + call[1]) | 0;
        core.timedOut(at, this.#nowMs);
        return core.nextTimeout(at, this.#nowMs);
      case "stored":
        core.stored(at);
        return 0;
      default:
        return core[call[0]](at);
    }
  }

  /** The whole record. */
  record(): string {
    const { core } = this.#build;
    const size = core.initialize(0, ...GEOMETRY);
    return Buffer.from(core.bytes.subarray(this.#at, this.#at + size)).toString("hex");
  }
}

describe("the three builds", () => {
  it("give the same answers and leave the same memory, whatever is called", () => {
    let connected = 0;
    fc.assert(
      fc.property(script(80), calls => {
        const callers = builds.map(build => Caller.fresh(build, AT));
        for (const [index, each] of calls.entries()) {
          const [first, ...others] = callers.map(caller => caller.make(each));
          for (const other of others)
            if (other !== first) expect.unreachable(`call ${index}, ${each[0]}: ${first}, ${other}`);
          if (first < 0 && !documented.has(first)) expect.unreachable(`call ${index}, ${each[0]}, answers ${first}`);
        }
        const [first, ...others] = callers.map(caller => caller.record());
        for (const other of others) expect(other).toBe(first);
        if (builds[0].core.state(AT) >= 4) connected += 1;
      }),
      { numRuns: 1500 * EFFORT },
    );
    // The scripts have to get somewhere.
    expect(connected).toBeGreaterThan(200);
  });
});

describe.each(builds)("a record, $name", build => {
  it("goes on alike from a copy that is put back in its place", () => {
    const size = build.core.initialize(0, ...GEOMETRY);
    fc.assert(
      fc.property(script(40), fc.array(call, { maxLength: 40 }), (before, after) => {
        const original = Caller.fresh(build, AT);
        for (const each of before) original.make(each);
        const { nowMs } = original;
        const saved = build.core.bytes.slice(AT, AT + size);
        const answers = after.map(each => original.make(each));
        const record = original.record();
        build.write(AT, saved);
        const copy = new Caller(build, AT, nowMs);
        expect(after.map(each => copy.make(each))).toEqual(answers);
        expect(copy.record()).toBe(record);
      }),
      { numRuns: (build.isGuarded ? 150 : 300) * EFFORT },
    );
  });

  it("is one of many in a memory, and touches no other", () => {
    const size = build.core.initialize(0, ...GEOMETRY);
    const callers = [0, 1, 2].map(index => Caller.fresh(build, AT + index * size));
    fc.assert(
      fc.property(script(60), calls => {
        const [first, , last] = [callers[0].record(), callers[1].record(), callers[2].record()];
        for (const each of calls) callers[1].make(each);
        expect([callers[0].record(), callers[2].record()]).toEqual([first, last]);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
