/**
 * A session that comes back from the store, whole or torn.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { EFFORT } from "../../effort.ts";
import { type CoreBuild, coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

/** A session with something of everything in it, as the flash has it. */
function busy(build: CoreBuild, outbox = 128): Endpoint {
  const endpoint = new Endpoint(build, { outbox, inbound: 3, isDurable: true, window: 4 }).online();
  endpoint.publish("t", "0", 0);
  endpoint.publish("t", "1", 1);
  endpoint.publish("t", "2", 2);
  endpoint.subscribe(["a", 1]);
  endpoint.publish("t", "4", 2);
  endpoint.serve(
    { cmd: "pubrec", messageId: 2 },
    { cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 77, dup: false, retain: false },
    { cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 78, dup: false, retain: false },
  );
  endpoint.unsubscribe("b");
  endpoint.writeSize = 0;
  endpoint.publish("t", "zero", 0);
  endpoint.publish("t", "6", 1);
  return endpoint;
}

describe.each(builds)("a session restored, $name", build => {
  it("goes on where it was", () => {
    const { endpoint, answer } = busy(build).restart();
    expect(answer).toBe(status.OK);
    endpoint.online({}, true);
    const lines = endpoint.takeLines();
    expect(lines.filter(text => text.startsWith("pubrel"))).toEqual(["pubrel 2"]);
    expect(lines.filter(text => !text.startsWith("pubrel"))).toEqual([
      "publish 1 dup t=1",
      "subscribe 3",
      "publish 4 dup t=4",
      "unsubscribe 5",
      "publish 6 dup t=6",
    ]);
    // The QoS 2 messages that were had are still known, and identifiers go on.
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 77, dup: true, retain: false });
    expect(endpoint.takeEvents()).toEqual([]);
    expect(endpoint.publish("t", "7", 1)).toBe(7);
  });

  it("goes on behind what had ended at its head", () => {
    const first = new Endpoint(build, { isDurable: true }).online();
    for (const text of ["1", "2", "3"]) first.publish("t", text, 1);
    first.serve({ cmd: "puback", messageId: 1 });
    // Nobody looks at what stands before the head, and were it a whole message.
    const flash = first.flash.slice();
    const at = flash.length - first.core.outboxCapacity(first.client);
    expect(flash[at]).toBe(0);
    flash[at] = 0x32;
    const { endpoint, answer } = first.restart(flash);
    expect(answer).toBe(status.OK);
    endpoint.online({}, true);
    expect(endpoint.takeLines()).toEqual(["publish 2 dup t=2", "publish 3 dup t=3"]);
  });

  it("goes on with messages of no payload, and of every size that fits", () => {
    for (let size = 0; size <= 57; size++) {
      const first = new Endpoint(build, { outbox: 64, isDurable: true });
      first.publish("t", "x".repeat(size), 1);
      const { endpoint, answer } = first.restart();
      expect([size, answer]).toEqual([size, status.OK]);
      endpoint.online({}, true);
      expect(endpoint.takeLines()).toEqual([`publish 1 dup t=${"x".repeat(size)}`]);
    }
  });

  it("is empty where nothing was", () => {
    const { endpoint, answer } = new Endpoint(build, { isDurable: true }).restart();
    expect(answer).toBe(status.OK);
    endpoint.online();
    expect(endpoint.takeLines()).toEqual([]);
    expect(endpoint.publish("t", "", 1)).toBe(1);
  });

  it("comes back into a record at another address", () => {
    const first = busy(build);
    const { flash } = first;
    const second = new Endpoint(build, { at: 16384, outbox: 128, inbound: 3, isDurable: true, window: 4 });
    build.write(second.core.sessionAddress(second.client), flash);
    expect(second.core.restored(second.client)).toBe(status.OK);
    second.online({}, true);
    expect(second.takeLines()).toHaveLength(6);
  });

  it("may only come back before anything else", () => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    expect(endpoint.core.restored(endpoint.client)).toBe(status.MISUSE_STATE);
  });

  /** Everything that a host would do next; throws where the core does what it may not. */
  function live(endpoint: Endpoint): void {
    endpoint.online({}, true);
    for (let id = 1; id <= 8; id++) {
      endpoint.serve({ cmd: "puback", messageId: id });
      if (endpoint.state !== 4) return;
    }
    endpoint.serve(
      { cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 5, dup: false, retain: false },
      { cmd: "pubrel", messageId: 77 },
    );
    for (let index = 0; index < 12; index++) endpoint.publish("t", "more", 1);
    endpoint.core.drop(endpoint.client);
    endpoint.reconnect();
  }

  it.each([
    ["an identifier given last that is none", 2, [1, 0]],
    ["an identifier given last below zero", 2, [0xff, 0xff]],
    ["a head before the outbox", 4, [0, 0, 0, 0]],
    ["a head behind the tail", 4, [0xff, 0, 0, 0]],
    ["a head below zero", 4, [0, 0, 0, 0x80]],
    ["a head far outside", 4, [0xff, 0xff, 0xff, 0x7f]],
    ["a tail before the head", 8, [0, 0, 0, 0]],
    ["a tail behind the outbox", 8, [0, 2, 0, 0]],
    ["a tail below zero", 8, [0, 0, 0, 0xff]],
    ["a tail far outside", 8, [0xff, 0xff, 0xff, 0x7f]],
  ])("is refused with %s", (_, at, bytes) => {
    const flash = busy(build).flash.slice();
    flash.set(bytes, at);
    expect(busy(build).restart(flash).answer).toBe(status.MISUSE_SESSION);
  });

  it.each([
    ["a first packet of QoS 3", [0x36]],
    ["a first packet that only a server sends", [0x40]],
    ["a CONNECT", [0x10]],
    ["a PUBREL without its flag", [0x60]],
    ["a SUBSCRIBE without its flag", [0x80]],
    ["a packet longer than the outbox", [0x32, 0x7f]],
    ["a length without end", [0x32, 0xff, 0xff, 0xff, 0xff]],
    ["a length without end, at QoS 0", [0x30, 0xff, 0xff, 0xff, 0xff]],
    ["a length without end, of what has ended", [0x00, 0xff, 0xff, 0xff, 0xff]],
    ["a packet without a body", [0x32, 0]],
    ["a message without an identifier", [0x32, 3, 0, 1, 0x74]],
    ["a topic longer than its packet", [0x32, 6, 0, 9]],
    ["identifier 0", [0x32, 6, 0, 1, 0x74, 0, 0, 0x31]],
  ])("is refused with %s", (_, bytes) => {
    // One message of eight bytes.
    const endpoint = new Endpoint(build, { outbox: 64, inbound: 4, isDurable: true });
    endpoint.publish("t", "1", 1);
    const flash = endpoint.flash.slice();
    flash.set(bytes, flash.length - 64);
    expect(endpoint.restart(flash).answer).toBe(status.MISUSE_SESSION);
  });

  it("is refused, and not read in a circle, where a length without end leads back to fields that read like packets", () => {
    const endpoint = new Endpoint(build, { outbox: 64, inbound: 4, isDurable: true });
    endpoint.publish("t", "1", 1);
    const flash = endpoint.flash.slice();
    // As packets that have ended: the control region, the fields as far as the tail with an identifier of 9, what is empty of the table.
    flash[0] = 9;
    flash.set([0x00, 0xff, 0xff, 0xff, 0xff], flash.length - 64);
    expect(endpoint.restart(flash).answer).toBe(status.MISUSE_SESSION);
  });

  it("is refused, or can be lived with, whatever bytes were torn", () => {
    const intact = busy(build).flash.slice();
    const tear = fc.record({
      at: fc.nat(intact.length - 1),
      value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x30, 0x32, 0x62, 0x60, 0x82), fc.nat(255)),
    });
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(fc.array(tear, { minLength: 1, maxLength: 4 }), tears => {
        const flash = intact.slice();
        for (const { at, value } of tears) flash[at] = value;
        const { endpoint, answer } = busy(build).restart(flash);
        expect([status.OK, status.MISUSE_SESSION]).toContain(answer);
        if (answer === status.MISUSE_SESSION) refused += 1;
        else taken += 1;
        if (answer === status.OK) live(unchecked(endpoint));
      }),
      { numRuns: (build.isGuarded ? 600 : 1500) * EFFORT },
    );
    expect(refused).toBeGreaterThan(50);
    expect(taken).toBeGreaterThan(50);
  });

  it("is refused, or can be lived with, when it is nothing but noise", () => {
    const size = busy(build).flash.length;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size, maxLength: size }), noise => {
        const { endpoint, answer } = busy(build).restart(noise);
        if (answer === status.OK) live(unchecked(endpoint));
        else expect(answer).toBe(status.MISUSE_SESSION);
      }),
      { numRuns: 300 * EFFORT },
    );
  });

  it("is refused or whole where only the first part of it was written", () => {
    const intact = busy(build).flash.slice();
    for (let size = 0; size <= intact.length; size++) {
      const flash = new Uint8Array(intact.length).fill(0xff);
      flash.set(intact.subarray(0, size));
      const { endpoint, answer } = busy(build).restart(flash);
      if (answer === status.OK) live(unchecked(endpoint));
      else expect(answer).toBe(status.MISUSE_SESSION);
    }
  });
});

/** A torn session may be sent as it is; what mqtt-packet thinks of it is not the point here. */
function unchecked(endpoint: Endpoint): Endpoint {
  endpoint.isJudged = false;
  return endpoint;
}
