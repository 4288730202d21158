/**
 * Messages that leave: the three qualities of service, the window, resending. MQTT 3.1.1 sections 4.3, 4.4 and 4.6.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

/** Publishes `count` messages of one byte to "t", the n-th with payload n. */
function publishAll(endpoint: Endpoint, count: number, qos: number): void {
  for (let index = 1; index <= count; index++) expect(endpoint.publish("t", `${index}`, qos)).toBeGreaterThanOrEqual(0);
}

const published = (...ids: number[]) => ids.map(id => ({ type: "published", id }));

describe.each(builds)("messages that leave, $name", build => {
  it("at QoS 0 go once and are forgotten", () => {
    const endpoint = new Endpoint(build).online();
    publishAll(endpoint, 3, 0);
    expect(endpoint.takeLines()).toEqual(["publish t=1", "publish t=2", "publish t=3"]);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
    endpoint.reconnect();
    expect(endpoint.takeLines()).toEqual([]);
  });

  it("at QoS 1 are kept until PUBACK [MQTT-4.3.2-1]", () => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.publish("t", "x", 1, true)).toBe(1);
    expect(endpoint.takeLines()).toEqual(["publish 1 retain t=x"]);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(1);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual(published(1));
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual([]);
  });

  it("at QoS 2 take PUBREC, PUBREL and PUBCOMP [MQTT-4.3.3-1]", () => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.publish("t", "x", 2)).toBe(1);
    expect(endpoint.takeLines()).toEqual(["publish 1 t=x"]);
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["pubrel 1"]);
    expect(endpoint.takeEvents()).toEqual([]);
    // A server that asks again is answered again.
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["pubrel 1"]);
    endpoint.serve({ cmd: "pubcomp", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual(published(1));
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
    endpoint.serve({ cmd: "pubcomp", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual([]);
  });

  it("wait while there is no connection, and leave in their order", () => {
    const endpoint = new Endpoint(build);
    endpoint.publish("t", "1", 1);
    endpoint.publish("t", "2", 0);
    endpoint.connect();
    endpoint.publish("t", "3", 2);
    endpoint.accept();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1", "publish t=2", "publish 2 t=3"]);
  });

  it("are acknowledged in any order", () => {
    const endpoint = new Endpoint(build).online();
    publishAll(endpoint, 4, 1);
    endpoint.serve(...[3, 1, 4, 2].map(messageId => ({ cmd: "puback" as const, messageId })));
    expect(endpoint.takeEvents()).toEqual(published(3, 1, 4, 2));
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
  });

  it.each([1, 2, 8])("are in flight %d at a time at most", window => {
    const endpoint = new Endpoint(build, { window }).online();
    publishAll(endpoint, 10, 1);
    expect(endpoint.takeLines()).toHaveLength(window);
    for (let id = 1; id <= 10; id++) {
      expect(endpoint.core.inFlight(endpoint.client)).toBe(Math.min(window, 11 - id));
      endpoint.serve({ cmd: "puback", messageId: id });
      expect(endpoint.takeLines()).toEqual(id + window <= 10 ? [`publish ${id + window} t=${id + window}`] : []);
    }
    expect(endpoint.takeEvents()).toHaveLength(10);
  });

  it("count as in flight at QoS 2 until PUBCOMP", () => {
    const endpoint = new Endpoint(build, { window: 1 }).online();
    publishAll(endpoint, 2, 2);
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1"]);
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["pubrel 1"]);
    endpoint.serve({ cmd: "pubcomp", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["publish 2 t=2"]);
  });

  it("at QoS 0 keep their place behind one that the window holds back", () => {
    const endpoint = new Endpoint(build, { window: 1 }).online();
    endpoint.publish("t", "1", 1);
    endpoint.publish("t", "2", 1);
    endpoint.publish("t", "3", 0);
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1"]);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["publish 2 t=2", "publish t=3"]);
  });

  it("are sent again with DUP, in their order, when the session is resumed [MQTT-4.4.0-1], [MQTT-4.6.0-1]", () => {
    const endpoint = new Endpoint(build, { window: 3 }).online();
    publishAll(endpoint, 5, 1);
    endpoint.serve({ cmd: "puback", messageId: 2 });
    endpoint.take();
    endpoint.reconnect(true);
    // 1, 3 and 4 were in flight; 5 never left.
    expect(endpoint.takeLines()).toEqual(["publish 1 dup t=1", "publish 3 dup t=3", "publish 4 dup t=4"]);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.takeLines()).toEqual(["publish 5 t=5"]);
  });

  it("are sent again when the server has lost the session", () => {
    const endpoint = new Endpoint(build).online();
    publishAll(endpoint, 2, 1);
    endpoint.take();
    endpoint.reconnect(false);
    expect(endpoint.take()).toMatchObject([
      { cmd: "publish", messageId: 1 },
      { cmd: "publish", messageId: 2 },
    ]);
    endpoint.serve({ cmd: "puback", messageId: 1 }, { cmd: "puback", messageId: 2 });
    expect(endpoint.takeEvents()).toEqual(published(1, 2));
  });

  it.each([true, false])("are not sent again at QoS 2 once PUBREC has come; session present: %s", sessionPresent => {
    const endpoint = new Endpoint(build).online();
    publishAll(endpoint, 3, 2);
    endpoint.serve({ cmd: "pubrec", messageId: 1 }, { cmd: "pubrec", messageId: 3 });
    endpoint.take();
    endpoint.reconnect(sessionPresent);
    const lines = endpoint.takeLines();
    expect([...lines].sort()).toEqual(["publish 2 dup t=2", "pubrel 1", "pubrel 3"]);
    endpoint.serve({ cmd: "pubcomp", messageId: 1 }, { cmd: "pubrec", messageId: 2 }, { cmd: "pubcomp", messageId: 3 });
    expect(endpoint.takeLines()).toEqual(["pubrel 2"]);
    endpoint.serve({ cmd: "pubcomp", messageId: 2 });
    expect(endpoint.takeEvents()).toEqual(published(1, 3, 2));
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
  });

  it("resume with more PUBRELs than the control region holds", () => {
    const endpoint = new Endpoint(build, { window: 20 }).online();
    publishAll(endpoint, 20, 2);
    for (let id = 1; id <= 20; id++) endpoint.serve({ cmd: "pubrec", messageId: id });
    endpoint.take();
    endpoint.writeSize = 1;
    endpoint.reconnect();
    expect(endpoint.takeLines()).toEqual(Array.from({ length: 20 }, (_, index) => `pubrel ${index + 1}`));
    for (let id = 20; id >= 1; id--) endpoint.serve({ cmd: "pubcomp", messageId: id });
    expect(endpoint.takeEvents()).toHaveLength(20);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
  });

  it("that had left in part are sent whole, and without DUP, on the next connection", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.writeSize = 0;
    endpoint.publish("topic", "payload", 1);
    endpoint.writeSize = 3;
    endpoint.transmit();
    expect(endpoint.takeBytes()).toHaveLength(3);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.close();
    endpoint.advance(1000);
    endpoint.accept(true);
    expect(endpoint.takeLines()).toEqual(["publish 1 topic=payload"]);
  });

  it("leave a byte at a time as they leave at once", () => {
    const script = (endpoint: Endpoint): Buffer => {
      endpoint.online({ username: "u" });
      publishAll(endpoint, 3, 2);
      endpoint.publish("t", "0", 0);
      endpoint.subscribe(["a", 1]);
      endpoint.serve(
        { cmd: "pubrec", messageId: 1 },
        { cmd: "publish", qos: 1, messageId: 9, topic: "a", payload: "", dup: false, retain: false },
      );
      endpoint.disconnect();
      return endpoint.takeBytes();
    };
    const whole = new Endpoint(build);
    const slow = new Endpoint(build);
    slow.writeSize = 1;
    const expected = script(whole);
    const second = new Endpoint(build);
    second.writeSize = 1;
    expect(expected.length).toBeGreaterThan(40);
    expect(script(second)).toEqual(expected);
  });

  it("are dropped by nobody when `transmitted` is told nonsense", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    expect(core.transmitted(client, 1, 0)).toBe(status.MISUSE_RANGE);
    endpoint.writeSize = 0;
    endpoint.publish("t", "x", 1);
    const size = core.transmit(client);
    expect(core.transmitted(client, size + 1, 0)).toBe(status.MISUSE_RANGE);
    expect(core.transmitted(client, -1, 0)).toBe(status.MISUSE_RANGE);
    expect(core.transmit(client)).toBe(size);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=x"]);
  });

  it("were offered to a transport that is closed now: to say that they have left changes nothing", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    endpoint.writeSize = 0;
    endpoint.publish("t", "x", 1);
    const size = core.transmit(client);
    endpoint.close();
    expect(core.transmitted(client, size, 0)).toBe(status.MISUSE_RANGE);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.advance(1000);
    endpoint.accept(true);
    expect(endpoint.takeLines()).toEqual(["publish 1 t=x"]);
  });
});

