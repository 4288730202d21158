/** The broker on sockets: cuts in the stream, peers that do not read, closing, addresses that cannot be had. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { ListenError, listen } from "../../host/broker/index.ts";
import { connectPacket } from "./endpoint.ts";
import { onEnd, Served } from "./real.ts";

/** A client on a socket of its own, which reads only when asked to. */
class SocketClient {
  readonly socket: net.Socket;
  readonly #framer = new Framer(0x1000_0000);
  readonly #packets: Packet[] = [];
  #wake: (() => void) | undefined;

  private constructor(port: number) {
    this.socket = net.connect(port, "127.0.0.1");
    onEnd(() => this.socket.destroy());
    this.socket.on("error", () => {});
    this.socket.on("data", bytes => {
      this.#framer.feed(bytes);
      while (this.#framer.next()) {
        const { bytes, first, start, end } = this.#framer;
        this.#packets.push(decodePacket(bytes, first, start, end));
      }
      this.#wake?.();
    });
    this.socket.on("close", () => this.#wake?.());
  }

  static async connect(served: Served, clientId: string): Promise<SocketClient> {
    const client = new SocketClient(served.port);
    client.send(connectPacket(clientId));
    expect(await client.next()).toMatchObject({ type: "CONNACK", returnCode: 0 });
    return client;
  }

  send(packet: Packet): void {
    this.socket.write(encodePacket(packet));
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    this.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter, qos }] });
    expect(await this.next()).toMatchObject({ type: "SUBACK" });
  }

  /** The next packet, or undefined when the connection has ended. */
  async next(): Promise<Packet | undefined> {
    while (this.#packets.length === 0 && !this.socket.closed) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#packets.shift();
  }
}

const publish = (text: string, qos: 0 | 1, packetId: number, topic = "t"): Packet => ({
  type: "PUBLISH",
  topic,
  payload: Buffer.from(text),
  qos,
  isDup: false,
  isRetain: false,
  packetId,
});

describe("a socket", () => {
  it("may bring its bytes one at a time", async () => {
    const served = await Served.start();
    const socket = net.connect(served.port, "127.0.0.1");
    onEnd(() => socket.destroy());
    socket.setNoDelay(true);
    for (const byte of encodePacket(connectPacket("slowly"))) {
      await new Promise(resolve => socket.write(Uint8Array.of(byte), resolve));
    }
    const [answer] = await once(socket, "data");
    expect([...answer]).toEqual([0x20, 2, 0, 0]);
  });

  it("is answered before it is closed", async () => {
    const served = await Served.start();
    const socket = net.connect(served.port, "127.0.0.1");
    const received: number[] = [];
    socket.on("data", data => received.push(...data));
    // Level 6, and more behind it that nobody will read.
    socket.write(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 6, 2, 0, 60, 0, 0, 0));
    socket.write(Buffer.alloc(100_000));
    await once(socket, "end");
    expect(received).toEqual([0x20, 2, 0, 1]);
  });

  it("that closes without DISCONNECT leaves its will", async () => {
    const served = await Served.start();
    const watcher = await SocketClient.connect(served, "watcher");
    await watcher.subscribe("w", 0);
    const client = net.connect(served.port, "127.0.0.1");
    const will = { topic: "w", payload: Buffer.from("gone"), qos: 0 as const, retain: false };
    client.write(encodePacket(connectPacket("c", { will })));
    await once(client, "data");
    client.resetAndDestroy();
    expect(await watcher.next()).toMatchObject({ topic: "w" });
  });

  it("that is silent is closed in real time", async () => {
    const served = await Served.start();
    const client = new Promise<number>(resolve => {
      const socket = net.connect(served.port, "127.0.0.1", () => {
        const startMs = performance.now();
        socket.write(encodePacket(connectPacket("quiet", { keepAliveS: 1 })));
        socket.resume();
        socket.on("close", () => resolve(performance.now() - startMs));
      });
    });
    const elapsedMs = await client;
    expect(elapsedMs).toBeGreaterThan(1450);
    expect(elapsedMs).toBeLessThan(4000);
    expect(served.lines.at(-1)).toContain("[MQTT-3.1.2-24]");
  });
});

