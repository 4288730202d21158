/**
 * Messages larger than the receive region, and topics larger than it: handed over in pieces, acknowledged after the last.
 */
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint, type Event } from "./endpoint.ts";

const builds = await coreBuilds(1 << 18);

const RECEIVE = 64;

function message(qos: 0 | 1 | 2, topic: string, payload: string, messageId = 7, dup = false): Buffer {
  return generate({ cmd: "publish", topic, payload, qos, dup, retain: false, ...(qos > 0 ? { messageId } : {}) });
}

/** Text of which no part looks like another. */
const text = (size: number): string =>
  Array.from({ length: size }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join("");

/** Puts pieces together; throws where one is missing, or not where it says. */
function whole(events: readonly Event[]): { topic: string; text: string; qos: number }[] {
  const messages: { topic: string; text: string; qos: number }[] = [];
  let expected = 0;
  for (const event of events) {
    if (event.type !== "message") continue;
    expect(event.offset).toBe(expected);
    if (expected === 0) messages.push({ topic: event.topic, text: "", qos: event.qos });
    const last = messages[messages.length - 1];
    expect(event.topic).toBe(last.topic);
    last.text += event.text;
    expected += event.text.length;
    expect(expected).toBeLessThanOrEqual(event.total);
    if (expected === event.total) expected = 0;
  }
  expect(expected).toBe(0);
  return messages;
}

const ANSWERS = [[], ["puback 7"], ["pubrec 7"]];

describe.each(builds)("a message larger than the receive region, $name", build => {
  const online = () => new Endpoint(build, { receive: RECEIVE, inbound: 2 }).online();

  it.each([0, 1, 2] as const)(
    "arrives whole at QoS %d, with every split into two, and what comes behind it too",
    qos => {
      const bytes = Buffer.concat([message(qos, "topic", text(200)), message(0, "next", "one")]);
      for (let split = 0; split <= bytes.length; split++) {
        const endpoint = online();
        endpoint.receive(bytes.subarray(0, split));
        endpoint.receive(bytes.subarray(split));
        expect(whole(endpoint.takeEvents())).toEqual([
          { topic: "topic", text: text(200), qos },
          { topic: "next", text: "one", qos: 0 },
        ]);
        expect(endpoint.takeLines()).toEqual(ANSWERS[qos]);
      }
    },
  );

  it("arrives whole with every size of chunk, and every size round that of the region", () => {
    for (let chunk = 1; chunk <= RECEIVE; chunk += build.isGuarded ? 9 : 1) {
      for (let size = RECEIVE - 12; size <= RECEIVE + 4; size++) {
        const endpoint = online();
        endpoint.receive(Buffer.concat([message(1, "t", text(size)), message(2, "u", text(size), 8)]), chunk);
        expect(whole(endpoint.takeEvents()).map(({ text }) => text)).toEqual([text(size), text(size)]);
        expect(endpoint.takeLines()).toEqual(["puback 7", "pubrec 8"]);
      }
    }
  });

  it("is acknowledged after its last piece, and not before", () => {
    const endpoint = online();
    const bytes = message(2, "topic", text(500));
    endpoint.receive(bytes.subarray(0, bytes.length - 1));
    expect(endpoint.takeLines()).toEqual([]);
    endpoint.receive(bytes.subarray(bytes.length - 1));
    expect(endpoint.takeLines()).toEqual(["pubrec 7"]);
  });

  it("fills the region with every piece but the last", () => {
    const endpoint = online();
    endpoint.receive(message(0, "topic", text(500)), 5);
    const sizes = endpoint.takeEvents().map(event => (event.type === "message" ? event.text.length : -1));
    // 64 bytes less three of the fixed header and seven of the topic.
    expect(sizes).toEqual([54, 54, 54, 54, 54, 54, 54, 54, 54, 14]);
  });

  it("comes in pieces behind others that are in the region already", () => {
    for (let before = 0; before < 20; before++) {
      const endpoint = online();
      const small = Array.from({ length: before }, (_, index) => message(0, "s", `${index % 10}`));
      endpoint.receive(Buffer.concat([...small, message(1, "topic", text(100)), ...small]));
      expect(whole(endpoint.takeEvents())).toHaveLength(2 * before + 1);
    }
  });

  it("is skipped as a duplicate at QoS 2, split anywhere, and acknowledged again", () => {
    const duplicate = Buffer.concat([message(2, "topic", text(150), 7, true), message(0, "next", "one")]);
    for (let split = 0; split <= duplicate.length; split++) {
      const endpoint = online();
      endpoint.receive(message(2, "topic", text(150)));
      endpoint.takeEvents();
      endpoint.receive(duplicate.subarray(0, split));
      endpoint.receive(duplicate.subarray(split));
      expect(whole(endpoint.takeEvents())).toEqual([{ topic: "next", text: "one", qos: 0 }]);
      expect(endpoint.takeLines()).toEqual(["pubrec 7", "pubrec 7"]);
    }
  });

  it("begins again from its first byte when the connection broke in the middle of it", () => {
    const endpoint = online();
    const bytes = message(2, "topic", text(300));
    endpoint.receive(bytes.subarray(0, 200));
    endpoint.takeEvents();
    endpoint.reconnect(true);
    endpoint.receive(message(2, "topic", text(300), 7, true));
    expect(whole(endpoint.takeEvents())).toEqual([{ topic: "topic", text: text(300), qos: 2 }]);
    expect(endpoint.takeLines()).toEqual(["pubrec 7"]);
  });

  it("waits, too, while the table of identifiers is full", () => {
    const endpoint = online();
    endpoint.receive(Buffer.concat([message(2, "a", "1", 1), message(2, "a", "2", 2), message(2, "a", text(200), 3)]));
    expect(whole(endpoint.takeEvents())).toHaveLength(2);
    expect(endpoint.takeLines()).toEqual(["pubrec 1", "pubrec 2"]);
    endpoint.serve({ cmd: "pubrel", messageId: 1 }, { cmd: "pubrel", messageId: 2 });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_RESUME }]);
    endpoint.reconnect(true);
    endpoint.receive(message(2, "a", text(200), 3, true));
    expect(whole(endpoint.takeEvents())).toEqual([{ topic: "a", text: text(200), qos: 2 }]);
  });

  it.each([127, 128, 16_383, 16_384, 100_000])("may have %d bytes", size => {
    const endpoint = new Endpoint(build).online();
    endpoint.receive(message(1, "big", "x".repeat(size)), 1460);
    expect(whole(endpoint.takeEvents())[0].text).toHaveLength(size);
    expect(endpoint.takeLines()).toEqual(["puback 7"]);
  });

  it("waits for room to acknowledge it before it begins", () => {
    const endpoint = online();
    endpoint.writeSize = 0;
    const bytes = Buffer.concat([
      ...[1, 2, 3, 4, 5].map(id => message(1, "s", "", id)),
      message(1, "topic", text(300)),
    ]);
    const rest = endpoint.offer(bytes);
    expect(endpoint.takeEvents()).toHaveLength(5);
    expect(rest).toBeGreaterThan(0);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    endpoint.receive(bytes.subarray(bytes.length - rest));
    expect(whole(endpoint.takeEvents())[0].text).toBe(text(300));
  });

  it.each([
    ["a topic larger than the packet", [0x30, 0x80, 1, 0, 0x90, 0x61], status.MALFORMED_SIZE],
    ["a topic that leaves no room for the identifier", [0x32, 0x80, 1, 0, 0x7d, 0x61], status.MALFORMED_SIZE],
    ["a wildcard in the topic", [0x30, 0x80, 1, 0, 1, 0x23], status.MALFORMED_TOPIC],
    ["no topic", [0x30, 0x80, 1, 0, 0, 0x61], status.MALFORMED_TOPIC],
    ["a topic that is not UTF-8", [0x30, 0x80, 1, 0, 1, 0xff], status.MALFORMED_UTF8],
    ["identifier 0", [0x32, 0x80, 1, 0, 1, 0x61, 0, 0], status.MALFORMED_ID],
  ])("is refused for %s, split anywhere", (_, bytes, expected) => {
    for (const chunk of [1, 2, 3, 100]) {
      const endpoint = online();
      endpoint.receive(Uint8Array.from(bytes), chunk);
      expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: expected }]);
    }
  });
});

