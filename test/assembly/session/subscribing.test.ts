/**
 * SUBSCRIBE and UNSUBSCRIBE with their answers: MQTT 3.1.1 sections 3.8 to 3.11.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

describe.each(builds)("subscribing, $name", build => {
  it("asks for several filters at once, and hands on one code each", () => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.subscribe(["a/#", 0], ["+", 1], ["$SYS/#", 2], ["é", 0])).toBe(1);
    expect(endpoint.take()).toMatchObject([
      {
        cmd: "subscribe",
        messageId: 1,
        subscriptions: [
          { topic: "a/#", qos: 0 },
          { topic: "+", qos: 1 },
          { topic: "$SYS/#", qos: 2 },
          { topic: "é", qos: 0 },
        ],
      },
    ]);
    endpoint.serve({ cmd: "suback", messageId: 1, granted: [0, 0x80, 2, 1] });
    expect(endpoint.takeEvents()).toEqual([{ type: "subscribed", id: 1, codes: [0, 0x80, 2, 1] }]);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
  });

  it("is undone for several filters at once", () => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.unsubscribe("a/#", "+")).toBe(1);
    expect(endpoint.take()).toMatchObject([{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a/#", "+"] }]);
    endpoint.serve({ cmd: "unsuback", messageId: 1, granted: [] });
    expect(endpoint.takeEvents()).toEqual([{ type: "unsubscribed", id: 1 }]);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
  });

  it("waits while there is no connection, keeps its place, and is asked again until it is answered", () => {
    const endpoint = new Endpoint(build);
    endpoint.publish("t", "1", 1);
    expect(endpoint.subscribe(["a", 0])).toBe(2);
    endpoint.publish("t", "2", 0);
    expect(endpoint.unsubscribe("b")).toBe(3);
    endpoint.online();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1", "subscribe 2", "publish t=2", "unsubscribe 3"]);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    endpoint.reconnect(false);
    expect(endpoint.takeLines()).toEqual(["subscribe 2", "unsubscribe 3"]);
    endpoint.serve({ cmd: "suback", messageId: 2, granted: [0] }, { cmd: "unsuback", messageId: 3, granted: [] });
    endpoint.reconnect(true);
    expect(endpoint.takeLines()).toEqual([]);
  });

  it("is not held back by the window, and does not count in it", () => {
    const endpoint = new Endpoint(build, { window: 1 }).online();
    endpoint.publish("t", "1", 1);
    endpoint.subscribe(["a", 0]);
    endpoint.unsubscribe("b");
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1", "subscribe 2", "unsubscribe 3"]);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(1);
    endpoint.serve({ cmd: "suback", messageId: 2, granted: [0] }, { cmd: "unsuback", messageId: 3, granted: [] });
    expect(endpoint.core.inFlight(endpoint.client)).toBe(1);
  });

  it("and messages may come before SUBACK [MQTT-3.8.4-3]", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.subscribe(["a", 0]);
    endpoint.serve(
      { cmd: "publish", topic: "a", payload: "x", qos: 0, dup: false, retain: true },
      { cmd: "suback", messageId: 1, granted: [0] },
    );
    expect(endpoint.takeEvents().map(({ type }) => type)).toEqual(["message", "subscribed"]);
  });

  it("asks for no more than the receive region can be answered with", () => {
    // A SUBACK of 32 bytes has 28 codes. One more, and the answer to what was asked for would close every connection.
    const endpoint = new Endpoint(build, { receive: 32 }).online();
    const list = (count: number) => Array.from({ length: count }, () => [...field("a"), 0]).flat();
    const ask = (count: number) => endpoint.compose(endpoint.core.subscribe(endpoint.client, 4 * count), list(count));
    expect(ask(29)).toBe(status.MISUSE_TOO_LARGE);
    expect(ask(28)).toBe(1);
    endpoint.run();
    endpoint.serve({ cmd: "suback", messageId: 1, granted: Array<number>(28).fill(0) });
    expect(endpoint.takeEvents()).toEqual([{ type: "subscribed", id: 1, codes: Array<number>(28).fill(0) }]);
  });
});

describe.each(builds)("the answer to many filters, $name,", build => {
  it("may fill the receive region to its last byte, however it is split", () => {
    for (let split = 0; split <= 32; split++) {
      const endpoint = new Endpoint(build, { receive: 32 }).online();
      expect(endpoint.subscribe(...Array.from({ length: 29 }, (): [string, number] => ["a", 0]))).toBe(
        status.MISUSE_TOO_LARGE,
      );
      expect(endpoint.subscribe(...Array.from({ length: 28 }, (): [string, number] => ["a", 0]))).toBe(1);
      const suback = Buffer.from([0x90, 30, 0, 1, ...new Array(28).fill(0)]);
      endpoint.receive(suback.subarray(0, split));
      endpoint.receive(suback.subarray(split));
      expect(endpoint.takeEvents()).toEqual([{ type: "subscribed", id: 1, codes: new Array(28).fill(0) }]);
    }
  });
});

describe("the core", () => {
  it.each(builds)("matches names for its host, $name", build => {
    const { core } = build;
    build.declare(64, 16);
    build.write(64, Buffer.from("a/+a/ba"));
    expect([core.filterMatches(64, 3, 67, 3), core.filterMatches(64, 3, 70, 1)]).toEqual([1, 0]);
  });
});
