/**
 * The lines of `perigee bench wire` beside what really goes over the wire: mosquitto, an HTTP server and datagrams on the loopback, captured by tshark.
 *
 * Bytes and packets of IP, of one session or of one reading more. The loopback's MTU is larger than a link's, which counts only for what does not fit
 * into one segment. A connection's acknowledgements depend on pauses, so the readings on a connection that stays are half a second apart.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LINUX, type Preset, presetOrBearer } from "../host/link/index.ts";
import { compareIp } from "../host/wire/compare.ts";
import * as packets from "../host/wire/packets.ts";

const TOPIC = "sensors/dev0001/temp";
const PAYLOAD = Buffer.alloc(12, 0x20);
const KEEP_ALIVE = 1200;
const PORTS = { mqtt: 28_831, http: 28_832, sn: 28_833, coap: 28_834 };
const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

interface Captured {
  bytes: number;
  packets: number;
}

/** IP bytes and packets of `port` while `talk` goes on; once more where a busy machine began to capture too late. */
async function captured(port: number, talk: () => Promise<void>): Promise<Captured> {
  for (;;) {
    const { bytes, packets: count, isWhole } = await captureOnce(port, talk);
    if (isWhole) return { bytes, packets: count };
  }
}

async function captureOnce(port: number, talk: () => Promise<void>): Promise<Captured & { isWhole: boolean }> {
  const file = join(tmpdir(), `perigee-wire-${process.pid}.pcapng`);
  const tshark = spawn("tshark", ["-q", "-i", "lo", "-f", `port ${port}`, "-w", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // It says "Capturing on" before it does.
  await once(tshark.stderr, "data");
  await wait(1000);
  await talk();
  await wait(800);
  const exited = once(tshark, "exit");
  tshark.kill("SIGINT");
  await exited;
  const { stdout } = spawnSync(
    "tshark",
    ["-r", file, "-T", "fields", "-e", "ip.len", "-e", "ip.proto", "-e", "tcp.flags.syn"],
    { encoding: "utf8" },
  );
  const rows = stdout
    .split("\n")
    .filter(Boolean)
    .map(line => line.split("\t"));
  const sizes = rows.map(([size]) => Number(size));
  const [first] = rows;
  // A connection begins with its SYN; a datagram is whole by itself.
  const isWhole = first !== undefined && (first[1] === "17" || first[2] === "1" || first[2] === "True");
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), packets: sizes.length, isWhole };
}

async function answered(socket: Socket, bytes: Buffer, size: number): Promise<void> {
  let left = size;
  socket.write(bytes);
  while (left > 0) left -= ((await once(socket, "data")) as [Buffer])[0].length;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await once(socket, "connect");
  return socket;
}

/** CONNECT, so many readings a second apart, and the end if `farewell`. */
async function mqtt(version: packets.MqttVersion, qos: 0 | 1 | 2, count: number, farewell: boolean): Promise<void> {
  const socket = await dial(PORTS.mqtt);
  // mosquitto says more in 5.0 than it must: what is compared is the client's CONNECT and the readings.
  socket.write(packets.mqttConnect(version, "dev0001", KEEP_ALIVE));
  await once(socket, "data");
  for (let index = 0; index < count; index += 1) {
    if (!farewell) await wait(500);
    const alias = version === 5 ? 1 : undefined;
    const publish = packets.mqttPublish(version, qos, alias !== undefined && index > 0 ? "" : TOPIC, PAYLOAD, alias);
    if (qos === 0) socket.write(publish);
    else await answered(socket, publish, 4);
    if (qos === 2) await answered(socket, packets.mqttAnswer(6), 4);
  }
  if (farewell) {
    socket.end(packets.MQTT_DISCONNECT);
    await once(socket, "close");
  } else {
    await wait(500);
    socket.resetAndDestroy();
  }
}

