/**
 * The profile of a sensor, the module itself in an engine: what it has works, and what it has not is refused.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { LEAVING, PIECE_SIZE, REASON, RECEIVED_END, STATE, VIEW } from "../../assembly/layout.ts";
import { CONNECTED, MESSAGE, PUBLISHED, SUBSCRIBED } from "../../assembly/session/events.ts";
import * as states from "../../assembly/session/transitions.ts";
import * as status from "../../assembly/status.ts";
import { VIEW_ID, VIEW_PAYLOAD, VIEW_TOPIC, VIEW_TOPIC_SIZE } from "../../assembly/wire/publish.ts";
import { sensorModule } from "./builds.ts";
import { field } from "./wire/codec.ts";

const CLIENT = 16;

class Sensor {
  nowMs = 1000;
  readonly #module = sensorModule();
  readonly #bytes = this.#module.bytes;

  call(name: string, ...args: number[]): number {
    return this.#module.calls[name](CLIENT, ...args);
  }

  word(at: number): number {
    return new DataView(this.#bytes.buffer).getInt32(CLIENT + at, true);
  }

  text(at: number, size: number): string {
    return Buffer.from(this.#bytes.subarray(at, at + size)).toString();
  }

  get state(): number {
    return this.#bytes[CLIENT + STATE];
  }

  compose(at: number, bytes: number[]): number {
    if (at < 0) return at;
    this.#bytes.set(bytes, at);
    return this.call("commit");
  }

  publish(topic: string, payload: string, qos: number): number {
    const body = [...Buffer.from(topic), ...(qos > 0 ? [0, 0] : []), ...Buffer.from(payload)];
    return this.compose(this.call("publish", topic.length, payload.length, qos << 1), body);
  }

  subscribe(list: number[]): number {
    return this.compose(this.call("subscribe", list.length), list);
  }

  receive(...bytes: number[]): void {
    this.#bytes.set(bytes, this.word(RECEIVED_END));
    expect(this.call("received", bytes.length, this.nowMs)).toBe(0);
  }

  events(): number[] {
    const seen: number[] = [];
    for (let event = this.call("nextEvent", this.nowMs); event !== 0; event = this.call("nextEvent", this.nowMs))
      seen.push(event);
    return seen;
  }

  /** The transport is open and the server accepts; what leaves behind CONNECT is still to be taken. */
  accept(): void {
    this.call("opened", this.nowMs);
    this.sent();
    this.receive(0x20, 2, 0, 0);
    this.events();
  }

  /** The connection is lost; the next one, after the shortest wait. */
  reconnect(): void {
    this.call("closed", this.nowMs);
    this.nowMs += 1000;
    this.call("timedOut", this.nowMs);
    this.events();
    this.accept();
  }

  sent(): number[] {
    const bytes: number[] = [];
    for (let size = this.call("transmit"); size > 0; size = this.call("transmit")) {
      bytes.push(...this.#bytes.subarray(this.word(LEAVING), this.word(LEAVING) + size));
      this.call("transmitted", size, this.nowMs);
    }
    return bytes;
  }
}

