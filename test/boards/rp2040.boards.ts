// The client on an emulated Pico, its power cut after every instruction of a publish and of a receive, with the reference broker.
//
// What a power cut leaves is the flash and what the broker knows. The emulator and the broker are deterministic, so where an
// instruction changed neither, the reboot behind it is the one that was run already, and is counted and not run again.
import { beforeAll, describe, expect, it } from "vitest";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { Broker, type Connection } from "../../host/broker/index.ts";
import { havePeers } from "../peers.ts";
import { compilePico, type Firmware, Pico } from "./pico.ts";

const RUN_MAX = 3_000_000;
const BLANK = new Uint8Array(4 * 4096).fill(0xff);

/** What a broker has seen of the board: enough to make another broker that knows the same. */
type Seen = "open" | "close" | "inbound" | number;

/** The broker, a witness who sees each message that it takes once, and the board's end of the line. */
class Bench {
  readonly #broker = new Broker({ sysIntervalMs: 0 });
  #connection: Connection | undefined;
  readonly taken: string[] = [];
  readonly seen: Seen[] = [];

  constructor(pico: Pico, history: readonly Seen[]) {
    const framer = new Framer(4096);
    const witness = this.#broker.connect(0, {
      send: bytes => {
        framer.feed(bytes);
        while (framer.next()) {
          const packet = decodePacket(framer.bytes, framer.first, framer.start, framer.end, 4);
          if (packet.type === "PUBLISH") this.taken.push(Buffer.from(packet.payload).toString());
        }
      },
      close: () => {},
    });
    const say = (packet: Packet) => this.#broker.receive(witness, encodePacket(packet, 4), 0);
    say({ type: "CONNECT", level: 4, cleanSession: true, keepAliveS: 0, clientId: "witness" } as Packet);
    say({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "numbers/#", qos: 0 }] } as unknown as Packet);
    for (const step of history) this.#apply(step, undefined);
    this.#apply("close", undefined);
    pico.line = {
      open: () => this.#apply("open", pico),
      close: () => this.#apply("close", pico),
      byte: value => this.#apply(value, pico),
    };
  }

  /** Another client publishes to the board, at QoS 2. */
  publishInbound(): void {
    this.#apply("inbound", undefined);
  }

  #apply(step: Seen, pico: Pico | undefined): void {
    const broker = this.#broker;
    this.seen.push(step);
    if (step === "open") {
      this.#connection = broker.connect(0, { send: bytes => pico?.feed(Uint8Array.from(bytes)), close: () => {} });
    } else if (step === "close") {
      if (this.#connection !== undefined) broker.closed(this.#connection, 0);
      this.#connection = undefined;
    } else if (step === "inbound") {
      const sender = broker.connect(0, { send: () => {}, close: () => {} });
      const say = (packet: unknown) => broker.receive(sender, encodePacket(packet as Packet, 4), 0);
      say({ type: "CONNECT", level: 4, cleanSession: true, keepAliveS: 0, clientId: "sender" });
      const payload = Buffer.from("hello");
      say({ type: "PUBLISH", topic: "boards/pico/it", payload, qos: 2, packetId: 1, dup: false, retain: false });
      say({ type: "PUBREL", packetId: 1 });
      broker.closed(sender, 0);
    } else if (this.#connection !== undefined) {
      broker.receive(this.#connection, Uint8Array.of(step), 0);
    }
  }
}

const hasSaid = (pico: Pico, text: string) => pico.said.some(line => line.startsWith(text));

/** Runs until the board has said it and nothing more is on its way. Throws where it never does. */
function runUntil(pico: Pico, isOver: () => boolean, what: string): void {
  const from = pico.instructions;
  while (!isOver()) {
    pico.step();
    if (pico.instructions - from > RUN_MAX) throw new Error(`${what}: never over; it said ${pico.said.join("; ")}`);
  }
}

interface Outcome {
  readonly taken: readonly string[];
  /** What the board said behind the cut, and how often it said "received" before. */
  readonly said: readonly string[];
  readonly receivedBefore: number;
}

interface Report {
  readonly cutCount: number;
  readonly outcomes: readonly Outcome[];
}

