/**
 * Exchanges of the protocols that `perigee bench wire` compares, between real sockets on the loopback: a client and a server of Node and OpenSSL that say exactly
 * what the model says they say.
 */
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls, { type ConnectionOptions, type TLSSocket, type TlsOptions } from "node:tls";
import * as packets from "../../host/wire/packets.ts";

export const TOPIC = "sensors/dev0001/temp";
export const PAYLOAD = Buffer.alloc(12, 0x20);
export const KEEP_ALIVE = 1200;
/** A server name of 18 characters and an identity of 11, as measured. */
const SERVER_NAME = "broker.example.com";
const IDENTITY = "sensor-0001";
const KEY = Buffer.alloc(16, 0x5a);

/** A certificate of P-256, signed by itself, and how many bytes its DER has. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly sizeBytes: number;
}

export function certificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "perigee-wire-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert];
    const subject = ["-subj", `/CN=${SERVER_NAME}`, "-addext", `subjectAltName=DNS:${SERVER_NAME}`, "-days", "2"];
    const { status, stderr } = spawnSync("openssl", ["req", "-x509", ...words, ...subject], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const pem = readFileSync(cert, "utf8");
    return { key: readFileSync(key, "utf8"), cert: pem, sizeBytes: new X509Certificate(pem).raw.length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How TLS is spoken, by the name of a mode of the model. */
export function tlsOptions(mode: string): ConnectionOptions & TlsOptions {
  const [minVersion, maxVersion] = mode.startsWith("tls1.3")
    ? (["TLSv1.3", "TLSv1.3"] as const)
    : (["TLSv1.2", "TLSv1.2"] as const);
  const versions = { minVersion, maxVersion };
  if (mode === "tls1.2-psk") return { ...versions, ciphers: "PSK-AES128-GCM-SHA256" };
  if (mode === "tls1.2-psk-ccm8") return { ...versions, ciphers: "PSK-AES128-CCM8:@SECLEVEL=0" };
  if (mode.startsWith("tls1.3")) return { ...versions, ciphers: "TLS_AES_128_GCM_SHA256" };
  return { ...versions, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256" };
}

/** A server that answers as a broker does that says no word too many; over TLS where `options` are given. */
export async function brokerLike(host: string, port: number, options: TlsOptions | null): Promise<Server> {
  const serve = (socket: Socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("data", (bytes: Buffer) => {
      const answer = answerTo(bytes);
      if (answer !== null) socket.write(answer);
    });
  };
  // With half of the connection closed by the client, what is left is the server's own end.
  const server =
    options === null
      ? createServer({ allowHalfOpen: true }, serve)
      : tls.createServer(options.ciphers?.startsWith("PSK") ? { ...options, pskCallback: () => KEY } : options, serve);
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

function answerTo(bytes: Buffer): Buffer | null {
  switch (bytes[0] >> 4) {
    case 1:
      return packets.mqttConnack(bytes[8] === 5 ? 5 : 4);
    case 3:
      return bytes[0] & 6 ? packets.mqttAnswer(bytes[0] & 4 ? 5 : 4) : null;
    case 6:
      return packets.mqttAnswer(7);
    case 12:
      return packets.MQTT_PINGRESP;
    default:
      return null;
  }
}

/** A connection that is open; with TLS, once its handshake is over at this end. */
export async function dial(host: string, port: number, mode: string | null, session?: Buffer): Promise<Socket> {
  if (mode === null) {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    await once(socket, "connect");
    return socket;
  }
  const psk = mode.includes("psk") ? { pskCallback: () => ({ psk: KEY, identity: IDENTITY }) } : {};
  const socket = tls.connect({
    ...tlsOptions(mode),
    ...psk,
    host,
    port,
    session,
    servername: SERVER_NAME,
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
  });
  socket.setNoDelay(true);
  await once(socket, "secureConnect");
  return socket;
}

/** A session to resume, from a connection made for it. */
export async function sessionOf(host: string, port: number, mode: string): Promise<Buffer> {
  const socket = (await dial(host, port, mode)) as TLSSocket;
  const got = mode.startsWith("tls1.3") ? once(socket, "session") : undefined;
  await answered(socket, packets.mqttConnect(4, "dev0001", KEEP_ALIVE), 4);
  const session = (got === undefined ? socket.getSession() : (await got)[0]) as Buffer;
  const closed = once(socket, "close");
  socket.end();
  await closed;
  return session;
}

/** Writes, and waits for so many bytes of answer. */
export async function answered(socket: Socket, bytes: Buffer, size: number): Promise<void> {
  let left = size;
  socket.write(bytes);
  while (left > 0) left -= ((await once(socket, "data")) as [Buffer])[0].length;
}

/** CONNECT, `count` readings with `pause` before each, and DISCONNECT with the end if `farewell`. */
export async function mqtt(
  socket: Socket,
  version: packets.MqttVersion,
  qos: 0 | 1 | 2,
  count: number,
  pause: (() => Promise<void>) | null,
): Promise<void> {
  await answered(socket, packets.mqttConnect(version, "dev0001", KEEP_ALIVE), packets.mqttConnack(version).length);
  for (let index = 0; index < count; index += 1) {
    await pause?.();
    const alias = version === 5 ? 1 : undefined;
    const topic = alias !== undefined && index > 0 ? "" : TOPIC;
    const publish = packets.mqttPublish(version, qos, topic, PAYLOAD, alias);
    if (qos === 0) socket.write(publish);
    else await answered(socket, publish, 4);
    if (qos === 2) await answered(socket, packets.mqttAnswer(6), 4);
  }
  if (pause === null) {
    const closed = once(socket, "close");
    socket.end(packets.MQTT_DISCONNECT);
    await closed;
  } else {
    await pause();
    socket.destroy();
  }
}

/** A datagram and its answer, if there is one; the answer's or, without one, the datagram's arrival ends it. */
export async function datagram(host: string, port: number, up: Buffer, down: Buffer | null): Promise<void> {
  const type = host.includes(":") ? "udp6" : "udp4";
  const [server, client] = [createSocket(type), createSocket(type)];
  server.bind(port, host);
  client.bind(0, host);
  await Promise.all([once(server, "listening"), once(client, "listening")]);
  const came = once(down === null ? server : client, "message");
  server.on("message", (_bytes, from) => down !== null && server.send(down, from.port, from.address));
  client.send(up, port, host);
  await came;
  client.close();
  server.close();
}
