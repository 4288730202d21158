/**
 * Clients that survive their broker: publishers that number their messages and send again what was not acknowledged, and
 * a subscriber that notes what came. Sockets of their own, and the session state that the standard asks of a client.
 */
import net from "node:net";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import { connectPacket } from "../endpoint.ts";

/** One connection at a time, to the same session. */
abstract class Peer {
  readonly clientId: string;
  protected socket: net.Socket | null = null;
  #resolveReady: (() => void) | null = null;
  isNew = true;

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  /** Resolves when CONNACK has come; rejects when there is no session that there should be. */
  connect(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(path);
      const framer = new Framer(0x100_0000);
      this.socket = socket;
      this.#resolveReady = resolve;
      socket.on("error", () => {});
      socket.on("connect", () => socket.write(encodePacket(connectPacket(this.clientId, { cleanSession: false }))));
      socket.on("data", bytes => {
        framer.feed(bytes);
        while (framer.next()) {
          const packet = decodePacket(framer.bytes, framer.first, framer.start, framer.end);
          if (packet.type !== "CONNACK") {
            this.onPacket(packet);
            continue;
          }
          if (packet.returnCode !== 0 || packet.sessionPresent === this.isNew) {
            reject(new Error(`${this.clientId}: CONNACK ${packet.returnCode}, session ${packet.sessionPresent}`));
            return;
          }
          this.isNew = false;
          this.onConnected();
          this.#resolveReady?.();
        }
      });
      socket.on("close", () => {
        if (this.socket === socket) this.socket = null;
        reject(new Error(`${this.clientId}: the connection was closed`));
      });
    });
  }

  close(): void {
    this.socket?.destroy();
    this.socket = null;
  }

  protected send(packet: Packet): void {
    this.socket?.write(encodePacket(packet));
  }

  protected abstract onConnected(): void;
  protected abstract onPacket(packet: Packet): void;
}

const WINDOW = 20;

/** Publishes `NAME:0`, `NAME:1`, ... at one QoS as fast as it is answered. */
export class Publisher extends Peer {
  /** Numbers that were acknowledged to the end. */
  readonly acknowledged = new Set<number>();
  onAcknowledged: () => void = () => {};
  isStopped = false;
  readonly #qos: 1 | 2;
  readonly #pending = new Map<number, { number: number; isReleased: boolean }>();
  #next = 0;
  #packetId = 0;

  constructor(clientId: string, qos: 1 | 2) {
    super(clientId);
    this.#qos = qos;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  protected override onConnected(): void {
    for (const [packetId, { number, isReleased }] of this.#pending) {
      if (isReleased) this.send({ type: "PUBREL", packetId });
      else this.#publish(packetId, number, true);
    }
    this.#fill();
  }

  protected override onPacket(packet: Packet): void {
    if (packet.type !== "PUBACK" && packet.type !== "PUBREC" && packet.type !== "PUBCOMP") return;
    const pending = this.#pending.get(packet.packetId);
    if (pending === undefined) return;
    if (packet.type === "PUBREC") {
      pending.isReleased = true;
      this.send({ type: "PUBREL", packetId: packet.packetId });
      return;
    }
    this.#pending.delete(packet.packetId);
    this.acknowledged.add(pending.number);
    this.#fill();
    this.onAcknowledged();
  }

  #fill(): void {
    while (!this.isStopped && this.#pending.size < WINDOW) {
      do this.#packetId = (this.#packetId % 0xffff) + 1;
      while (this.#pending.has(this.#packetId));
      const number = this.#next++;
      this.#pending.set(this.#packetId, { number, isReleased: false });
      this.#publish(this.#packetId, number, false);
    }
  }

  #publish(packetId: number, number: number, isDup: boolean): void {
    const payload = Buffer.from(`${this.clientId}:${number}`);
    this.send({
      type: "PUBLISH",
      topic: `load/${this.clientId}`,
      payload,
      qos: this.#qos,
      isDup,
      isRetain: false,
      packetId,
    });
  }
}

/** Takes everything below `load/` at QoS 2, and counts how often each text has come. */
export class Subscriber extends Peer {
  readonly counts = new Map<string, number>();
  onMessage: () => void = () => {};
  onSubscribed: () => void = () => {};
  /** Received and not released, as the client's half of the session. */
  readonly #received = new Set<number>();

  subscribe(): Promise<void> {
    this.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "load/#", qos: 2 }] });
    return new Promise(resolve => {
      this.onSubscribed = resolve;
    });
  }

  protected override onConnected(): void {}

  protected override onPacket(packet: Packet): void {
    if (packet.type === "SUBACK") this.onSubscribed();
    if (packet.type === "PUBLISH") {
      const isAgain = packet.qos === 2 && this.#received.has(packet.packetId);
      if (packet.qos === 2) this.#received.add(packet.packetId);
      if (!isAgain) {
        const text = Buffer.from(packet.payload).toString();
        this.counts.set(text, (this.counts.get(text) ?? 0) + 1);
      }
      this.send({ type: packet.qos === 2 ? "PUBREC" : "PUBACK", packetId: packet.packetId });
      this.onMessage();
    }
    if (packet.type === "PUBREL") {
      this.#received.delete(packet.packetId);
      this.send({ type: "PUBCOMP", packetId: packet.packetId });
    }
  }
}
