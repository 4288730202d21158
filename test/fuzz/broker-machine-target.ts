/**
 * The broker's machine under a script: each step one byte that says what and by whom, then what it needs. It never faults, all that
 * it sends mqtt-packet can read, and at the end a publisher and a subscriber still reach each other through it.
 *
 *     0-4, 7  the client sends: one byte of size, so many bytes; it opens a connection if it has none
 *     5       its connection breaks
 *     6       time passes: two to the power of one byte's lowest five bits, in ms
 */
import { type Parser, parser } from "mqtt-packet";
import { answerAll, World } from "../broker/endpoint.ts";
import { freshPacket } from "./fresh.ts";
import type { Target } from "./guided.ts";

const CLIENT_COUNT = 4;

/** One end that reads nothing but what it has to judge. */
class Peer {
  readonly #world: World;
  readonly #connection: ReturnType<World["broker"]["connect"]>;
  #reader: Parser | undefined;
  isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#connection = world.broker.connect(world.nowMs, {
      send: bytes => {
        this.#reader ??= this.#newReader();
        this.#reader.parse(Buffer.from(bytes));
      },
      close: () => {
        this.isOver = true;
      },
    });
  }

  #newReader(): Parser {
    const reader = parser({ protocolVersion: this.#connection.level === 5 ? 5 : 4 });
    reader.on("error", error => {
      throw new Error(`mqtt-packet cannot read what the broker sends: ${error.message}`);
    });
    return reader;
  }

  send(bytes: Uint8Array): void {
    this.#world.broker.receive(this.#connection, bytes, this.#world.nowMs);
  }

  drop(): void {
    this.#world.broker.closed(this.#connection, this.#world.nowMs);
  }
}

/** Two healthy clients after all that. */
function checkHealth(world: World): void {
  const subscriber = world.connect("healthy subscriber");
  subscriber.subscribe("healthy/+", 2);
  const publisher = world.connect("healthy publisher");
  publisher.publish("healthy/a", "alive", 1);
  answerAll(publisher);
  const texts = answerAll(subscriber);
  if (!texts.includes("alive")) throw new Error(`the subscriber has ${JSON.stringify(texts)}`);
}

export const target: Target = {
  fresh(seed) {
    const who = (seed >> 1) & 3;
    const level = (seed & 1) === 1 ? 5 : 4;
    const connect = [0, 4, 0x4d, 0x51, 0x54, 0x54, level, (seed >> 3) & 2, 0, 60];
    const body = [...connect, ...(level === 5 ? [5, 0x11, 0, 0, 1, 0] : []), 0, 1, 0x61 + who];
    const steps = [0x10, body.length, ...body];
    const script = [who << 3, steps.length, ...steps];
    for (let index = 0; index < 3; index += 1) {
      const packet = freshPacket(seed + index, level);
      if (packet.length < 256) script.push(who << 3, packet.length, ...packet);
    }
    return Uint8Array.from(script);
  },
  run(script) {
    const world = new World({ maxPacketSize: 4096 });
    const peers: (Peer | undefined)[] = new Array(CLIENT_COUNT);
    for (let at = 0; at < script.length; ) {
      const what = script[at] & 7;
      const who = (script[at] >> 3) % CLIENT_COUNT;
      const operand = script[at + 1] ?? 0;
      at += 1;
      if (what <= 4 || what === 7) {
        let peer = peers[who];
        if (peer === undefined || peer.isOver) peer = peers[who] = new Peer(world);
        peer.send(Uint8Array.from(script.slice(at + 1, at + 1 + operand)));
        at += 1 + operand;
      } else if (what === 5) {
        peers[who]?.drop();
        peers[who] = undefined;
      } else {
        world.advance(2 ** (operand & 31));
        at += 1;
      }
    }
    checkHealth(world);
  },
};
