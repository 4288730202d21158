/**
 * The core under whatever bytes a server might send. The first byte of an input says which version; the rest is what comes.
 *
 * The codec answers the same in the JavaScript builds and in WebAssembly, the guarded one looks at no byte that has not come, and what it
 * takes mqtt-packet takes too. A client, on the guarded machine, ends in a state that it has, and is left by a healthy server's close.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parser } from "mqtt-packet";
import { IDLE } from "../../assembly/session/transitions.ts";
import type * as wire from "../../assembly/wire/index.ts";
import { type CodecBuild, codecBuilds, coreBuilds } from "../assembly/builds.ts";
import { Endpoint5 } from "../assembly/session/endpoint5.ts";
import { decode } from "../assembly/wire/codec.ts";
import { decode5 } from "../assembly/wire/codec5.ts";
import { freshPacket } from "./fresh.ts";
import type { Target } from "./guided.ts";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const module = new WebAssembly.Module(readFileSync(new URL("../../build/codec.wasm", import.meta.url)));
const calls = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as typeof wire;
const bytes = new Uint8Array(memory.buffer);
const webAssembly: CodecBuild = {
  name: "wasm",
  core: { ...calls, bytes },
  isGuarded: false,
  declare() {},
  write: (at, source) => bytes.set(source, at),
  forget() {},
  forgetAll() {},
};
const codecs = [...(await codecBuilds()), webAssembly];
const [, guarded] = await coreBuilds();

/** Where mqtt-packet is stricter than the standard, or reads a byte that is not there. */
function isTheirs(data: Uint8Array): boolean {
  // DISCONNECT and AUTH without a body are reason 0 (3.14.2.1, 3.15.2.1 of 5.0).
  if (data[0] >= 0xe0 && data[1] < 2) return true;
  // Bad authentication method, 0x8c, stands for DISCONNECT in table 2-6 and not in that of 3.14.2.1, which mqtt-packet goes by.
  const bodyAt = data.findIndex((byte, at) => at > 0 && byte < 0x80) + 1;
  return data[0] === 0xe0 && data[bodyAt] === 0x8c;
}

function checkPeer(data: Uint8Array, protocolVersion: number): void {
  let fault: Error | undefined;
  let count = 0;
  const reader = parser({ protocolVersion });
  reader.on("packet", () => {
    count += 1;
  });
  reader.on("error", error => {
    fault = error;
  });
  try {
    reader.parse(Buffer.from(data));
  } catch (error) {
    fault = error as Error;
  }
  if (fault !== undefined || count === 0) throw new Error(`mqtt-packet does not take it: ${fault?.message}`);
}

function checkCodec(data: Uint8Array, isFive: boolean): void {
  const [first, ...others] = codecs.map(build => (isFive ? decode5 : decode)(build, data));
  for (const other of others) {
    if (!isDeepStrictEqual(first, other))
      throw new Error(`${JSON.stringify(first)} in one build, ${JSON.stringify(other)}`);
  }
  if (typeof first === "number") return;
  const size = codecs[0].core.packetSize(isFive ? 128 : 64, data.length, isFive ? 1 : 0);
  const packet = data.subarray(0, size);
  if (!isTheirs(packet)) checkPeer(packet, isFive ? 5 : 4);
}

/** What has come to a client that subscribes, in pieces, ends where it may. */
function checkClient(data: Uint8Array): void {
  const client = new Endpoint5(guarded, { receive: 64, aliasesIn: 32 }).online({ properties: [0x22, 0, 3] });
  client.subscribe([0, 1, 0x61, 2]);
  client.publish("a", "x", 2);
  const { core } = guarded;
  for (let at = 0; at < data.length; ) {
    const size = Math.min(core.receiveRoom(client.client), data.length - at, 1 + (data[at] & 31));
    if (size === 0) break;
    const target = core.receiveAddress(client.client);
    guarded.forget(target, core.receiveRoom(client.client));
    guarded.write(target, data.slice(at, at + size));
    core.received(client.client, size, client.nowMs);
    at += size;
    client.run();
  }
  client.takePackets();
  core.closed(client.client, client.nowMs);
  client.run();
  // Some reasons of a DISCONNECT are for good: the client ends, and its host wants a connection again.
  if (client.state === IDLE) client.connect();
  else client.advance(core.nextTimeout(client.client, client.nowMs));
  client.accept();
  guarded.forgetAll();
}

export const target: Target = {
  fresh: seed => Uint8Array.of(seed & 1, ...freshPacket(seed, (seed & 1) === 1 ? 5 : 4)),
  run([version = 0, ...rest]) {
    const data = Uint8Array.from(rest);
    checkCodec(data, (version & 1) === 1);
    if ((version & 1) === 1) checkClient(data);
  },
};
