/**
 * The stream of bytes from a server, cut as a network cuts it: MQTT packets have no boundaries on the wire.
 */
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";
import { message, RECEIVE, text, whole } from "./large.ts";

const builds = await coreBuilds();

describe.each(builds)("a stream, $name", build => {
  const packet = fc.oneof(
    fc
      .record({
        qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
        size: fc.nat(200),
        topicSize: fc.integer({ min: 1, max: 80 }),
        id: fc.integer({ min: 1, max: 4 }),
      })
      .map(({ qos, size, topicSize, id }) => message(qos, "t".repeat(topicSize), text(size), id)),
    fc.integer({ min: 1, max: 4 }).map(messageId => generate({ cmd: "pubrel", messageId })),
    fc.constant(generate({ cmd: "pingresp" })),
    fc.integer({ min: 1, max: 9 }).map(messageId => generate({ cmd: "puback", messageId })),
  );

  /** What a host sees of a stream: messages put together, and what is sent back. */
  function seen(stream: Buffer, cuts: readonly number[]): unknown {
    const endpoint = new Endpoint(build, { receive: RECEIVE, inbound: 8 }).online();
    let start = 0;
    for (const cut of [...cuts, stream.length]) {
      endpoint.receive(stream.subarray(start, cut));
      start = cut;
    }
    const events = endpoint.takeEvents();
    return [whole(events), events.filter(({ type }) => type !== "message"), endpoint.takeLines()];
  }

  it("means the same however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 6 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (packets, shares) => {
          const stream = Buffer.concat(packets);
          const cuts = shares.map(share => Math.floor(share * stream.length)).sort((a, b) => a - b);
          expect(seen(stream, cuts)).toEqual(seen(stream, []));
        },
      ),
      { numRuns: (build.isGuarded ? 150 : 400) * EFFORT },
    );
  });

  it("means the same with every cut into two", () => {
    const stream = Buffer.concat([
      message(1, "a", "x", 1),
      generate({ cmd: "pingresp" }),
      message(2, "b", text(70), 2),
      generate({ cmd: "pubrel", messageId: 2 }),
      message(2, "t".repeat(70), "", 3),
      message(0, "c", text(3)),
    ]);
    const expected = seen(stream, []);
    for (let cut = 0; cut <= stream.length; cut++) expect(seen(stream, [cut])).toEqual(expected);
  });

  it("of random bytes ends in a close, or in nothing, and never reads outside", () => {
    const piece = fc.oneof(packet, fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.integer({ min: 1, max: 64 }),
        fc.boolean(),
        (pieces, chunk, isConnected) => {
          const endpoint = new Endpoint(build, { receive: RECEIVE, inbound: 2 });
          if (isConnected) endpoint.online();
          else {
            endpoint.connect();
            endpoint.open();
          }
          endpoint.publish("t", "1", 1);
          endpoint.publish("t", "2", 2);
          endpoint.subscribe(["t", 0]);
          endpoint.offer(Buffer.concat(pieces), chunk);
          expect(endpoint.takeEvents().filter(({ type }) => type === "close").length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 1000 * EFFORT },
    );
  });
});
