/**
 * Messages of QoS 1 that the broker acknowledges in a second from 100 publishers, with and without storage. The
 * generator writes packets encoded beforehand and counts PUBACKs; the messages are for a session that lasts, so that each
 * of them has to be on the disk before its PUBACK.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Framer } from "../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../host/broker/codec/packet.ts";

const PUBLISHER_COUNT = 100;
const WARM_MS = 1000;
const RUN_MS = 3000;
const ROUND_COUNT = 3;
/** Acknowledged a second, with storage on. */
const BAR = 5000;

interface Case {
  name: string;
  isStored: boolean;
  isRetained: boolean;
  /** Is the subscriber there, and acknowledges, or does it all wait for it? */
  isRead: boolean;
  window: number;
}

const CASES: readonly Case[] = [
  { name: "in memory, window 20", isStored: false, isRetained: false, isRead: true, window: 20 },
  {
    name: "stored, delivered and acknowledged, window 20",
    isStored: true,
    isRetained: false,
    isRead: true,
    window: 20,
  },
  { name: "stored, delivered and acknowledged, window 1", isStored: true, isRetained: false, isRead: true, window: 1 },
  {
    name: "stored, queued for a client that is away, window 20",
    isStored: true,
    isRetained: false,
    isRead: false,
    window: 20,
  },
  { name: "stored, retained on 100 topics, window 20", isStored: true, isRetained: true, isRead: false, window: 20 },
];

const program = fileURLToPath(new URL("../build/perigee.js", import.meta.url));

async function boot(folder: string, isStored: boolean): Promise<{ path: string; stop: () => Promise<void> }> {
  const path = join(folder, "s");
  const conf = join(folder, "conf");
  const store = isStored ? `persistence true\npersistence_location ${folder}\n` : "";
  writeFileSync(
    conf,
    `listener 0 ${path}\nallow_anonymous true\nmax_inflight_messages 1000\nmax_queued_messages 0\nmax_queued_bytes 0\n${store}`,
  );
  const child = spawn(process.execPath, [program, "broker", "-c", conf], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", data => String(data).includes("running on") && resolve());
    child.once("exit", code => reject(new Error(`the broker ended with ${code}`)));
  });
  const stop = () =>
    new Promise<void>(resolve => {
      child.removeAllListeners("exit");
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  return { path, stop };
}

/** A socket whose CONNACK has come. */
function connect(path: string, clientId: string, onPacket: (packet: Packet) => void): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const framer = new Framer(0x100_0000);
    const socket = net.connect(path);
    socket.on("error", reject);
    socket.on("data", bytes => {
      framer.feed(bytes);
      while (framer.next()) {
        const packet = decodePacket(framer.bytes, framer.first, framer.start, framer.end);
        if (packet.type === "CONNACK") resolve(socket);
        else onPacket(packet);
      }
    });
    socket.write(encodePacket({ type: "CONNECT", level: 4, cleanSession: false, keepAliveS: 60, clientId }));
  });
}

/** PUBACKs a second. */
async function measure(one: Case): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "perigee-bench-"));
  const broker = await boot(folder, one.isStored);
  const sockets: net.Socket[] = [];
  let ackedCount = 0;
  let isOver = false;
  try {
    if (!one.isRetained) {
      let socket: net.Socket | undefined;
      await new Promise<void>((resolve, reject) => {
        connect(broker.path, "subscriber", packet => {
          if (packet.type === "SUBACK") resolve();
          if (packet.type === "PUBLISH") socket?.write(encodePacket({ type: "PUBACK", packetId: packet.packetId }));
        }).then(connected => {
          socket = connected;
          connected.write(
            encodePacket({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "load/#", qos: 1 }] }),
          );
        }, reject);
      });
      if (socket !== undefined && one.isRead) sockets.push(socket);
      else socket?.destroy();
    }
    for (let index = 0; index < PUBLISHER_COUNT; index++) {
      const packets = Array.from({ length: one.window }, (_, slot) =>
        encodePacket({
          type: "PUBLISH",
          topic: `load/${index}`,
          payload: Buffer.alloc(64, 0x61),
          qos: 1,
          isDup: false,
          isRetain: one.isRetained,
          packetId: slot + 1,
        }),
      );
      const socket = await connect(broker.path, `publisher${index}`, packet => {
        if (packet.type !== "PUBACK" || isOver) return;
        ackedCount++;
        socket.write(packets[packet.packetId - 1]);
      });
      sockets.push(socket);
      socket.write(Buffer.concat(packets));
    }
    const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
    await pass(WARM_MS);
    const startCount = ackedCount;
    const startMs = performance.now();
    await pass(RUN_MS);
    return ((ackedCount - startCount) * 1000) / (performance.now() - startMs);
  } finally {
    isOver = true;
    for (const socket of sockets) socket.destroy();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const best = new Map<string, number>();
for (let round = 0; round < ROUND_COUNT; round++) {
  for (const one of CASES) {
    const perSecond = await measure(one);
    best.set(one.name, Math.max(best.get(one.name) ?? 0, perSecond));
    console.log(`${one.name}: ${Math.round(perSecond)}`);
  }
}
const rows = CASES.map(({ name, isStored }) => {
  const perSecond = Math.round(best.get(name) ?? 0).toLocaleString("en-GB");
  return `| ${name} | ${perSecond} | ${isStored ? `${BAR.toLocaleString("en-GB")}` : ""} |`;
});
writeFileSync(
  fileURLToPath(new URL("../bench/broker-storage.md", import.meta.url)),
  `# Storage of the broker

\`npm run bench broker-storage\`: QoS 1 messages of 64 bytes that are acknowledged in a second, ${PUBLISHER_COUNT} publishers, over a Unix socket; best of
${ROUND_COUNT} rounds of ${RUN_MS / 1000} s. With storage a PUBACK leaves when its message is on the disk (fsync): many messages share one commit, and with a
window of 1 no more than one of each publisher. The generator runs on the same machine, and is part of what limits.

Node ${process.versions.node}, ${cpus()[0].model.trim()}, ${cpus().length} cores shared with other work.

| case | acknowledged a second | bar |
|---|--:|--:|
${rows.join("\n")}
`,
);
