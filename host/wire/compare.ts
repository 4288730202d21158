/**
 * One reading in every protocol, over one link: the lines of `perigee bench wire`.
 */
import { type Billed, billOf, LORAWAN_OVERHEAD_BYTES, loraAirtimeMs, type Usage } from "../link/billing.ts";
import { Headers, type LinkSpec, type MessageBearer, type Preset, type TcpProfile } from "../link/index.ts";
import { TLS_MODES, type TlsMode } from "../link/tls.ts";
import { type Layers, type Message, measure, secured } from "./exchange.ts";
import * as packets from "./packets.ts";

const CLIENT_ID = "dev0001";
const TOPIC_ID = 1;

/** What is to be sent: how often, and for how long a month. */
export interface Reading {
  topic: string;
  payload: Buffer;
  intervalSeconds: number;
  keepAliveSeconds: number;
  monthSeconds: number;
  tcp: TcpProfile;
}

/** Bytes of one reading (per-session costs spread over none), and of a month. */
export interface Line {
  name: string;
  application: number;
  tls: number;
  up: number;
  down: number;
  packets: number;
  /** Bytes on the air of one reading, up and down: in frames and with headers compressed where the link does that. */
  upAir: number;
  downAir: number;
  /** Milliseconds on the air of one reading, both ways; absent without a rate. */
  airtimeMs?: number;
  monthBytes: number;
  monthBilled: Billed;
}

/** The lines for a link that carries IP. */
export function compareIp(subject: Preset, reading: Reading): Line[] {
  const lines: Line[] = [];
  for (const version of [4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      const name = `${version === 4 ? "MQTT 3.1.1" : "MQTT 5.0, alias"}, QoS ${qos}`;
      lines.push(kept(subject, reading, name, null, version, qos), fresh(subject, reading, name, null, version, qos));
    }
  }
  for (const mode of Object.values(TLS_MODES)) {
    const name = `MQTT 3.1.1, QoS 1, ${mode.name}`;
    lines.push(kept(subject, reading, name, mode, 4, 1), fresh(subject, reading, name, mode, 4, 1));
  }
  const { topic, payload } = reading;
  const post: Message[] = [
    { from: "client", size: packets.httpPost(topic, payload).length },
    { from: "server", size: packets.HTTP_NO_CONTENT.length },
  ];
  lines.push(session(subject, reading, "HTTP POST, connection each", null, post));
  for (const [name, up, down] of datagrams(reading))
    lines.push(datagram(subject.link, subject.facts?.bill, reading, name, up, down, new Headers(subject.link.headers)));
  return lines;
}

/** The lines for a bearer of messages: what fits, bare and as MQTT-SN. */
export function compareMessages(bearer: MessageBearer, reading: Reading): Line[] {
  const { facts } = bearer;
  const isIp = typeof facts.maximumPacket === "number";
  const most = isIp ? Number(facts.maximumPacket) : Number(facts.maximumUp ?? facts.maximumStoreForwardUp ?? 0);
  const headers = isIp ? new Headers() : null;
  const overhead = headers?.datagramBytes(0) ?? 0;
  const bps = Number(facts.airBps ?? facts.upBps ?? 0);
  const link: LinkSpec = bps > 0 ? { up: { rate: { bps } }, down: { rate: { bps } } } : { up: {}, down: {} };
  const lora = facts.airtimeFormula === undefined ? null : 12;
  const all: [string, Buffer, Buffer | null][] = [["bare payload", reading.payload, null], ...datagrams(reading)];
  return all
    .filter(([name, up]) => up.length + overhead <= most && (isIp || !name.startsWith("CoAP")))
    .map(([name, up, down]) => {
      const line = datagram(link, facts.bill, reading, name, up, down, headers);
      if (lora !== null) line.airtimeMs = loraAirtimeMs(up.length + LORAWAN_OVERHEAD_BYTES, lora);
      return line;
    });
}

