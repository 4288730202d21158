/**
 * The control region, where short packets wait for the transport: five acknowledgements, a PINGREQ and a DISCONNECT, at the
 * worst all at once, and no byte behind it is theirs.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoint5 } from "./endpoint5.ts";

const builds = await coreBuilds();

describe.each(builds)("the control region, $name,", build => {
  /** A client that resumes its session with `count` PUBRELs to send again and has sent none of them yet. */
  const resumed = (count: number): Endpoint => {
    const endpoint = new Endpoint(build, { window: 20, inbound: 2 }).online({ keepalive: 10 });
    for (let id = 1; id <= count; id++) {
      endpoint.publish("t", "x", 2);
      endpoint.serve({ cmd: "pubrec", messageId: id });
    }
    endpoint.close();
    endpoint.advance(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs));
    endpoint.open();
    endpoint.takeBytes();
    endpoint.writeSize = 0;
    const { core, client } = endpoint;
    build.write(core.receiveAddress(client), [0x20, 2, 1, 0]);
    expect(core.received(client, 4, endpoint.nowMs)).toBe(status.OK);
    expect(core.nextEvent(client, endpoint.nowMs)).toBe(2);
    return endpoint;
  };
  const deliver = ({ core, client, nowMs }: Endpoint): void => {
    build.write(core.receiveAddress(client), [0x32, 6, ...field("a"), 0, 9, 0x78]);
    core.received(client, 8, nowMs);
    expect(core.nextEvent(client, nowMs)).toBe(4);
  };

  it.each([1, 4, 5, 6, 9])("takes five acknowledgements, and one fewer while a message is being read: of %d", count => {
    const free = resumed(count);
    expect(free.core.transmit(free.client)).toBe(4 * Math.min(count, 5));
    const reading = resumed(count);
    deliver(reading);
    expect(reading.core.transmit(reading.client)).toBe(4 * Math.min(count, 4));
    // The message's own is the fifth; the others follow.
    reading.writeSize = Number.POSITIVE_INFINITY;
    reading.run();
    const lines = reading.takeLines();
    const releases = Array.from({ length: count }, (_, index) => `pubrel ${index + 1}`);
    expect(lines.filter(line => line !== "puback 9")).toEqual(releases);
    expect(lines.indexOf("puback 9")).toBe(Math.min(count, 4));
  });

  it("leaves before the outbox", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    build.write(core.publish(client, 1, 0, 2), [0x74]);
    expect(core.commit(client)).toBe(1);
    deliver(endpoint);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["puback 9", "publish 1 t="]);
  });

  it("leaves before a DISCONNECT with a reason [MQTT-3.14.4-1]", () => {
    const endpoint = new Endpoint5(build).online();
    const { core, client, nowMs } = endpoint;
    build.write(core.receiveAddress(client), [0x32, 6, ...field("a"), 0, 9, 0]);
    expect([core.received(client, 8, nowMs), core.nextEvent(client, nowMs)]).toEqual([status.OK, 4]);
    build.write(core.compose(client, 14, 2), [0x04, 0]);
    expect([core.commit(client), core.disconnect(client, nowMs)]).toEqual([0, 0]);
    endpoint.run();
    expect(endpoint.takeBytes()).toEqual([...[0x40, 2, 0, 9], ...[0xe0, 2, 4, 0]]);
  });

  it.each([0, 1, 4, 5])("says what a server of 5.0 has done wrong behind what waits: %d acknowledgements", count => {
    for (const isPinging of [false, true]) {
      const endpoint = new Endpoint5(build).online({ keepAlive: 10 });
      const { core, client } = endpoint;
      const session = () =>
        core.bytes.slice(core.sessionAddress(client), core.sessionAddress(client) + core.sessionSize(client));
      const before = session();
      endpoint.writeSize = 0;
      const waiting: number[] = [];
      for (let id = 1; id <= count; id += 1) {
        endpoint.serve(0x32, ...field("a"), 0, id, 0);
        waiting.push(0x40, 2, 0, id);
      }
      if (isPinging) {
        endpoint.nowMs += 10_000;
        core.timedOut(client, endpoint.nowMs);
        waiting.push(0xc0, 0);
      }
      // What else it says is read when there is room to acknowledge it.
      endpoint.writeSize = count === 5 ? 4 : 0;
      endpoint.run();
      endpoint.receive([0x41, 2, 0, 1]);
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      endpoint.run();
      expect([isPinging, endpoint.takeBytes()]).toEqual([isPinging, [...waiting, 0xe0, 1, 0x81]]);
      expect(session()).toEqual(before);
    }
  });

  it.each([1, 3, 4, 5, 9])("has room for what a PINGREQ before them leaves: of %d", count => {
    for (const isReading of [false, true]) {
      const endpoint = resumed(count);
      const { core, client } = endpoint;
      if (isReading) deliver(endpoint);
      // PINGREQ is due, and stands before them.
      endpoint.nowMs += 10_000;
      core.timedOut(client, endpoint.nowMs);
      expect([isReading, core.transmit(client)]).toEqual([isReading, 2 + 4 * Math.min(count, isReading ? 3 : 4)]);
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      endpoint.run();
      const lines = endpoint.takeLines();
      expect([lines[0], lines.length]).toEqual(["pingreq", count + (isReading ? 2 : 1)]);
      expect(new Set(lines).size).toBe(lines.length);
    }
  });
});
