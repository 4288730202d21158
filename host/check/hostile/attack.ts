/**
 * A client that breaks rules, against a broker on a port: one connection a fault. Whether the broker went on is asked with a PINGREQ
 * behind the fault, and behind all of them a client that keeps the rules has to be served.
 */
import { connect, type Socket } from "node:net";
import type { Verdict } from "./verdict.ts";
import { FROM_CLIENT, type Level, type WrongPacket } from "./wrong-packets.ts";

export interface AttackSettings {
  readonly host: string;
  readonly port: number;
  readonly level: Level;
  /** How long the broker has for each answer, ms. */
  readonly waitMs: number;
  onVerdict(verdict: Verdict): void;
}

const PINGREQ = [0xc0, 0];
const PINGRESP_TYPE = 0xd;
const CONNACK_TYPE = 0x2;
const PUBACK_TYPE = 0x4;

/** CONNECT with a clean session and this identifier. */
export function connectBytes(level: Level, clientId: string, keepAliveS = 60): number[] {
  const properties = level === 5 ? [0] : [];
  const body = [0, 4, 0x4d, 0x51, 0x54, 0x54, level, 2, keepAliveS >> 8, keepAliveS & 0xff, ...properties];
  body.push(0, clientId.length, ...Buffer.from(clientId));
  return [0x10, body.length, ...body];
}

/** A transport, and the types of packets that have come on it. */
class Wire {
  readonly types: number[] = [];
  isClosed = false;
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  #wake = () => {};