function datagrams({ topic, payload }: Reading): [string, Buffer, Buffer | null][] {
  return [
    ["MQTT-SN, QoS -1", packets.snPublish(-1, TOPIC_ID, payload), null],
    ["MQTT-SN, QoS 0", packets.snPublish(0, TOPIC_ID, payload), null],
    ["MQTT-SN, QoS 1", packets.snPublish(1, TOPIC_ID, payload), packets.snPuback(TOPIC_ID)],
    ["CoAP NON", packets.coapPost(false, topic, payload), null],
    ["CoAP CON", packets.coapPost(true, topic, payload), packets.COAP_ACK],
  ];
}

/** PUBLISH and what answers it; `first` sends the topic along with its alias. */
function publishing(
  { topic, payload }: Reading,
  version: packets.MqttVersion,
  qos: 0 | 1 | 2,
  first: boolean,
): Message[] {
  const publish =
    version === 4
      ? packets.mqttPublish(4, qos, topic, payload)
      : packets.mqttPublish(5, qos, first ? topic : "", payload, 1);
  const messages: Message[] = [{ from: "client", size: publish.length }];
  if (qos === 1) messages.push({ from: "server", size: packets.mqttAnswer(4).length });
  if (qos === 2) {
    for (const type of [5, 6, 7] as const)
      messages.push({ from: type === 6 ? "client" : "server", size: packets.mqttAnswer(type).length });
  }
  return messages;
}

function opening(reading: Reading, tls: TlsMode | null, version: packets.MqttVersion): Message[] {
  return secured(tls, [
    { from: "client", size: packets.mqttConnect(version, CLIENT_ID, reading.keepAliveSeconds).length },
    { from: "server", size: packets.mqttConnack(version).length },
  ]);
}

/** A connection that stays: a reading is what one more of them adds, a month has one opening, readings and pings. */
function kept(
  subject: Preset,
  reading: Reading,
  name: string,
  tls: TlsMode | null,
  version: packets.MqttVersion,
  qos: 0 | 1 | 2,
): Line {
  const pauseUs = Math.round(reading.intervalSeconds * 1e6);
  const paused = ([head, ...rest]: Message[]): Message[] => [{ ...head, pauseUs }, ...rest];
  const run = (count: number) => {
    const messages = [...opening(reading, tls, version)];
    for (let index = 0; index < count; index += 1)
      messages.push(...paused(publishing(reading, version, qos, index === 0)));
    return measure(subject.link, reading.tcp, tls, messages, false);
  };
  const [few, more] = [run(2), run(12)];
  const one = scaled(few, more, 10);
  const count = Math.floor(reading.monthSeconds / reading.intervalSeconds);
  const ping = [
    { from: "client", size: packets.MQTT_PINGREQ.length, pauseUs },
    { from: "server", size: packets.MQTT_PINGRESP.length },
  ] as const;
  const pings =
    reading.keepAliveSeconds > 0 && reading.keepAliveSeconds < reading.intervalSeconds
      ? Math.floor(reading.monthSeconds / reading.keepAliveSeconds) - count
      : 0;
  const base = measure(subject.link, reading.tcp, tls, opening(reading, tls, version), true);
  const pinged = measure(subject.link, reading.tcp, tls, [...opening(reading, tls, version), ...ping], true);
  const up = base.upBytes + count * one.up + pings * (pinged.upBytes - base.upBytes);
  const down = base.downBytes + count * one.down + pings * (pinged.downBytes - base.downBytes);
  const usage: Usage = { upBytes: up, downBytes: down, upPackets: [], downPackets: [], seconds: reading.monthSeconds };
  return finished(subject.link, `${name}, kept open`, one, up + down, billOf(billFacts(subject), usage));
}

