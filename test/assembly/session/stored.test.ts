/**
 * What a host is asked to store, to the byte: no less than what has changed, and no more, for a flash wears out.
 */
import { describe, expect, it } from "vitest";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoint5 } from "./endpoint5.ts";

const builds = await coreBuilds();

/** Identifier, head and tail, and three identifiers of messages received. */
const FIELDS = 12 + 3 * 2;
/** Bytes of a PUBLISH of QoS 1 to "t" with one byte of payload. */
const SIZE = 8;

/** Bytes of the fields that have to be stored, and those of the outbox: where they begin in it, and how many. */
function pending({ core, client }: Endpoint | Endpoint5): { fields: number; at: number; size: number } {
  const outboxAt = core.sessionAddress(client) + FIELDS;
  expect(core.pendingStoreAddress(client, 0)).toBe(core.sessionAddress(client));
  const size = core.pendingStore(client, 1);
  const at = size === 0 ? 0 : core.pendingStoreAddress(client, 1) - outboxAt;
  return { fields: core.pendingStore(client, 0), at, size };
}

/** The same; then it is stored, and the client goes on. */
function store(endpoint: Endpoint | Endpoint5): { fields: number; at: number; size: number } {
  const answer = pending(endpoint);
  endpoint.core.stored(endpoint.client);
  expect(pending(endpoint)).toEqual(NOTHING);
  endpoint.run();
  return answer;
}

const NOTHING = { fields: 0, at: 0, size: 0 };

describe.each(builds)("what has to be stored, $name,", build => {
  const online = (outbox = 64): Endpoint => {
    const endpoint = new Endpoint(build, { isDurable: true, inbound: 3, outbox });
    expect(pending(endpoint)).toEqual(NOTHING);
    endpoint.online();
    endpoint.isStoring = false;
    return endpoint;
  };

  it("is the message that was taken, and the fields", () => {
    const endpoint = online();
    endpoint.publish("t", "1", 1);
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: SIZE });
    // That it has left is stored with the next change: it may go out without DUP no more than once.
    expect(pending(endpoint)).toEqual(NOTHING);
    endpoint.publish("t", "2", 1);
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 2 * SIZE });
    endpoint.serve({ cmd: "puback", messageId: 2 });
    // What has ended begins with 0, also to the next version of this core.
    expect(endpoint.core.bytes[endpoint.core.pendingStoreAddress(endpoint.client, 1)]).toBe(0);
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: SIZE, size: 1 });
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 1 });
  });

  it("is nothing of a message of QoS 0 by itself", () => {
    const endpoint = online();
    endpoint.publish("t", "0", 0);
    expect(endpoint.takeLines()).toEqual(["publish t=0"]);
    expect(pending(endpoint)).toEqual(NOTHING);
  });

  it("is the state of a message of QoS 2, one byte of it", () => {
    const endpoint = online();
    endpoint.publish("t", "1", 1);
    endpoint.publish("t", "2", 2);
    store(endpoint);
    endpoint.publish("t", "3", 1);
    store(endpoint);
    endpoint.serve({ cmd: "pubrec", messageId: 2 });
    expect(pending(endpoint)).toEqual({ fields: FIELDS, at: SIZE, size: SIZE + 1 });
    store(endpoint);
    endpoint.serve({ cmd: "pubcomp", messageId: 2 });
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: SIZE, size: 1 });
  });

  it("is the identifiers alone where a message comes in, and where it ends", () => {
    const endpoint = online();
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 9, dup: false, retain: false });
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 0 });
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 9, dup: true, retain: false });
    expect(pending(endpoint)).toEqual(NOTHING);
    endpoint.serve({ cmd: "pubrel", messageId: 9 });
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 0 });
    endpoint.serve({ cmd: "pubrel", messageId: 9 });
    expect(pending(endpoint)).toEqual(NOTHING);
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 1, messageId: 9, dup: false, retain: false });
    expect(pending(endpoint)).toEqual(NOTHING);
  });

  it("is only the new message where it fits behind the others, and all that moves where it does not", () => {
    for (const [outbox, at, size] of [
      [4 * SIZE, 3 * SIZE, SIZE],
      [4 * SIZE - 1, 0, 3 * SIZE],
    ]) {
      const endpoint = online(outbox);
      for (const text of ["1", "2", "3"]) endpoint.publish("t", text, 1);
      store(endpoint);
      endpoint.serve({ cmd: "puback", messageId: 1 });
      store(endpoint);
      endpoint.publish("t", "4", 1);
      expect([outbox, store(endpoint)]).toEqual([outbox, { fields: FIELDS, at, size }]);
    }
  });

  it("is what has moved for a message that never came, before the new places are stored", () => {
    const endpoint = online(4 * SIZE - 1);
    for (const text of ["1", "2", "3"]) endpoint.publish("t", text, 1);
    store(endpoint);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    store(endpoint);
    expect(endpoint.core.publish(endpoint.client, 1, 1, 2)).toBeGreaterThan(0);
    endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 2, messageId: 9, dup: false, retain: false });
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 2 * SIZE });
  });

  it("is all that moves over a gap in the middle", () => {
    const endpoint = online(4 * SIZE);
    for (const text of ["1", "2", "3", "4"]) endpoint.publish("t", text, 1);
    store(endpoint);
    endpoint.serve({ cmd: "puback", messageId: 2 });
    store(endpoint);
    endpoint.publish("t", "5", 1);
    const { at, size } = store(endpoint);
    expect(at).toBeLessThanOrEqual(SIZE);
    expect(at + size).toBe(4 * SIZE);
  });
});

