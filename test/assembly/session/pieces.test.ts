/**
 * Messages larger than the receive region, and topics larger than it: handed over in pieces, acknowledged after the last.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";
import { message, RECEIVE, text, whole } from "./large.ts";

const builds = await coreBuilds(1 << 18);

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

  it.each([0, 1] as const)("is no such message while it fits exactly, split anywhere, at QoS %d", qos => {
    for (const payloadSize of [0, 1, 2, 20]) {
      const topic = "t".repeat(RECEIVE - 4 - 2 * qos - payloadSize);
      const bytes = message(qos, topic, text(payloadSize));
      expect(bytes).toHaveLength(RECEIVE);
      for (let split = 0; split <= bytes.length; split++) {
        const endpoint = online();
        endpoint.receive(bytes.subarray(0, split));
        endpoint.receive(bytes.subarray(split));
        expect(whole(endpoint.takeEvents())).toEqual([{ topic, text: text(payloadSize), qos }]);
        expect(endpoint.takeLines()).toEqual(ANSWERS[qos]);
      }
    }
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