/** A connection for each reading. */
function fresh(
  subject: Preset,
  reading: Reading,
  name: string,
  tls: TlsMode | null,
  version: packets.MqttVersion,
  qos: 0 | 1 | 2,
): Line {
  const messages = [
    ...opening(reading, tls, version),
    ...publishing(reading, version, qos, true),
    { from: "client", size: packets.MQTT_DISCONNECT.length } as const,
  ];
  return session(subject, reading, `${name}, connection each`, tls, messages);
}

function session(subject: Preset, reading: Reading, name: string, tls: TlsMode | null, messages: Message[]): Line {
  const layers = measure(subject.link, reading.tcp, tls, messages, true);
  const count = Math.floor(reading.monthSeconds / reading.intervalSeconds);
  const { application, tls: tlsBytes, upBytes: up, downBytes: down, upAirBytes: upAir, downAirBytes: downAir } = layers;
  const packetCount = layers.upPackets.length + layers.downPackets.length;
  const one = { application, tls: tlsBytes, up, down, upAir, downAir, packets: packetCount };
  return finished(subject.link, name, one, count * (up + down), times(billOf(billFacts(subject), layers), count));
}

function datagram(
  link: LinkSpec,
  bill: unknown,
  reading: Reading,
  name: string,
  up: Buffer,
  down: Buffer | null,
  headers: Headers | null,
): Line {
  const size = (bytes: Buffer) => headers?.datagramBytes(bytes.length) ?? bytes.length;
  const air = (bytes: Buffer) => headers?.datagramAirBytes(bytes.length) ?? bytes.length;
  const sizes = { up: [size(up)], down: down === null ? [] : [size(down)] };
  const one = {
    application: up.length + (down?.length ?? 0),
    tls: 0,
    up: sizes.up[0],
    down: sizes.down[0] ?? 0,
    upAir: air(up),
    downAir: down === null ? 0 : air(down),
    packets: 1 + sizes.down.length,
  };
  const count = Math.floor(reading.monthSeconds / reading.intervalSeconds);
  const usage: Usage = {
    upBytes: one.up,
    downBytes: one.down,
    upPackets: sizes.up,
    downPackets: sizes.down,
    seconds: 0,
  };
  return finished(link, name, one, count * (one.up + one.down), times(billOf(bill as Preset["facts"], usage), count));
}

type One = Pick<Line, "application" | "tls" | "up" | "down" | "upAir" | "downAir" | "packets">;

function finished(link: LinkSpec, name: string, one: One, monthBytes: number, monthBilled: Billed): Line {
  const ups = airMs(link.up, one.upAir, one.packets / 2);
  const downs = airMs(link.down, one.downAir, one.packets / 2);
  const airtimeMs = ups === null || downs === null ? undefined : ups + downs;
  return { name, ...one, airtimeMs, monthBytes, monthBilled };
}

/** Milliseconds that so many bytes take at the rate, with its overhead on each packet. */
function airMs({ rate }: LinkSpec["up"], bytes: number, packetCount: number): number | null {
  if (rate === undefined || !("bps" in rate)) return null;
  return ((bytes + packetCount * (rate.packetOverhead ?? 0)) * 8000) / rate.bps;
}

/** One of the `count` readings by which two runs differ. */
function scaled(few: Layers, more: Layers, count: number): One {
  const packetsOf = (layers: Layers) => layers.upPackets.length + layers.downPackets.length;
  return {
    application: (more.application - few.application) / count,
    tls: (more.tls - few.tls) / count,
    up: (more.upBytes - few.upBytes) / count,
    down: (more.downBytes - few.downBytes) / count,
    upAir: (more.upAirBytes - few.upAirBytes) / count,
    downAir: (more.downAirBytes - few.downAirBytes) / count,
    packets: (packetsOf(more) - packetsOf(few)) / count,
  };
}

function billFacts({ facts }: Preset): Preset["facts"] {
  return facts?.bill as Preset["facts"];
}

function times({ amount, unit, dollars }: Billed, count: number): Billed {
  return { amount: amount * count, unit, dollars: dollars === undefined ? undefined : dollars * count };
}
