/** The short ways past a socket's stream: what they offer on this Node, where they must not be taken, and that nothing is lost. */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { describe, expect, it } from "vitest";
import { type PipeEvents, SocketPipe } from "../../host/broker/pipe.ts";
import { isPlain, readQuickly, writeQuickly } from "../../host/broker/quick-socket.ts";
import { onEnd } from "./real.ts";

/** Both ends of connections: [client, server's]. */
async function connect(count: number): Promise<[net.Socket, net.Socket][]> {
  const server = net.createServer().listen(0, "127.0.0.1");
  onEnd(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const pairs: [net.Socket, net.Socket][] = [];
  for (let index = 0; index < count; index++) {
    const client = net.connect(port, "127.0.0.1");
    const [accepted] = (await once(server, "connection")) as [net.Socket];
    if (!client.readyState.startsWith("open")) await once(client, "connect");
    for (const socket of [client, accepted]) {
      socket.on("error", () => {});
      onEnd(() => socket.destroy());
    }
    pairs.push([client, accepted]);
  }
  return pairs;
}

const QUIET: PipeEvents = { onBytes() {}, onDrained() {}, onClosed() {} };

describe("reading", () => {
  it("lends one buffer to every socket that a server accepts", async () => {
    const pairs = await connect(2);
    const buffers = new Set<ArrayBufferLike>();
    const texts: string[] = [];
    for (const [, accepted] of pairs) {
      const isQuick = readQuickly(accepted, bytes => {
        buffers.add(bytes.buffer);
        texts.push(Buffer.from(bytes).toString());
      });
      // A Node on which this fails still serves, by its streams: slower, which is then a thing to look at.
      expect(isQuick).toBe(true);
    }
    for (const [index, [client, accepted]] of pairs.entries()) {
      client.end(`from ${index}`);
      await once(accepted, "close");
    }
    expect(texts).toEqual(["from 0", "from 1"]);
    expect(buffers.size).toBe(1);
  });

  it("is left to the stream when somebody has read it, or put something back into it", async () => {
    const [[, begun], [, refilled]] = await connect(2);
    begun.on("data", () => {});
    expect(readQuickly(begun, () => {})).toBe(false);
    refilled.unshift(Buffer.from("first"));
    const texts: string[] = [];
    new SocketPipe(refilled, { ...QUIET, onBytes: bytes => texts.push(Buffer.from(bytes).toString()) });
    await once(refilled, "data");
    expect(texts).toEqual(["first"]);
  });

  it("stops and goes on", async () => {
    const [[client, accepted]] = await connect(1);
    let size = 0;
    let wake = (): void => {};
    const pipe = new SocketPipe(accepted, {
      ...QUIET,
      onBytes(bytes) {
        size += bytes.length;
        pipe.pause();
        wake();
      },
    });
    const total = 300_000;
    client.write(Buffer.alloc(total));
    let readCount = 0;
    for (let before = 0; before < total; before = size, readCount++) {
      // Paused in the middle of a read it hands over no other until it is told to go on.
      const read = new Promise<void>(resolve => {
        wake = resolve;
      });
      pipe.resume();
      await read;
      expect(size - before).toBeLessThanOrEqual(65536);
    }
    expect(size).toBe(total);
    expect(readCount).toBeGreaterThanOrEqual(Math.ceil(total / 65536));
  });
});

describe("writing", () => {
  it("goes past no socket of another class: what TLS has not sealed must not leave", async () => {
    const [[, accepted]] = await connect(1);
    expect(isPlain(accepted)).toBe(true);
    expect(isPlain(new tls.TLSSocket(accepted))).toBe(false);
  });

  it("takes nothing of a socket that is gone", async () => {
    const [[client, accepted]] = await connect(1);
    accepted.destroy();
    await once(client.resume(), "close");
    expect(writeQuickly(accepted, Uint8Array.of(1))).toBe(0);
  });

  it("loses and swaps nothing when the kernel takes a part, and tells when all of it has gone", async () => {
    const [[client, accepted]] = await connect(1);
    let drainCount = 0;
    const pipe = new SocketPipe(accepted, { ...QUIET, onDrained: () => drainCount++ });
    client.pause();
    // Lent bytes, the same again and again, with their number in front: what is left over must have been copied.
    const lent = new Uint8Array(10_007);
    let count = 0;
    const write = (): void => {
      lent.fill(count % 251);
      new DataView(lent.buffer).setUint32(0, count++);
      pipe.write(lent, false);
    };
    while (pipe.pendingSize === 0) write();
    for (let extra = 0; extra < 3; extra++) write();
    lent.fill(0xff);
    expect(drainCount).toBe(0);
    const chunks: Buffer[] = [];
    let size = 0;
    client.on("data", chunk => {
      chunks.push(chunk);
      size += chunk.length;
      if (size === count * lent.length) client.end();
    });
    client.resume();
    await once(accepted, "close");
    const received = Buffer.concat(chunks);
    expect(received.length).toBe(count * lent.length);
    for (let index = 0; index < count; index++) {
      const message = received.subarray(index * lent.length, (index + 1) * lent.length);
      expect(message.readUInt32BE(0)).toBe(index);
      expect(message.subarray(4).every(byte => byte === index % 251)).toBe(true);
    }
    expect(drainCount).toBeGreaterThan(0);
    expect(pipe.pendingSize).toBe(0);
  });
});