describe("perigee-sensor.wasm", () => {
  let sensor: Sensor;

  beforeEach(() => {
    sensor = new Sensor();
    expect(sensor.call("initialize", 128, 128, 64, 1)).toBeGreaterThan(0);
    expect(sensor.compose(sensor.call("connect", 3, 2, 60), field("s"))).toBe(0);
    sensor.call("opened", sensor.nowMs);
    expect(sensor.sent()).toEqual([0x10, 13, ...field("MQTT"), 4, 2, 0, 60, ...field("s")]);
    sensor.receive(0x20, 2, 0, 0);
    expect(sensor.events()).toEqual([CONNECTED]);
  });

  it("sends at QoS 0 and 1, and again with DUP on the next connection", () => {
    expect([sensor.publish("a", "0", 0), sensor.publish("a", "1", 1), sensor.publish("a", "2", 1)]).toEqual([0, 1, 2]);
    const first = [0x32, 6, ...field("a"), 0, 1, 0x31];
    const second = [0x32, 6, ...field("a"), 0, 2, 0x32];
    expect(sensor.sent()).toEqual([0x30, 4, ...field("a"), 0x30, ...first, ...second]);
    sensor.receive(0x40, 2, 0, 1);
    expect(sensor.events()).toEqual([PUBLISHED]);
    expect(sensor.word(VIEW + VIEW_ID)).toBe(1);
    sensor.reconnect();
    expect(sensor.sent()).toEqual([0x3a, ...second.slice(1)]);
  });

  it("takes commands at QoS 0 and 1, and acknowledges them", () => {
    expect(sensor.subscribe([...field("c/+"), 1])).toBe(1);
    expect(sensor.sent()).toEqual([0x82, 8, 0, 1, ...field("c/+"), 1]);
    sensor.receive(0x90, 3, 0, 1, 1);
    expect(sensor.events()).toEqual([SUBSCRIBED]);
    sensor.receive(0x32, 9, ...field("c/x"), 0, 9, 0x6f, 0x6e);
    expect(sensor.call("nextEvent", sensor.nowMs)).toBe(MESSAGE);
    expect(sensor.text(sensor.word(VIEW + VIEW_TOPIC), sensor.word(VIEW + VIEW_TOPIC_SIZE))).toBe("c/x");
    expect(sensor.text(sensor.word(VIEW + VIEW_PAYLOAD), sensor.word(PIECE_SIZE))).toBe("on");
    sensor.events();
    expect(sensor.sent()).toEqual([0x40, 2, 0, 9]);
  });

  it("takes as many messages as it has room for acknowledgements, while none can leave", () => {
    const message = (id: number) => [0x32, 5, ...field("a"), 0, id];
    sensor.receive(...message(1), ...message(2), ...message(3), ...message(4), ...message(5), ...message(6));
    expect(sensor.events()).toEqual(new Array(5).fill(MESSAGE));
    expect(sensor.sent()).toEqual([1, 2, 3, 4, 5].flatMap(id => [0x40, 2, 0, id]));
    expect(sensor.events()).toEqual([MESSAGE]);
  });

  it("goes on through a thousand messages, whatever is acknowledged when", () => {
    let acknowledged = 0;
    for (let count = 1; count <= 1000; count++) {
      while (sensor.publish("topic", `${count}`, 1) === status.FULL) {
        acknowledged += 1;
        sensor.receive(0x40, 2, acknowledged >> 8, acknowledged & 0xff);
        expect(sensor.events()).toEqual([PUBLISHED]);
      }
      sensor.publish("topic", "", 0);
      sensor.sent();
    }
    expect(acknowledged).toBeGreaterThan(980);
  });

  it("disconnects, and keeps what is not acknowledged for the next connection", () => {
    const message = [0x32, 16, ...field("topic"), 0, 1, ...Buffer.from("payload")];
    sensor.publish("topic", "payload", 1);
    expect(sensor.sent()).toEqual(message);
    expect(sensor.call("disconnect", sensor.nowMs)).toBe(status.OK);
    expect(sensor.sent()).toEqual([0xe0, 0]);
    expect([sensor.state, sensor.word(REASON)]).toEqual([states.ENDING, status.ENDED_DISCONNECT]);
    sensor.call("closed", sensor.nowMs);
    sensor.events();
    expect(sensor.compose(sensor.call("connect", 3, 2, 60), field("s"))).toBe(0);
    sensor.accept();
    expect(sensor.sent()).toEqual([0x3a, ...message.slice(1)]);
  });

  it("moves its outbox under an acknowledgement that has left in part", () => {
    let count = 0;
    while (sensor.publish("topic", "payload", 1) > 0) count += 1;
    sensor.sent();
    sensor.receive(0x32, 9, ...field("c/x"), 0, 9, 0x6f, 0x6e);
    sensor.events();
    expect([sensor.call("transmit"), sensor.call("transmitted", 1, sensor.nowMs)]).toEqual([4, 0]);
    sensor.receive(0x40, 2, 0, 1);
    expect(sensor.events()).toEqual([PUBLISHED]);
    expect(sensor.publish("topic", "payload", 1)).toBe(count + 1);
    const message = [...field("topic"), 0, count + 1, ...Buffer.from("payload")];
    expect(sensor.sent()).toEqual([2, 0, 9, 0x32, message.length, ...message]);
  });

  it("moves its outbox under a message that has left in part", () => {
    let count = 0;
    while (sensor.publish("topic", "payload", 1) > 0) {
      count += 1;
      if (count < 3) sensor.sent();
    }
    const message = (id: number): number[] => [0x32, 16, ...field("topic"), 0, id, ...Buffer.from("payload")];
    expect([sensor.call("transmit"), sensor.call("transmitted", 5, sensor.nowMs)]).toEqual([18, 0]);
    sensor.receive(0x40, 2, 0, 1);
    expect(sensor.events()).toEqual([PUBLISHED]);
    expect(sensor.publish("topic", "payload", 1)).toBe(count + 1);
    const others = Array.from({ length: count - 2 }, (_, index) => message(4 + index)).flat();
    expect(sensor.sent()).toEqual([...message(3).slice(5), ...others]);
  });

  it("keeps what it has sent as it is while messages come in", () => {
    const text = "a payload of thirty-two bytes...";
    expect(sensor.publish("a", text, 1)).toBe(1);
    const message = [...field("a"), 0, 1, ...Buffer.from(text)];
    expect(sensor.sent()).toEqual([0x32, message.length, ...message]);
    for (let id = 1; id <= 3; id += 1) {
      sensor.receive(0x32, 6, ...field("c"), 0, id, 0x78);
      expect(sensor.events()).toEqual([MESSAGE]);
      expect(sensor.sent()).toEqual([0x40, 2, 0, id]);
    }
    sensor.reconnect();
    expect(sensor.sent()).toEqual([0x3a, message.length, ...message]);
  });

  it("leaves out what the profile says: gaps between messages stay, and the codes of SUBACK are not counted", () => {
    while (sensor.publish("topic", "payload", 1) > 0);
    sensor.sent();
    sensor.receive(0x40, 2, 0, 2);
    expect(sensor.events()).toEqual([PUBLISHED]);
    expect(sensor.publish("topic", "payload", 1)).toBe(status.FULL);
    sensor.receive(0x40, 2, 0, 1);
    sensor.events();
    const id = sensor.subscribe([...field("c"), 1]);
    expect(id).toBeGreaterThan(0);
    sensor.sent();
    sensor.receive(0x90, 4, 0, id, 1, 1);
    expect(sensor.events()).toEqual([SUBSCRIBED]);
  });

  it("pings, and closes where nothing answers", () => {
    sensor.nowMs += 60_000;
    sensor.call("timedOut", sensor.nowMs);
    expect(sensor.sent()).toEqual([0xc0, 0]);
    sensor.nowMs += 60_000;
    sensor.call("timedOut", sensor.nowMs);
    sensor.events();
    expect([sensor.state, sensor.word(REASON)]).toEqual([states.CLOSING, status.ENDED_TIMEOUT]);
  });

  it("has no QoS 2, text beside ASCII, nor misplaced wildcards", () => {
    expect(sensor.publish("a", "x", 2)).toBe(status.MISUSE_QOS);
    expect(sensor.subscribe([...field("a"), 2])).toBe(status.MISUSE_QOS);
    expect(sensor.subscribe([...field("a#"), 0])).toBe(status.MISUSE_FILTER);
    expect(sensor.publish("a/+", "x", 0)).toBe(status.MISUSE_TOPIC);
    expect(sensor.compose(sensor.call("publish", 2, 0, 0), [0xc3, 0xa9])).toBe(status.MISUSE_TOPIC);
  });

  it("takes 184 bytes and the regions, no option behind the seed, no flag of MQTT 3.1, and QoS 1 at most", () => {
    expect(sensor.call("initialize", 32, 16, 16, 1)).toBe(184 + 32 + 16 + 16);
    expect([sensor.call("configure", 4, 1), sensor.call("configure", 5, 0)]).toEqual([status.OK, status.MISUSE_RANGE]);
    const flags = [0, 1, 2, 0x80, 0xfe, 0xff, 0x100];
    expect(flags.filter(value => sensor.call("connect", 3, value, 0) > 0)).toEqual([0, 2, 0x80, 0xfe]);
    // A header of 2, a variable header of 10.
    expect([4, 5].map(size => sensor.call("connect", size, 2, 0) > 0)).toEqual([true, false]);
    const qualities = [0, 1, 2, 3, 4, 5, 6];
    expect(qualities.filter(value => sensor.call("publish", 1, 0, value) > 0)).toEqual([0, 1, 2, 3]);
  });

  it("leaves it to the host how many filters it asks for at once: codes of SUBACK are not counted", () => {
    sensor.call("initialize", 32, 256, 64, 1);
    expect(sensor.subscribe(Array.from({ length: 40 }, () => [...field("a"), 0]).flat())).toBe(1);
  });

  it.each([
    ["every character of one byte", [0x01, 0x7f, 0x2c, 0x2a, 0x22], true],
    ["U+0000", [0x61, 0x00], false],
    ["U+0000 behind four others", [0x61, 0x61, 0x61, 0x61, 0x00], false],
    ["U+0080", [0xc2, 0x80], false],
    ["a byte of 0x80", [0x80], false],
    ["a byte of 0xff behind four others", [0x61, 0x61, 0x61, 0x61, 0xff], false],
    ["a wildcard behind four others", [0x61, 0x61, 0x61, 0x2f, 0x2b], false],
  ])("takes a topic of %s: %s", (_, topic, isTaken) => {
    expect(sensor.compose(sensor.call("publish", topic.length, 0, 0), topic)).toBe(isTaken ? 0 : status.MISUSE_TOPIC);
  });

  it.each([
    ["a message of QoS 2", [0x34, 5, ...field("c"), 0, 1], status.MALFORMED_QOS],
    ["a message of QoS 3", [0x36, 5, ...field("c"), 0, 1], status.MALFORMED_QOS],
    ["a packet of type 0", [0, 0], status.UNEXPECTED_TYPE],
    ["a PUBREC", [0x50, 2, 0, 1], status.UNEXPECTED_TYPE],
    ["a PUBREL", [0x62, 2, 0, 1], status.UNEXPECTED_TYPE],
    ["a PUBCOMP", [0x70, 2, 0, 1], status.UNEXPECTED_TYPE],
    ["a DISCONNECT", [0xe0, 0], status.UNEXPECTED_TYPE],
    ["a second CONNACK", [0x20, 2, 0, 0], status.UNEXPECTED_CONNACK],
    ["a message over its region", [0x30, 0xff, 0x01, 0], status.UNEXPECTED_SIZE],
    ["a topic with a wildcard", [0x30, 3, ...field("#")], status.MALFORMED_TOPIC],
    ["a topic with U+0000", [0x30, 3, 0, 1, 0], status.MALFORMED_UTF8],
    ["a topic behind the packet", [0x30, 3, 0, 2, 0x61], status.MALFORMED_SIZE],
    ["a PUBACK of one byte", [0x40, 1, 0], status.MALFORMED_SIZE],
  ])("closes on %s", (_, bytes, reason) => {
    sensor.receive(...bytes);
    sensor.events();
    expect([sensor.state, sensor.word(REASON)]).toEqual([states.CLOSING, reason]);
  });
});
