/**
 * Where mosquitto and this broker answer the same exchange differently: differences.md is the committed list, and this
 * test holds it against both. A new difference fails it until DECISIONS names the section that decides; `-u` rewrites the
 * list.
 *
 * Every step is followed by a PINGREQ of each client, whose PINGRESP says that all that the step has caused has come.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { listen } from "../../host/broker/index.ts";
import { packetText } from "../../host/broker/packet-text.ts";
import { havePeers } from "../peers.ts";
import * as first from "./exchanges.ts";
import { DECISIONS_5, EXCHANGES_5 } from "./exchanges5.ts";
import { start } from "./real.ts";

type Exchange = first.Exchange;
const EXCHANGES = [...first.EXCHANGES, ...EXCHANGES_5];
const DECISIONS = { ...first.DECISIONS, ...DECISIONS_5 };

/** The list is of Debian's mosquitto. */
const VERSION = "2.0.11";
const WITH_SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

function versionOf(): string {
  return (
    /version (\S+)/.exec(spawnSync("mosquitto", ["-h"], { env: WITH_SBIN, encoding: "utf8" }).stdout ?? "")?.[1] ?? ""
  );
}

/** One client's socket, and what has come over it. */
class Talker {
  readonly texts: string[] = [];
  isEnded = false;
  readonly #socket: net.Socket;
  readonly #level: number;
  readonly #framer = new Framer(0x1000_0000);
  #answerCount = 0;
  #wake: (() => void) | undefined;

  constructor(port: number, level: number) {
    this.#level = level;
    this.#socket = net.connect(port, "127.0.0.1");
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.isEnded = true;
      this.#wake?.();
    });
    this.#socket.on("data", bytes => {
      this.#framer.feed(bytes);
      while (this.#framer.next()) this.#hear();
      this.#wake?.();
    });
  }

  #hear(): void {
    const { bytes, first, start, end } = this.#framer;
    if (first === 0xd0) {
      this.#answerCount++;
      return;
    }
    this.texts.push(packetText(plain(decodePacket(bytes, first, start, end, this.#level)), this.#level));
  }

  send(bytes: Uint8Array): void {
    if (!this.isEnded) this.#socket.write(bytes);
  }

  /** Resolves when all that the broker has for it has come, or the connection has ended. */
  async settle(): Promise<void> {
    const wanted = this.#answerCount + 1;
    this.send(Uint8Array.of(0xc0, 0));
    while (!this.isEnded && this.#answerCount < wanted) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the stream, and resolves when the broker has ended its own. */
  async leave(): Promise<void> {
    this.#socket.end();
    while (!this.isEnded) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** Without what is the broker's own choice: reason strings, and in CONNACK limits and assigned identifiers. */
function plain(packet: Packet): Packet {
  if (packet.type === "CONNACK") return { ...packet, properties: {} };
  if (!("properties" in packet) || packet.properties === undefined) return packet;
  const { reasonString: _reason, ...properties } = packet.properties;
  return { ...packet, properties };
}

async function hold({ steps, level }: Exchange, port: number): Promise<string> {
  const talkers = new Map<string, Talker>();
  for (const [name, action] of steps) {
    const talker = talkers.get(name) ?? new Talker(port, level);
    talkers.set(name, talker);
    // The one that acts first: what it has caused for others is then on its way to them.
    if (action === "break") {
      await talker.leave();
    } else {
      talker.send(action instanceof Uint8Array ? action : encodePacket(action, level));
      await talker.settle();
    }
    for (const other of talkers.values()) if (other !== talker) await other.settle();
  }
  const lines = [...talkers].map(([name, talker]) => {
    const texts = [...talker.texts, ...(talker.isEnded ? ["closed"] : [])];
    // Of many alike the ends are enough.
    if (texts.length > 8) texts.splice(2, texts.length - 5, "...");
    talker.end();
    return `${name}: ${texts.join("; ") || "nothing"}`;
  });
  return lines.join(". ");
}

async function mosquitto(): Promise<number> {
  const probe = net.createServer();
  const port = await new Promise<number>(resolve => {
    probe.listen(0, "127.0.0.1", () => resolve((probe.address() as net.AddressInfo).port));
  });
  await new Promise(resolve => probe.close(resolve));
  const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "mosquitto.conf");
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n`);
  const running = start("sh", ["-c", `PATH=$PATH:/usr/sbin exec mosquitto -c ${file}`]);
  while (running.process.exitCode === null && !(await isOpen(port)));
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe.skipIf(!havePeers("mosquitto") || versionOf() !== VERSION)("mosquitto and this broker", () => {
  it("differ where the list says so, and nowhere else", async () => {
    const listener = await listen({ port: 0, sysIntervalMs: 0, receiveMaximum: 20 });
    const theirPort = await mosquitto();
    const rows: string[] = [];
    const undecided: string[] = [];
    const surplus: string[] = [];
    for (const exchange of EXCHANGES) {
      const theirs = await hold(exchange, theirPort);
      const ours = await hold(exchange, listener.port);
      if (theirs === ours) {
        if (DECISIONS[exchange.name] !== undefined) surplus.push(exchange.name);
        continue;
      }
      if (DECISIONS[exchange.name] === undefined)
        undecided.push(`${exchange.name}\n  mosquitto ${theirs}\n  perigee   ${ours}`);
      rows.push(`| ${exchange.name} | ${theirs} | ${ours} | ${DECISIONS[exchange.name]} |`);
    }
    await listener.close();
    expect(undecided).toEqual([]);
    expect(surplus).toEqual([]);
    await expect(
      [
        "# Where mosquitto and this broker differ",
        "",
        `Of ${EXCHANGES.length} exchanges (\`exchanges.ts\`, \`exchanges5.ts\`) these are answered differently by mosquitto ${VERSION}. Reason strings, which mosquitto`,
        "does not send, and the limits in CONNACK are left out. `differences.test.ts` compares this list with both.",
        "",
        "| exchange | mosquitto | Perigee | decided by |",
        "|---|---|---|---|",
        ...rows,
        "",
      ].join("\n"),
    ).toMatchFileSnapshot("differences.md");
  });
});