describe.each(builds)("what has to be stored of a session of 5.0, $name,", build => {
  const CONNECT = { properties: [0x11, 0, 0, 1, 0] };
  const connecting = (): Endpoint5 => {
    const endpoint = new Endpoint5(build, { isDurable: true, inbound: 3, outbox: 64 });
    endpoint.isStoring = false;
    endpoint.connect(CONNECT);
    store(endpoint);
    return endpoint;
  };

  it("is its version, from when it is spoken", () => {
    const endpoint = new Endpoint(build, { isDurable: true, inbound: 3 });
    const { core, client } = endpoint;
    expect([core.speak(client, 4), pending(endpoint)]).toEqual([0, NOTHING]);
    expect([core.speak(client, 5), store(endpoint).fields]).toEqual([0, FIELDS]);
    expect([core.speak(client, 5), pending(endpoint)]).toEqual([0, NOTHING]);
    expect([core.speak(client, 4), store(endpoint).fields]).toEqual([0, FIELDS]);
  });

  it("is the interval of a message that expires once a second has passed, and not before", () => {
    const endpoint = connecting();
    endpoint.publish("t", "1", 1, [0x02, 0, 0, 0, 9]);
    store(endpoint);
    endpoint.publish("t", "2", 1);
    const alone = store(endpoint);
    endpoint.core.tick(endpoint.client, endpoint.nowMs + 999);
    endpoint.publish("t", "3", 1);
    expect(store(endpoint)).toEqual({ ...alone, at: alone.at + alone.size });
    endpoint.core.tick(endpoint.client, endpoint.nowMs + 1000);
    endpoint.publish("t", "4", 1);
    // Behind the fixed header, the topic, the identifier, the size of the properties and the property's own identifier.
    const at = 2 + 3 + 2 + 1 + 1;
    expect(store(endpoint)).toEqual({ ...alone, at, size: alone.at + 3 * alone.size - at });
  });

  it("is the four bytes of an interval, where nothing else has changed", () => {
    const endpoint = connecting();
    endpoint.accept();
    endpoint.writeSize = 0;
    store(endpoint);
    endpoint.publish("t", "0", 0);
    endpoint.publish("t", "1", 1, [0x02, 0, 0, 0, 9]);
    store(endpoint);
    endpoint.core.tick(endpoint.client, endpoint.nowMs + 1000);
    endpoint.serve(0x34, ...field("a"), 0, 9, 0);
    // Behind the first message, and what stands before the interval in the second.
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 7 + 2 + 3 + 2 + 1 + 1, size: 4 });
  });

  it("is no interval of a message that the server has received: it cannot expire any more", () => {
    const endpoint = connecting();
    endpoint.accept();
    store(endpoint);
    endpoint.publish("t", "1", 2, [0x02, 0, 0, 0, 9]);
    store(endpoint);
    endpoint.serve(0x50, 0, 1);
    store(endpoint);
    endpoint.core.tick(endpoint.client, endpoint.nowMs + 1000);
    endpoint.serve(0x34, ...field("a"), 0, 9, 0);
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 0 });
  });

  it("is no byte of a request where the server has lost the session, and the first of a message", () => {
    const endpoint = connecting();
    endpoint.accept();
    store(endpoint);
    endpoint.subscribe([...field("a"), 0]);
    store(endpoint);
    endpoint.reconnect([], false);
    expect(store(endpoint)).toEqual({ fields: FIELDS, at: 0, size: 0 });
    endpoint.publish("t", "1", 1);
    const { at } = store(endpoint);
    // That it has left is stored; then that it is new again.
    endpoint.publish("t", "2", 1);
    store(endpoint);
    endpoint.reconnect([], true);
    expect(pending(endpoint)).toEqual(NOTHING);
    endpoint.reconnect([], false);
    const { at: first, fields } = store(endpoint);
    expect([first, fields]).toEqual([at, FIELDS]);
  });
});