describe("a subscriber that does not read", () => {
  it("changes nothing for the others, is bounded, and gets on when it reads again", async () => {
    const served = await Served.start({ logPackets: false, maxQueued: 200 });
    const slow = await SocketClient.connect(served, "slow");
    await slow.subscribe("t", 0);
    await slow.subscribe("q1", 1);
    const quick = await SocketClient.connect(served, "quick");
    await quick.subscribe("t", 0);
    const publisher = await SocketClient.connect(served, "publisher");
    slow.socket.pause();
    // More than the kernel keeps for a socket on its own.
    const count = 12_000;
    const payload = "x".repeat(2000);
    for (let index = 0; index < count; index++) {
      publisher.send(publish(payload, 0, 0));
      // Bursts, each of which the one that reads has read before the next: only the other is too slow.
      if (index % 200 !== 199) continue;
      for (let read = 0; read < 200; read++) expect(await quick.next()).toMatchObject({ type: "PUBLISH", topic: "t" });
    }
    const { counters } = served.listener.broker;
    expect(counters.publishMessagesDropped).toBeGreaterThan(100);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(200e6);
    // QoS 1 waits meanwhile.
    for (let packetId = 1; packetId <= 30; packetId++) publisher.send(publish("kept", 1, packetId, "q1"));
    for (let index = 0; index < 30; index++) expect(await publisher.next()).toMatchObject({ type: "PUBACK" });
    slow.socket.resume();
    let keptCount = 0;
    while (keptCount < 30) {
      const packet = await slow.next();
      if (packet?.type !== "PUBLISH") throw new Error(`expected PUBLISH, got ${packet?.type}`);
      if (packet.topic !== "q1") continue;
      keptCount++;
      slow.send({ type: "PUBACK", packetId: packet.packetId });
    }
    expect(keptCount).toBe(30);
  });

  it("is heard again when little was pending: less than a stream calls much", async () => {
    const served = await Served.start({ logPackets: false, maxPendingSize: 1024 });
    const slow = await SocketClient.connect(served, "slow");
    await slow.subscribe("t", 0);
    await slow.subscribe("q1", 1);
    const publisher = await SocketClient.connect(served, "publisher");
    slow.socket.pause();
    const { counters } = served.listener.broker;
    const payload = "x".repeat(10_000);
    for (let packetId = 1; counters.publishMessagesDropped === 0; packetId++) {
      publisher.send(publish(payload, 1, packetId));
      expect(await publisher.next()).toMatchObject({ type: "PUBACK" });
    }
    publisher.send(publish("kept", 1, 60_000, "q1"));
    expect(await publisher.next()).toMatchObject({ type: "PUBACK" });
    slow.socket.resume();
    let packet = await slow.next();
    while (packet?.type === "PUBLISH" && packet.topic === "t") packet = await slow.next();
    expect(packet).toMatchObject({ type: "PUBLISH", topic: "q1" });
  });

  it("cannot make the broker hoard answers", async () => {
    const served = await Served.start({ logPackets: false, maxPendingSize: 4096 });
    const flooder = await SocketClient.connect(served, "flooder");
    flooder.socket.pause();
    const pings = Buffer.alloc(2 * 500_000, Uint8Array.of(0xc0, 0));
    // Twelve megabytes of PINGREQ, each of which is answered: far more than is buffered anywhere.
    for (let round = 0; round < 12; round++) flooder.socket.write(pings);
    const other = await SocketClient.connect(served, "other");
    await other.subscribe("t", 0);
    other.send(publish("still here", 0, 0));
    expect(await other.next()).toMatchObject({ topic: "t" });
    expect(served.listener.broker.counters.messagesReceived).toBeLessThan(6_000_000);
    expect(flooder.socket.writableLength).toBeGreaterThan(0);
  });
});

describe("listen", () => {
  it("binds loopback only unless told otherwise", async () => {
    const served = await Served.start();
    expect(served.listener.addresses[0]).toBe(`127.0.0.1:${served.port}`);
    for (const address of served.listener.addresses) expect(address).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
  });

  it("says what is wrong with an address", async () => {
    const served = await Served.start();
    await expect(listen({ port: served.port })).rejects.toThrow(
      new ListenError(`cannot listen on 127.0.0.1:${served.port}: the port is in use`, false),
    );
    await expect(listen({ port: 0, host: "192.0.2.1" })).rejects.toThrow(
      "cannot listen on 192.0.2.1:0: the address is not one of this machine",
    );
    await expect(listen({ port: 0, maxPendingSize: 1 })).rejects.toThrow("maxPendingSize is a whole number from 1024");
    await expect(listen({ port: 0, tls: { cert: "no", key: "no" } })).rejects.toThrow(
      /^the certificate or its key cannot be used: /,
    );
  });

  it("closes with clients on it, those that do not close included", async () => {
    const served = await Served.start();
    const client = await SocketClient.connect(served, "c");
    const idle = net.connect({ port: served.port, host: "127.0.0.1", allowHalfOpen: true });
    onEnd(() => idle.destroy());
    await once(idle, "connect");
    await served.until(/New connection.*\n?/);
    await served.listener.close();
    expect(await client.next()).toBeUndefined();
    await expect(once(net.connect(served.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });
});