  constructor(host: string, port: number) {
    this.#socket = connect(port, host);
    this.#socket.on("data", bytes => {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      this.#split();
      this.#wake();
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  write(bytes: Uint8Array | readonly number[]): void {
    this.#socket.write(Uint8Array.from(bytes));
  }

  /** Nothing more is read, so that what the broker sends fills its buffers. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Resolves when `condition` holds, true, or when the time is over, false. */
  async until(condition: () => boolean, waitMs: number): Promise<boolean> {
    const endMs = performance.now() + waitMs;
    while (!condition()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  end(): void {
    this.#socket.destroy();
  }

  #split(): void {
    for (;;) {
      let size = 0;
      let at = 1;
      for (let shift = 0; ; shift += 7) {
        if (at >= this.#rest.length || at > 4) return;
        const byte = this.#rest[at];
        at += 1;
        size |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      if (this.#rest.length < at + size) return;
      this.types.push(this.#rest[0] >> 4);
      this.#rest = this.#rest.subarray(at + size);
    }
  }
}

/** Rejects with the socket's error where nobody listens. */
function reach(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}

/**
 * Breaks every rule, at the beginning and behind CONNACK. Answers the number of faults that the broker has shown. Rejects with the
 * socket's error where nobody listens.
 */
export async function attack(settings: AttackSettings): Promise<number> {
  await reach(settings.host, settings.port);
  let faultCount = 0;
  const tell = (verdict: Verdict) => {
    if (verdict.isFault) faultCount += 1;
    settings.onVerdict(verdict);
  };
  for (const wrong of FROM_CLIENT) {
    if (wrong.name !== "a second CONNECT") tell(await strike(settings, wrong, false));
    tell(await strike(settings, wrong, true));
  }
  for (const verdict of [
    await crawl(settings),
    await fallSilent(settings),
    await flood(settings),
    await promise(settings),
  ]) {
    tell(verdict);
  }
  tell(await serveHonest(settings));
  return faultCount;
}

async function strike(settings: AttackSettings, wrong: WrongPacket, isConnected: boolean): Promise<Verdict> {
  const { host, port, level, waitMs } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  if (isConnected) {
    wire.write(connectBytes(level, "hostile"));
    await wire.until(() => wire.isClosed || wire.types.includes(CONNACK_TYPE), waitMs);
  }
  wire.write([...wrong.bytes(level), ...PINGREQ]);
  await wire.until(() => wire.isClosed || wire.types.includes(PINGRESP_TYPE), waitMs);
  const outcome = wire.isClosed ? "closed" : wire.types.includes(PINGRESP_TYPE) ? "kept" : "silent";
  wire.end();
  return {
    name: `${wrong.name}, ${isConnected ? "behind CONNACK" : "before CONNECT"}`,
    rule: isConnected ? wrong.rule : "MQTT-3.1.0-1",
    outcome,
    isFault: isConnected ? wrong.mustClose && outcome !== "closed" : outcome !== "closed",
    ms: performance.now() - startMs,
  };
}

/** A verdict on a broker that has to answer something. */
function expecting(name: string, rule: string, startMs: number, isRight: boolean, isClosed: boolean): Verdict {
  const outcome = isClosed ? "closed" : isRight ? "kept" : "silent";
  return { name, rule, outcome, isFault: !isRight, ms: performance.now() - startMs };
}

/** CONNECT a byte at a time: slow, and no fault. */
async function crawl({ host, port, level, waitMs }: AttackSettings): Promise<Verdict> {
  const wire = new Wire(host, port);
  const startMs = performance.now();
  for (const byte of connectBytes(level, "crawling")) {
    wire.write([byte]);
    await new Promise(resolve => setImmediate(resolve));
  }
  const isRight = await wire.until(() => wire.isClosed || wire.types.includes(CONNACK_TYPE), waitMs);
  const isServed = isRight && wire.types.includes(CONNACK_TYPE);
  wire.end();
  return expecting("CONNECT a byte at a time", "2.2.3", startMs, isServed, wire.isClosed && !isServed);
}

/** A keep-alive of one second, then nothing: half open. Closed after one and a half, or soon after. */
async function fallSilent({ host, port, level, waitMs }: AttackSettings): Promise<Verdict> {
  const wire = new Wire(host, port);
  const startMs = performance.now();
  wire.write(connectBytes(level, "silent", 1));
  const isRight = await wire.until(() => wire.isClosed, waitMs + 5000);
  wire.end();
  return expecting("silence for longer than the keep-alive", "MQTT-3.1.2-24", startMs, isRight, isRight);
}

/** Ten thousand messages of QoS 2 that are never released, and answers that are never read. */
async function flood(settings: AttackSettings): Promise<Verdict> {
  const { host, port, level } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  wire.write(connectBytes(level, "flooding"));
  wire.stopReading();
  const properties = level === 5 ? [0] : [];
  for (let id = 1; id <= 10_000; id += 1) {
    const body = [0, 1, 0x74, id >> 8, id & 0xff, ...properties, 0x78];
    wire.write([0x34, body.length, ...body]);
  }
  const { isFault } = await serveHonest(settings);
  wire.end();
  return expecting("a flood of QoS 2, nothing read: others are served", "4.9", startMs, !isFault, false);
}

/** The head of a packet of 256 MiB, and no more: others are served. */
async function promise(settings: AttackSettings): Promise<Verdict> {
  const { host, port, level } = settings;
  const wires = Array.from({ length: 20 }, () => new Wire(host, port));
  const startMs = performance.now();
  for (const [index, wire] of wires.entries()) {
    wire.write([...connectBytes(level, `huge${index}`), 0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74]);
  }
  const { isFault } = await serveHonest(settings);
  for (const wire of wires) wire.end();
  return expecting("twenty packets of 256 MiB that never come: others are served", "2.2.3", startMs, !isFault, false);
}

/** A client that keeps the rules is accepted, and its QoS 1 message acknowledged. */
async function serveHonest({ host, port, level, waitMs }: AttackSettings): Promise<Verdict> {
  const wire = new Wire(host, port);
  const startMs = performance.now();
  const properties = level === 5 ? [0] : [];
  const publish = [0, 1, 0x74, 0, 1, ...properties, 0x78];
  wire.write([...connectBytes(level, "honest"), 0x32, publish.length, ...publish, ...PINGREQ]);
  const isAnswered = () => [CONNACK_TYPE, PUBACK_TYPE, PINGRESP_TYPE].every(type => wire.types.includes(type));
  await wire.until(() => wire.isClosed || isAnswered(), waitMs);
  const isRight = isAnswered();
  wire.end();
  return expecting("a client that keeps the rules is served", "MQTT-3.1.4-5", startMs, isRight, wire.isClosed);
}
