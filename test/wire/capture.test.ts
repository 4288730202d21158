// Every protocol of `perigee bench wire` as it goes over the loopback: payloads and headers to the byte, whatever the pauses of a busy machine do to
// acknowledgements (those are counted in bench/wire.md).
import { once } from "node:events";
import type { Server } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { LINUX, type Preset, presetOrBearer } from "../../host/link/index.ts";
import { TLS_MODES } from "../../host/link/tls.ts";
import { compareIp, type Line } from "../../host/wire/compare.ts";
import * as packets from "../../host/wire/packets.ts";
import { havePeers } from "../peers.ts";
import { type CapturedPacket, capture, FIRST_PORT, whyNoCapture } from "./capture.ts";
import * as exchanges from "./exchanges.ts";

const why = havePeers("tshark", "openssl") ? whyNoCapture() : "tshark or openssl is absent";
if (why !== null) console.error(`no capture on the loopback - its suite is left out: ${why}`);

const MODEL_CERTIFICATE_BYTES = 442;
const { TOPIC, PAYLOAD, KEEP_ALIVE } = exchanges;
const hosts = ["127.0.0.1", "::1"] as const;
/** Connections by what they are, and the port of each. */
const ports = new Map<string, number>();
let nextPort = FIRST_PORT;

function linesOf(host: string): Map<string, Line> {
  const { link, ...rest } = presetOrBearer("lan") as Preset;
  const subject = { ...rest, link: host === "::1" ? { ...link, headers: { ip: 6 } as const } : link };
  const times = { intervalSeconds: 900, keepAliveSeconds: KEEP_ALIVE, monthSeconds: 86_400 };
  return new Map(compareIp(subject, { topic: TOPIC, payload: PAYLOAD, tcp: LINUX, ...times }).map(l => [l.name, l]));
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

async function plain(host: string): Promise<void> {
  for (const version of [4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      const port = nextPort++;
      const server = await exchanges.brokerLike(host, port, null);
      await exchanges.mqtt(await exchanges.dial(host, port, null), version, qos, 1, null);
      await closed(server);
      const name = version === 4 ? "MQTT 3.1.1" : "MQTT 5.0, alias";
      ports.set(`${host} ${name}, QoS ${qos}, connection each`, port);
    }
  }
  for (const [name, up, down] of [
    ["MQTT-SN, QoS -1", packets.snPublish(-1, 1, PAYLOAD), null],
    ["MQTT-SN, QoS 1", packets.snPublish(1, 1, PAYLOAD), packets.snPuback(1)],
    ["CoAP CON", packets.coapPost(true, TOPIC, PAYLOAD), packets.COAP_ACK],
  ] as const) {
    const port = nextPort++;
    await exchanges.datagram(host, port, up, down);
    ports.set(`${host} ${name}`, port);
  }
}

async function secured(mode: string, certificate: exchanges.Certificate): Promise<void> {
  const base = mode.replace("-resumed", "");
  const credentials = base.includes("psk") ? {} : { key: certificate.key, cert: certificate.cert };
  const port = nextPort++;
  const server = await exchanges.brokerLike("127.0.0.1", port, { ...exchanges.tlsOptions(base), ...credentials });
  const session = mode === base ? undefined : await exchanges.sessionOf("127.0.0.1", port, base);
  const socket = await exchanges.dial("127.0.0.1", port, base, session);
  await exchanges.mqtt(socket, 4, 1, 1, null);
  await closed(server);
  ports.set(mode, port);
}

/** Of several connections to one port, the packets of the last. */
function lastConnection(all: readonly CapturedPacket[]): readonly CapturedPacket[] {
  return all.slice(all.findLastIndex(({ isSyn, isUp }) => isSyn && isUp));
}

/** Bytes of payload, without those that a machine which paused has sent again. */
function payloadOf(those: readonly CapturedPacket[]): number {
  const largest = new Map<string, number>();
  for (const [index, { isUp, sequence, payload, tcpHeader }] of those.entries()) {
    const key = tcpHeader === 0 ? `datagram ${index}` : `${isUp} ${sequence}`;
    largest.set(key, Math.max(payload, largest.get(key) ?? 0));
  }
  return [...largest.values()].reduce((sum, payload) => sum + payload, 0);
}

describe.skipIf(why !== null)("captured on the loopback", () => {
  let found = new Map<number, CapturedPacket[]>();
  let certificate: exchanges.Certificate;

  beforeAll(async () => {
    certificate = exchanges.certificate();
    found = await capture(async () => {
      for (const host of hosts) await plain(host);
      for (const mode of Object.keys(TLS_MODES)) await secured(mode, certificate);
    });
  }, 60_000);

  it.each(hosts)("over %s a connection and a datagram are what the model says", host => {
    const lines = linesOf(host);
    const ipHeader = host === "::1" ? 40 : 20;
    let comparedCount = 0;
    for (const [key, port] of ports) {
      if (!key.startsWith(`${host} `)) continue;
      const name = key.slice(host.length + 1);
      const line = lines.get(name) as Line;
      const those = found.get(port) ?? [];
      expect(`${name}: ${payloadOf(those)}`).toBe(`${name}: ${line.application}`);
      for (const { bytes, payload, tcpHeader, isSyn } of those) {
        // Linux: 40 bytes on a SYN; stamps on all others, and a block of 12 where something came twice; UDP 8.
        const isUdp = tcpHeader === 0;
        expect(bytes - payload).toBe(ipHeader + (isUdp ? 8 : tcpHeader));
        if (!isUdp) expect(isSyn ? [40] : [32, 44]).toContain(tcpHeader);
      }
      if (those[0].tcpHeader === 0) expect(payloadOf(those) + those.length * (ipHeader + 8)).toBe(line.up + line.down);
      comparedCount += 1;
    }
    expect(comparedCount).toBe(9);
  });

  it.each(Object.keys(TLS_MODES))("%s has the flights and records of the model", mode => {
    const { name, flights, lead, perRecord, closeBytes } = TLS_MODES[mode];
    const those = lastConnection(found.get(ports.get(mode) as number) ?? []);
    const isSigned = !mode.includes("psk") && !mode.includes("resumed");
    const [ups, downs] = [true, false].map(isUp => those.filter(packet => packet.isUp === isUp && packet.payload > 0));
    const connect = packets.mqttConnect(4, "dev0001", KEEP_ALIVE).length;
    const publish = packets.mqttPublish(4, 1, TOPIC, PAYLOAD).length;
    const clientFlights = flights.filter((_, index) => index % 2 === 0);
    expect(payloadOf(ups)).toBe(
      clientFlights.reduce((sum, size) => sum + size, lead.client) + connect + publish + 2 + 3 * perRecord + closeBytes,
    );
    expect(ups[0].payload).toBe(flights[0]);
    // Of what comes down only a signature may be longer or shorter, by a byte.
    const line = linesOf("127.0.0.1").get(`MQTT 3.1.1, QoS 1, ${name}, connection each`) as Line;
    const longer = isSigned ? certificate.sizeBytes - MODEL_CERTIFICATE_BYTES : 0;
    const difference = payloadOf(downs) + payloadOf(ups) - longer - line.application - line.tls;
    expect(Math.abs(difference)).toBeLessThanOrEqual(isSigned ? 2 : 0);
  });
});
