// Messages that expire, of a session that comes back from its store: the time before it came back is the store's to know, not the clock's.
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { decodePacket } from "../../host/broker/codec/packet.ts";
import { Driver } from "../../host/client/driver.ts";
import type { DriverHandler } from "../../host/client/driver-handler.ts";
import { settle } from "../../host/client/options.ts";

/** Keeps what is saved and sent, and does nothing else. */
class Recorder implements DriverHandler {
  record: Uint8Array | undefined;
  sent = Buffer.alloc(0);
  open(): void {}
  close(): void {}
  connected(): void {}
  message(): void {}
  oversize(): void {}
  save(record: Uint8Array): void {
    this.record = record;
  }
  write(bytes: Uint8Array): number {
    this.sent = Buffer.concat([this.sent, bytes]);
    return bytes.length;
  }
}

const SETTINGS = settle({
  protocolVersion: 5,
  clientId: "roof",
  clean: false,
  outboxSize: 1024,
  store: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
});
/** CONNACK, section 3.2: session present, success, no properties. */
const CONNACK = Buffer.of(0x20, 0x03, 0x01, 0x00, 0x00);

test.each([0, 3_000, 40_000_000])(
  "restored at %i ms of the clock, a message has what it had left, less what has passed since",
  atMs => {
    const before = new Recorder();
    const driver = new Driver(SETTINGS, before);
    const nobody = { done: () => {}, failed: () => {} };
    const properties = { messageExpirySeconds: 100 };
    driver.publish("a", Buffer.from("21.5"), 1, false, nobody, { properties, now: 7_000 });
    driver.proceed(7_000);

    const after = new Recorder();
    const restored = new Driver(SETTINGS, after, before.record, atMs);
    restored.connect(atMs + 2_000);
    restored.opened(atMs + 2_000);
    restored.saved(atMs + 2_000);
    after.sent = Buffer.alloc(0);
    restored.received(CONNACK, atMs + 4_000);
    restored.saved(atMs + 4_000);
    const packet = decodePacket(after.sent, after.sent[0], 2, after.sent.length, 5);
    expect(packet).toMatchObject({ type: "PUBLISH", topic: "a", isDup: true, properties: { messageExpiryS: 96 } });
  },
);
