/**
 * What is promised survives: a barrier before the wire, and a power cut between any two steps. The other side is the
 * reference broker, in virtual time.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { type CoreBuild, coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";
import { World } from "./world.ts";

const builds = await coreBuilds();

type Step =
  | readonly [name: "publish" | "address", qos: number, size: number]
  | readonly [name: "transmit" | "up" | "down" | "wait", size: number]
  | readonly ["event" | "store" | "resend" | "cut" | "powerCut"];

const qos = fc.constantFrom(0, 1, 2, 2);
const size = fc.constantFrom(0, 1, 20, 90);
const bytes = fc.constantFrom(1, 3, 7, 64, 1000);

/** `faultWeight` is how often something breaks. */
const steps = (faultWeight: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constant("publish" as const), qos, size) },
      { weight: 2, arbitrary: fc.tuple(fc.constant("address" as const), qos, size) },
      { weight: 6, arbitrary: fc.tuple(fc.constant("transmit" as const), bytes) },
      { weight: 6, arbitrary: fc.tuple(fc.constant("up" as const), bytes) },
      { weight: 6, arbitrary: fc.tuple(fc.constant("down" as const), bytes) },
      { weight: 1, arbitrary: fc.tuple(fc.constant("wait" as const), fc.constantFrom(1, 500, 2000, 61_000)) },
      { weight: 6, arbitrary: fc.constant(["event"] as const) },
      { weight: 6, arbitrary: fc.constant(["store"] as const) },
      { weight: faultWeight, arbitrary: fc.constant(["resend"] as const) },
      { weight: faultWeight, arbitrary: fc.constant(["cut"] as const) },
      { weight: faultWeight, arbitrary: fc.constant(["powerCut"] as const) },
    ),
    { minLength: 20, maxLength: 120 },
  );

function take(world: World, step: Step): void {
  if (step[0] === "publish") world.publish(step[1], step[2]);
  else if (step[0] === "address") world.address(step[1], step[2]);
  else if (step[0] === "transmit") world.transmit(step[1]);
  else if (step[0] === "up") world.arriveUp(step[1]);
  else if (step[0] === "down") world.arriveDown(step[1]);
  else if (step[0] === "wait") world.advance(step[1]);
  else if (step[0] === "event") world.event();
  else if (step[0] === "store") world.store();
  else if (step[0] === "resend") world.resend();
  else if (step[0] === "cut") world.cut();
  else world.powerCut();
}

/** Throws where a promise was broken. */
function check(world: World): void {
  for (const [text, { qos }] of world.sent) {
    const count = world.observed.get(text) ?? 0;
    if (qos === 0) expect(count, `QoS 0: ${text}`).toBeLessThanOrEqual(1);
    if (qos === 1) expect(count, `QoS 1: ${text}`).toBeGreaterThanOrEqual(1);
    if (qos === 2) expect(count, `QoS 2: ${text}`).toBe(1);
  }
  for (const [text, qos] of world.addressed) {
    const count = world.delivered.get(text) ?? 0;
    if (qos > 0) expect(count, `to the client at QoS ${qos}: ${text}`).toBeGreaterThanOrEqual(1);
    if (qos === 2)
      expect(count, `to the client at QoS 2: ${text}`).toBeLessThanOrEqual(1 + (world.excused.get(text) ?? 0));
  }
  const { core, client } = world.client;
  expect([core.outboxUsed(client), core.inFlight(client)]).toEqual([0, 0]);
}

/** Every so many runs of a property, by what the build costs. */
const runs = (build: CoreBuild) => ({ numRuns: (build.isGuarded ? 60 : 200) * EFFORT });

describe.each(builds)("a session that is stored, $name", build => {
  it.each([
    ["an outbox that is hardly ever full", { outbox: 2048, receive: 256, inbound: 16, window: 8 }],
    ["an outbox, a table and a receive region that are too small", { outbox: 128, receive: 64, inbound: 2, window: 3 }],
    ["one message in flight", { outbox: 256, receive: 128, inbound: 1, window: 1 }],
  ])("keeps its promises through cuts of the link and of the power: %s", (_, options) => {
    fc.assert(
      fc.property(steps(1), script => {
        const world = new World(build, options);
        for (const step of script) take(world, step);
        world.heal();
        check(world);
      }),
      runs(build),
    );
  });

  it("keeps them through a power cut after every single step of one script", () => {
    const script: Step[] = [
      ["publish", 2, 5],
      ["publish", 1, 5],
      ["address", 2, 5],
      ["address", 1, 90],
      ...Array.from({ length: 12 }, (): Step[] => [
        ["event"],
        ["store"],
        ["transmit", 9],
        ["up", 9],
        ["down", 30],
      ]).flat(),
      ["publish", 2, 1],
    ];
    for (let cut = 0; cut <= script.length; cut++) {
      const world = new World(build, { outbox: 128, receive: 64, inbound: 2 });
      for (const step of script.slice(0, cut)) take(world, step);
      world.powerCut();
      for (const step of script.slice(cut)) take(world, step);
      world.heal();
      check(world);
    }
  });
});

describe.each(builds)("the barrier, $name", build => {
  it("lets nothing out that is not stored, and nothing wait that is", () => {
    const endpoint = new Endpoint(build, { isDurable: true }).online();
    const { core, client } = endpoint;
    endpoint.isStoring = false;
    endpoint.publish("t", "0", 0);
    expect(endpoint.takeLines()).toEqual(["publish t=0"]);
    endpoint.publish("t", "1", 1);
    expect(core.pendingStore(client, 0)).toBeGreaterThan(0);
    expect(core.pendingStore(client, 1)).toBeGreaterThanOrEqual(8);
    expect(core.transmit(client)).toBe(0);
    core.stored(client);
    expect([core.pendingStore(client, 0), core.pendingStore(client, 1)]).toEqual([0, 0]);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1"]);
    // The identifier of a QoS 2 message is stored before PUBREC leaves, and its end before PUBCOMP does.
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 9, dup: false, retain: false });
    expect(endpoint.takeLines()).toEqual([]);
    core.stored(client);
    endpoint.run();
    endpoint.serve({ cmd: "pubrel", messageId: 9 });
    expect(endpoint.takeLines()).toEqual(["pubrec 9"]);
    core.stored(client);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["pubcomp 9"]);
  });

  it("is not there unless the host asks for it", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.publish("t", "1", 1);
    expect(endpoint.core.pendingStore(endpoint.client, 0)).toBeGreaterThan(0);
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1"]);
  });

  it("names bytes of the session and no others", () => {
    const endpoint = new Endpoint(build, { isDurable: true }).online();
    const { core, client } = endpoint;
    endpoint.isStoring = false;
    endpoint.publish("t", "1", 1);
    const start = core.sessionAddress(client);
    const end = start + core.sessionSize(client);
    for (const part of [0, 1]) {
      const at = core.pendingStoreAddress(client, part);
      expect(at).toBeGreaterThanOrEqual(start);
      expect(at + core.pendingStore(client, part)).toBeLessThanOrEqual(end);
    }
  });
});