/** Cuts the power behind every instruction of a run of `firmware` from `store` until it is over, and reboots. */
function cutEverywhere(
  firmware: Firmware,
  store: Uint8Array,
  history: readonly Seen[],
  isOver: (pico: Pico) => boolean,
): Report {
  const [pico, rebooted] = [new Pico(firmware), new Pico(firmware)];
  const bench = new Bench(pico, history);
  pico.powerOn(store);
  const outcomes: Outcome[] = [];
  let kept = Uint8Array.from(pico.store);
  let seenCount = -1;
  let receivedCount = -1;
  let cutCount = 0;
  while (!isOver(pico)) {
    pico.step();
    cutCount++;
    const received = pico.said.filter(line => line.startsWith("received")).length;
    const isSame =
      bench.seen.length === seenCount && received === receivedCount && Buffer.compare(kept, pico.store) === 0;
    if (isSame) continue;
    kept = Uint8Array.from(pico.store);
    seenCount = bench.seen.length;
    receivedCount = received;
    const after = new Bench(rebooted, bench.seen);
    rebooted.powerOn(kept);
    runUntil(rebooted, () => isOver(rebooted), `cut behind instruction ${cutCount}`);
    outcomes.push({ taken: [...after.taken], said: [...rebooted.said], receivedBefore: received });
  }
  return { cutCount, outcomes };
}

describe.skipIf(!havePeers("arm", "wasm2c"))("a Pico whose power is cut behind every instruction", () => {
  /** A board that has a session at the broker, and nothing to do. */
  let store: Uint8Array;
  let history: readonly Seen[];
  let idle: Firmware & { flashBytes: number; ramBytes: number };

  const compileCount = (count: number, qos: number) =>
    compilePico("test/boards/firmware/count.c", [`-DCOUNT=${count}`, `-DQOS=${qos}`, "-DFLASH_SECTOR_COUNT=4u"]);

  beforeAll(() => {
    idle = compileCount(0, 1);
    const pico = new Pico(idle);
    const bench = new Bench(pico, []);
    pico.powerOn(BLANK);
    // SUBSCRIBE has left, and its answer has come, when the store is written for the last time.
    runUntil(pico, () => hasSaid(pico, "connected"), "the first connection");
    for (let count = 0; count < 200_000; count++) pico.step();
    store = Uint8Array.from(pico.store);
    history = [...bench.seen];
  });

  it("is an image of at most 32 KiB, with at most 6 KiB of data", () => {
    expect(idle.flashBytes).toBeLessThanOrEqual(32 * 1024);
    expect(idle.ramBytes).toBeLessThanOrEqual(6 * 1024);
  });

  it.each([1, 2])("loses nothing of a publish at QoS %d, and doubles nothing that the QoS promises once", qos => {
    const firmware = compileCount(1, qos);
    const { cutCount, outcomes } = cutEverywhere(firmware, store, history, pico => hasSaid(pico, "done"));
    expect(cutCount).toBeGreaterThanOrEqual(5000);
    expect(outcomes.length).toBeGreaterThan(50);
    const counts = new Set(outcomes.map(({ taken }) => taken.length));
    for (const { taken } of outcomes) expect(new Set(taken)).toEqual(new Set(["00001"]));
    // QoS 1 promises at least once: a PUBACK that was lost means that the message is sent again, with DUP.
    expect([...counts].sort()).toEqual(qos === 2 ? [1] : [1, 2]);
  });

  it("receives at QoS 2: counted once behind every cut, and shown twice only in the window that the design names", () => {
    const pico = new Pico(idle);
    const bench = new Bench(pico, history);
    bench.publishInbound();
    const isOver = (board: Pico) => hasSaid(board, "quiet");
    const firmware = compilePico("test/boards/firmware/receive.c", ["-DFLASH_SECTOR_COUNT=4u"]);
    const { cutCount, outcomes } = cutEverywhere(firmware, store, bench.seen, isOver);
    expect(cutCount).toBeGreaterThanOrEqual(5000);
    const shown = outcomes.map(
      ({ said, receivedBefore }) => receivedBefore + said.filter(line => line.startsWith("received")).length,
    );
    for (const { said } of outcomes) expect(said.at(-1)).toBe("quiet00001");
    expect(new Set(shown)).toEqual(new Set([1, 2]));
    // The window is one stretch: from the handler until the identifier and the word are in the flash.
    const [first, last] = [shown.indexOf(2), shown.lastIndexOf(2)];
    expect(shown.slice(first, last + 1)).toEqual(Array.from({ length: last - first + 1 }, () => 2));
    expect(last - first).toBeLessThan(outcomes.length / 2);
  });
});