describe.each(builds)("messages sent again on the same connection, $name", build => {
  it("have DUP, and keep their order", () => {
    const endpoint = new Endpoint(build).online();
    publishAll(endpoint, 3, 1);
    endpoint.take();
    expect(endpoint.core.resend(endpoint.client)).toBe(status.OK);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 dup t=1", "publish 2 dup t=2", "publish 3 dup t=3"]);
    endpoint.serve({ cmd: "puback", messageId: 1 }, { cmd: "puback", messageId: 1 }, { cmd: "puback", messageId: 2 });
    expect(endpoint.takeEvents()).toEqual(published(1, 2));
    expect(endpoint.core.inFlight(endpoint.client)).toBe(1);
  });

  it("need a connection, and no packet that has left in part", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    expect(core.resend(client)).toBe(status.MISUSE_STATE);
    endpoint.online();
    endpoint.writeSize = 0;
    endpoint.publish("t", "x", 1);
    endpoint.writeSize = 1;
    endpoint.transmit();
    expect(core.resend(client)).toBe(status.FULL);
  });

  it("come twice at QoS 2 to nobody: PUBREC that crosses the resending", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.publish("t", "x", 2);
    endpoint.take();
    // The host asks for it, the transport is busy, and the server's PUBREC comes in.
    endpoint.writeSize = 0;
    endpoint.core.resend(endpoint.client);
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    const lines = endpoint.takeLines();
    // A server that had got PUBREL first would take the PUBLISH behind it for a new message [MQTT-4.3.3-2].
    const release = lines.indexOf("pubrel 1");
    expect(lines.slice(release === -1 ? lines.length : release)).not.toContain("publish 1 dup t=x");
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    endpoint.serve({ cmd: "pubcomp", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual(published(1));
  });

  it("do not make a fault of two answers to one request", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.subscribe(["a", 0]);
    endpoint.core.resend(endpoint.client);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["subscribe 1", "subscribe 1"]);
    endpoint.serve({ cmd: "suback", messageId: 1, granted: [0] }, { cmd: "suback", messageId: 1, granted: [0] });
    expect(endpoint.takeEvents()).toEqual([{ type: "subscribed", id: 1, codes: [0] }]);
  });
});