async function http(): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.setNoDelay(true);
    socket.once("data", () => socket.write(packets.HTTP_NO_CONTENT));
    socket.on("end", () => socket.end());
  }).listen(PORTS.http, "127.0.0.1");
  await once(server, "listening");
  const socket = await dial(PORTS.http);
  await answered(socket, packets.httpPost(TOPIC, PAYLOAD), packets.HTTP_NO_CONTENT.length);
  socket.end();
  await once(socket, "close");
  server.close();
}

async function datagrams(port: number, up: Buffer, down: Buffer | null): Promise<void> {
  const server = createSocket("udp4");
  server.bind(port, "127.0.0.1");
  await once(server, "listening");
  server.on("message", (_bytes, from) => down !== null && server.send(down, from.port, from.address));
  const client = createSocket("udp4");
  client.send(up, port, "127.0.0.1");
  await wait(300);
  client.close();
  server.close();
}

const [MORE, FEW] = [5, 2];

async function kept(version: packets.MqttVersion, qos: 0 | 1 | 2): Promise<Captured> {
  const few = await captured(PORTS.mqtt, () => mqtt(version, qos, FEW, false));
  const more = await captured(PORTS.mqtt, () => mqtt(version, qos, MORE, false));
  return { bytes: (more.bytes - few.bytes) / (MORE - FEW), packets: (more.packets - few.packets) / (MORE - FEW) };
}

const mosquitto: ChildProcess = spawn("mosquitto", ["-p", String(PORTS.mqtt)], { stdio: "ignore" });
await wait(500);
const measured = new Map<string, Captured>();
for (const qos of [0, 1, 2] as const) {
  measured.set(`MQTT 3.1.1, QoS ${qos}, kept open`, await kept(4, qos));
  measured.set(`MQTT 3.1.1, QoS ${qos}, connection each`, await captured(PORTS.mqtt, () => mqtt(4, qos, 1, true)));
  measured.set(`MQTT 5.0, alias, QoS ${qos}, kept open`, await kept(5, qos));
}
measured.set("HTTP POST, connection each", await captured(PORTS.http, http));
for (const [name, up, down] of [
  ["MQTT-SN, QoS -1", packets.snPublish(-1, 1, PAYLOAD), null],
  ["MQTT-SN, QoS 0", packets.snPublish(0, 1, PAYLOAD), null],
  ["MQTT-SN, QoS 1", packets.snPublish(1, 1, PAYLOAD), packets.snPuback(1)],
  ["CoAP NON", packets.coapPost(false, TOPIC, PAYLOAD), null],
  ["CoAP CON", packets.coapPost(true, TOPIC, PAYLOAD), packets.COAP_ACK],
] as const) {
  measured.set(name, await captured(PORTS.sn, () => datagrams(PORTS.sn, up, down)));
}
mosquitto.kill();

const reading = {
  topic: TOPIC,
  payload: PAYLOAD,
  intervalSeconds: 900,
  keepAliveSeconds: KEEP_ALIVE,
  monthSeconds: 86_400,
  tcp: LINUX,
};
const modelled = new Map(compareIp(presetOrBearer("lan") as Preset, reading).map(line => [line.name, line]));
const rows = [...measured].map(([name, { bytes, packets: count }]) => {
  const line = modelled.get(name);
  if (line === undefined) throw new Error(`no line ${name}`);
  const same = bytes === line.up + line.down && count === line.packets ? "" : "differs";
  return `| ${name} | ${bytes} | ${line.up + line.down} | ${count} | ${line.packets} | ${same} |`;
});
const lines = [
  "# On the wire",
  "",
  "`npm run bench wire`: bytes and packets of IP of a reading of 12 bytes to `sensors/dev0001/temp`, captured by tshark on the loopback, and what",
  "`perigee bench wire --links lan` says. Not captured: CONNACK of 5.0 (mosquitto says more than it must) and TLS, whose sizes were measured with OpenSSL.",
  "",
  "| | captured bytes | model | captured packets | model | |",
  "|---|---|---|---|---|---|",
  ...rows,
  "",
  "Where they differ by a byte, mosquitto's PUBACK of 5.0 says that nobody has subscribed (reason code 0x10), which it need not.",
  "",
];
writeFileSync(new URL("../bench/wire.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