describe.each(builds)("a topic larger than the receive region, $name", build => {
  const online = () => new Endpoint(build, { receive: RECEIVE, inbound: 2 }).online();
  const topic = "t".repeat(100);

  it.each([0, 1, 2] as const)(
    "is passed over at QoS %d, split anywhere, and acknowledged, and the next message arrives",
    qos => {
      const bytes = Buffer.concat([message(qos, topic, text(20)), message(0, "next", "one")]);
      for (let split = 0; split <= bytes.length; split++) {
        const endpoint = online();
        endpoint.receive(bytes.subarray(0, split));
        endpoint.receive(bytes.subarray(split), split % 3 === 0 ? 1 : 64);
        const events = endpoint.takeEvents();
        expect(events[0]).toEqual({ type: "oversize", id: qos > 0 ? 7 : 0 });
        expect(whole(events)).toEqual([{ topic: "next", text: "one", qos: 0 }]);
        expect(endpoint.takeLines()).toEqual(ANSWERS[qos]);
      }
    },
  );

  it("is handed over up to the last size that leaves room for a byte of payload", () => {
    // 64 bytes less the fixed header, the topic's size, the identifier, and a byte of payload.
    for (const [size, type] of [
      [55, "message"],
      [56, "message"],
      [57, "oversize"],
      [58, "oversize"],
    ] as const) {
      const endpoint = online();
      const bytes = message(1, "t".repeat(size), text(100));
      endpoint.receive(bytes);
      expect([size, endpoint.takeEvents()[0].type]).toEqual([size, type]);
      expect(endpoint.takeLines()).toEqual(["puback 7"]);
    }
  });

  it("may be as long as a topic can be", () => {
    const endpoint = online();
    endpoint.receive(message(1, "t".repeat(65535), text(3)), 50);
    expect(endpoint.takeEvents()).toEqual([{ type: "oversize", id: 7 }]);
    expect(endpoint.takeLines()).toEqual(["puback 7"]);
  });

  it("with identifier 0 is refused [MQTT-2.3.1-1]", () => {
    const endpoint = online();
    const bytes = message(1, topic, "x", 1);
    bytes[bytes.length - 2] = 0;
    endpoint.receive(bytes);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.MALFORMED_ID }]);
  });
});

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
      { numRuns: build.isGuarded ? 150 : 400 },
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
      { numRuns: 1000 },
    );
  });
});
