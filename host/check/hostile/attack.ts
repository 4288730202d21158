/**
 * A client that breaks rules, against a broker on a port: one connection a fault. Whether the broker went on is asked with a PINGREQ
 * behind the fault, and behind all of them a client that keeps the rules has to be served.
 */
import { encodePacket } from "../../broker/codec/packet.ts";
import { Wire } from "./raw-wire.ts";
import type { Verdict } from "./verdict.ts";
import { FROM_CLIENT, type Level, type WrongPacket } from "./wrong-packets.ts";

export interface AttackSettings {
  readonly host: string;
  readonly port: number;
  readonly level: Level;
  /** How long the broker has for each answer, ms. */
  readonly waitMs: number;
  /** Where the broker wants to know who comes. */
  readonly username?: string;
  readonly password?: string;
  onVerdict(verdict: Verdict): void;
}

const PINGREQ = [0xc0, 0];
const PINGRESP_TYPE = 0xd;
const CONNACK_TYPE = 0x2;
const ACCEPTED = 0;
const PUBACK_TYPE = 0x4;

/** Somebody listens, and lets nobody in. */
export class HostileError extends Error {
  override readonly name = "HostileError";
}

/** CONNECT with a clean session and this identifier. */
function connectBytes({ level, username, password }: AttackSettings, clientId: string, keepAliveS = 60): Uint8Array {
  const secret = password === undefined ? undefined : Buffer.from(password);
  return encodePacket({ type: "CONNECT", level, cleanSession: true, keepAliveS, clientId, username, password: secret });
}

/** Rejects unless somebody listens there and lets a client that keeps the rules in: else what follows would be closed for other reasons. */
async function enter(settings: AttackSettings): Promise<void> {
  const { host, port, waitMs } = settings;
  const wire = new Wire(host, port);
  wire.write(connectBytes(settings, "honest"));
  await wire.until(() => wire.isClosed || wire.connackCode !== null, waitMs);
  const { error, connackCode, isClosed } = wire;
  wire.end();
  if (error !== null && connackCode === null) throw error;
  if (connackCode === ACCEPTED) return;
  const place = `${host}:${port}`;
  if (connackCode !== null)
    throw new HostileError(`${place} refuses a client that keeps the rules: ${refusal(connackCode)}`);
  throw new HostileError(`${place} ${isClosed ? "closes over" : `has no answer within ${waitMs} ms to`} CONNECT`);
}

/** CONNACK's code, 3.1.1 table 3.1 and 5.0 table 3-1, and what may help. */
function refusal(code: number): string {
  if (code === 0x01 || code === 0x84) return `code ${code}, it does not speak that protocol level (--level)`;
  if ([0x04, 0x05, 0x86, 0x87].includes(code)) return `code ${code}, not authorized (--username, --pw)`;
  return `code ${code}`;
}

/**
 * Breaks every rule, at the beginning and behind CONNACK. Answers the number of faults that the broker has shown. Rejects with the
 * socket's error where nobody listens, and with a HostileError where nobody is let in.
 */
export async function attack(settings: AttackSettings): Promise<number> {
  await enter(settings);
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
  const what = {
    name: `${wrong.name}, ${isConnected ? "behind CONNACK" : "before CONNECT"}`,
    rule: isConnected ? wrong.rule : "MQTT-3.1.0-1",
  };
  if (isConnected) {
    wire.write(connectBytes(settings, "hostile"));
    await wire.until(() => wire.isClosed || wire.connackCode !== null, waitMs);
  } else await wire.until(() => wire.isClosed || wire.isOpen, waitMs);
  // Who was not let in has been closed for another reason than the fault.
  if (isConnected ? wire.connackCode !== ACCEPTED : !wire.isOpen) {
    wire.end();
    return { ...what, outcome: "unreached", isFault: false, ms: performance.now() - startMs };
  }
  wire.write([...wrong.bytes(level), ...PINGREQ]);
  await wire.until(() => wire.isClosed || wire.types.includes(PINGRESP_TYPE), waitMs);
  const outcome = wire.isClosed ? "closed" : wire.types.includes(PINGRESP_TYPE) ? "kept" : "silent";
  wire.end();
  return {
    ...what,
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
async function crawl(settings: AttackSettings): Promise<Verdict> {
  const { host, port, waitMs } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  for (const byte of connectBytes(settings, "crawling")) {
    wire.write([byte]);
    await new Promise(resolve => setImmediate(resolve));
  }
  await wire.until(() => wire.isClosed || wire.connackCode !== null, waitMs);
  const isServed = wire.connackCode === ACCEPTED;
  wire.end();
  return expecting("CONNECT a byte at a time", "2.2.3", startMs, isServed, wire.isClosed && !isServed);
}

/** A keep-alive of one second, then nothing: half open. Closed after one and a half, or soon after. */
async function fallSilent(settings: AttackSettings): Promise<Verdict> {
  const { host, port, waitMs } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  wire.write(connectBytes(settings, "silent", 1));
  const isRight = await wire.until(() => wire.isClosed, waitMs + 5000);
  wire.end();
  return expecting("silence for longer than the keep-alive", "MQTT-3.1.2-24", startMs, isRight, isRight);
}

/** Ten thousand messages of QoS 2 that are never released, and answers that are never read. */
async function flood(settings: AttackSettings): Promise<Verdict> {
  const { host, port, level } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  wire.write(connectBytes(settings, "flooding"));
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
  const { host, port } = settings;
  const wires = Array.from({ length: 20 }, () => new Wire(host, port));
  const startMs = performance.now();
  for (const [index, wire] of wires.entries()) {
    wire.write([...connectBytes(settings, `huge${index}`), 0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74]);
  }
  const { isFault } = await serveHonest(settings);
  for (const wire of wires) wire.end();
  return expecting("twenty packets of 256 MiB that never come: others are served", "2.2.3", startMs, !isFault, false);
}

/** A client that keeps the rules is accepted, and its QoS 1 message acknowledged. */
async function serveHonest(settings: AttackSettings): Promise<Verdict> {
  const { host, port, level, waitMs } = settings;
  const wire = new Wire(host, port);
  const startMs = performance.now();
  const properties = level === 5 ? [0] : [];
  const publish = [0, 1, 0x74, 0, 1, ...properties, 0x78];
  wire.write([...connectBytes(settings, "honest"), 0x32, publish.length, ...publish, ...PINGREQ]);
  const isAnswered = () =>
    [CONNACK_TYPE, PUBACK_TYPE, PINGRESP_TYPE].every(type => wire.types.includes(type)) &&
    wire.connackCode === ACCEPTED;
  await wire.until(() => wire.isClosed || isAnswered(), waitMs);
  const isRight = isAnswered();
  wire.end();
  return expecting("a client that keeps the rules is served", "MQTT-3.1.4-5", startMs, isRight, wire.isClosed);
}
