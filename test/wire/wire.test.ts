// The bytes of a reading in each protocol, against figures that were measured or derived elsewhere, and against Wireshark's dissectors.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { benchCommand, EXIT_USAGE } from "../../host/cli/bench.ts";
import { billOf, loraAirtimeMs, type Usage } from "../../host/link/billing.ts";
import { LINUX, LWIP, MESSAGE_BEARERS, type Preset, presetOrBearer } from "../../host/link/index.ts";
import { handshakeBytes, TLS_MODES } from "../../host/link/tls.ts";
import { compareIp, compareMessages, type Line, type Reading } from "../../host/wire/compare.ts";
import * as packets from "../../host/wire/packets.ts";
import { havePeers } from "../peers.ts";

const READING: Reading = {
  topic: "sensors/dev0001/temp",
  payload: Buffer.alloc(12, 0x20),
  intervalSeconds: 900,
  keepAliveSeconds: 1200,
  monthSeconds: 30 * 86_400,
  tcp: LINUX,
};

function linesOf(link: string, reading: Partial<Reading> = {}): Map<string, Line> {
  const subject = presetOrBearer(link);
  const whole = { ...READING, ...reading };
  const lines = "link" in subject ? compareIp(subject as Preset, whole) : compareMessages(subject, whole);
  return new Map(lines.map(line => [line.name, line]));
}

function total(lines: Map<string, Line>, name: string): number {
  const line = lines.get(name);
  if (line === undefined) throw new Error(`no line "${name}" among ${[...lines.keys()].join("; ")}`);
  return line.up + line.down;
}

describe("a reading of 12 bytes to a topic of 20", () => {
  // Derived from the headers, and the same as was captured of Linux and lwIP.
  it.each([
    [LINUX, 140, 198, 362, 182],
    // lwIP lets PUBREL carry the acknowledgement of PUBREC: 40 bytes less than one by itself.
    [LWIP, 116, 162, 250, 146],
  ])("on a connection that stays", (tcp, qos0, qos1, qos2, alias) => {
    const lines = linesOf("geo-vsat", { tcp });
    expect(total(lines, "MQTT 3.1.1, QoS 0, kept open")).toBe(qos0);
    expect(total(lines, "MQTT 3.1.1, QoS 1, kept open")).toBe(qos1);
    expect(total(lines, "MQTT 3.1.1, QoS 2, kept open")).toBe(qos2);
    expect(total(lines, "MQTT 5.0, alias, QoS 1, kept open")).toBe(alias);
  });

  it("on a connection each costs handshake, CONNECT and end on top", () => {
    // SYN 60, SYN 60, ACK 52; CONNECT and CONNACK with 21 and 4 bytes, ACK; the reading; ACK 52; DISCONNECT 54; FIN 52, FIN 52, ACK 52.
    const handshake = 172;
    const connect = 52 + 21 + 52 + 4 + 52;
    const reading = 52 + 38 + 52 + 4 + 52;
    expect(total(linesOf("geo-vsat"), "MQTT 3.1.1, QoS 1, connection each")).toBe(
      handshake + connect + reading + 54 + 156,
    );
  });

  it("in datagrams", () => {
    const lines = linesOf("geo-vsat");
    expect(total(lines, "MQTT-SN, QoS 0")).toBe(47);
    expect(total(lines, "MQTT-SN, QoS 1")).toBe(82);
    expect(total(lines, "CoAP NON")).toBe(66);
    expect(total(lines, "CoAP CON")).toBe(98);
  });

  it("with TLS costs a record each, and a handshake once", () => {
    const lines = linesOf("geo-vsat");
    const plain = lines.get("MQTT 3.1.1, QoS 1, kept open") as Line;
    const secret = lines.get("MQTT 3.1.1, QoS 1, TLS 1.3, kept open") as Line;
    expect(secret.up + secret.down - plain.up - plain.down).toBe(2 * 22);
    expect(secret.tls).toBe(44);
    const each = lines.get("MQTT 3.1.1, QoS 1, TLS 1.3, connection each") as Line;
    // Handshake; CONNECT, CONNACK, PUBLISH, PUBACK, DISCONNECT in records; close_notify each way.
    expect(each.tls).toBe(1651 + 5 * 22 + 2 * 24);
  });
});

describe("TLS", () => {
  // Measured: OpenSSL 3, P-256.
  it.each([
    ["tls1.3", 312, 1339],
    ["tls1.3-resumed", 583, 225],
    ["tls1.2", 258, 914],
    ["tls1.2-resumed", 440, 141],
    ["tls1.2-psk", 212, 345],
    ["tls1.2-psk-ccm8", 210, 337],
  ])("%s: %i up, %i down", (mode, up, down) => {
    expect(handshakeBytes(TLS_MODES[mode])).toEqual({ up, down });
  });
});

describe("a bearer of messages", () => {
  it("takes what fits, and shows what it is billed", () => {
    const lines = linesOf("iridium-sbd");
    expect([...lines.keys()]).toEqual(["bare payload", "MQTT-SN, QoS -1", "MQTT-SN, QoS 0", "MQTT-SN, QoS 1"]);
    expect(lines.get("bare payload")?.monthBilled).toEqual({ amount: 2880, unit: "credits", dollars: 2880 * 0.16 });
    expect(linesOf("iridium-sbd", { payload: Buffer.alloc(334) }).size).toBe(1);
    expect(linesOf("iridium-sbd", { payload: Buffer.alloc(341) }).size).toBe(0);
  });

  it("of LoRaWAN has the airtime of AN1200.13", () => {
    expect(linesOf("lorawan-eu868-sf12").get("bare payload")?.airtimeMs).toBeCloseTo(1482.8, 1);
    expect(loraAirtimeMs(51 + 13, 12)).toBeCloseTo(2793.5, 1);
    expect(loraAirtimeMs(12 + 13, 7)).toBeCloseTo(61.7, 1);
    expect(loraAirtimeMs(242 + 13, 7)).toBeCloseTo(399.6, 1);
  });

  it("of NB-IoT by satellite pays fifty bytes for a packet, headers among them", () => {
    expect(linesOf("ntn-geo-nbiot").get("bare payload")?.monthBilled.amount).toBe(2880 * 50);
    expect(linesOf("ntn-geo-nbiot", { payload: Buffer.alloc(100) }).get("bare payload")?.monthBilled.amount).toBe(
      2880 * 128,
    );
  });

  it("every one gives an answer", () => {
    for (const name of Object.keys(MESSAGE_BEARERS)) expect(linesOf(name).size).toBeGreaterThan(0);
  });
});

describe("a bill", () => {
  const usage = (rest: Partial<Usage>): Usage => ({
    upBytes: 0,
    downBytes: 0,
    upPackets: [],
    downPackets: [],
    seconds: 0,
    ...rest,
  });
  it.each([
    ["nothing", undefined, { upBytes: 5, downBytes: 6 }, { amount: 11, unit: "bytes" }],
    ["a session", { minimumPerSession: 5120 }, { upBytes: 100 }, { amount: 5120, unit: "bytes" }],
    [
      "a direction",
      { minimumPerSessionPerDirection: 51_200, roundTo: 10_240, dollarsPerMegabyte: 10 },
      { upBytes: 51_201, downBytes: 1 },
      { amount: 112_640, unit: "bytes", dollars: 1.1264 },
    ],
    ["a minute", { per: "minute" }, { seconds: 61 }, { amount: 2, unit: "minutes" }],
    [
      "a floor",
      { minimumPerSession: 5120, floorBytesPerSecond: 300, floorAfterSeconds: 300 },
      { seconds: 400 },
      { amount: 120_000, unit: "bytes" },
    ],
    [
      "a message",
      { minimumPerMessage: 15, roundTo: 10, per: "kB" },
      { upPackets: [1, 21] },
      { amount: 50, unit: "bytes" },
    ],
    ["a credit", { unitBytes: 50, minimumUnits: 1 }, { upPackets: [0, 50, 51] }, { amount: 4, unit: "credits" }],
  ])("by %s", (_, bill, used, expected) => {
    expect(billOf(bill, usage(used))).toEqual({ dollars: undefined, ...expected });
  });
});

describe.skipIf(!havePeers("tshark"))("Wireshark", () => {
  /** What tshark's dissector says of a packet in UDP to `port`. */
  function dissected(bytes: Buffer, port: number, protocol: string, ...fields: string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), "perigee-wire-"));
    try {
      const file = join(folder, "packet.pcap");
      const udp = Buffer.alloc(8);
      udp.writeUInt16BE(40_000, 0);
      udp.writeUInt16BE(port, 2);
      udp.writeUInt16BE(8 + bytes.length, 4);
      const ip = Buffer.from("450000000000000040110000" + "7f0000017f000001", "hex");
      ip.writeUInt16BE(28 + bytes.length, 2);
      const frame = Buffer.concat([ip, udp, bytes]);
      const head = Buffer.alloc(24 + 16);
      head.writeUInt32LE(0xa1b2c3d4, 0);
      head.writeUInt16LE(2, 4);
      head.writeUInt16LE(4, 6);
      head.writeUInt32LE(65_535, 16);
      head.writeUInt32LE(101, 20);
      head.writeUInt32LE(frame.length, 32);
      head.writeUInt32LE(frame.length, 36);
      writeFileSync(file, Buffer.concat([head, frame]));
      const words = [
        "-r",
        file,
        "-d",
        `udp.port==${port},${protocol}`,
        "-T",
        "fields",
        ...fields.flatMap(field => ["-e", field]),
        "-e",
        "_ws.malformed",
      ];
      const { status, stdout, stderr } = spawnSync("tshark", words, { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return stdout.replace(/\n$/, "").split("\t");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("reads MQTT-SN", () => {
    const payload = Buffer.from("21.5");
    const fields = ["mqttsn.msg.len", "mqttsn.msg.type", "mqttsn.qos", "mqttsn.topic.id", "mqttsn.msg.id"];
    for (const [qos, bits, id] of [
      [-1, 3, 0],
      [0, 0, 0],
      [1, 1, 1],
    ] as const) {
      const [size, type, told, topic, message, malformed] = dissected(
        packets.snPublish(qos, 7, payload),
        1885,
        "mqttsn",
        ...fields,
      );
      expect([Number(size), Number(type), Number(told), Number(topic), Number(message), malformed]).toEqual([
        11,
        0x0c,
        bits,
        7,
        id,
        "",
      ]);
    }
    expect(
      dissected(packets.snPuback(7), 1885, "mqttsn", "mqttsn.msg.len", "mqttsn.msg.type").map(Number).slice(0, 2),
    ).toEqual([7, 0x0d]);
    expect(dissected(packets.snConnect("dev0001", 60), 1885, "mqttsn", "mqttsn.client.id").slice(0, 1)).toEqual([
      "dev0001",
    ]);
    const large = dissected(packets.snPublish(0, 7, Buffer.alloc(300, 65)), 1885, "mqttsn", "mqttsn.msg.type");
    expect([Number(large[0]), large[1]]).toEqual([0x0c, ""]);
  });

  it("reads CoAP", () => {
    const post = packets.coapPost(true, "sensors/a-segment-of-twenty-/temp", Buffer.from("21.5"));
    const fields = ["coap.type", "coap.code", "coap.opt.uri_path", "coap.payload_length"];
    expect(dissected(post, 5683, "coap", ...fields)).toEqual(["0", "2", "sensors,a-segment-of-twenty-,temp", "4", ""]);
    expect(dissected(packets.coapPost(false, "t", Buffer.from("x")), 5683, "coap", "coap.type")[0]).toBe("1");
    expect(dissected(packets.COAP_ACK, 5683, "coap", "coap.type", "coap.code").slice(0, 2)).toEqual(["2", "0"]);
  });
});

describe("perigee bench wire", () => {
  async function bench(...words: string[]): Promise<{ status: number; out: string; err: string }> {
    const said = { out: "", err: "" };
    process.exitCode = undefined;
    const sink = (name: "out" | "err") => ({ write: (text: string) => (said[name] += text) });
    await benchCommand(sink("out"), sink("err")).parseAsync(["wire", ...words], { from: "user" });
    const status = Number(process.exitCode ?? 0);
    process.exitCode = undefined;
    return { status, ...said };
  }

  it("prints a table for each link, or JSON", async () => {
    const { status, out } = await bench("--links", "iridium-certus-100,ntn-geo-nbiot");
    expect(status).toBe(0);
    expect(out).toMatch(/^iridium-certus-100\n/);
    expect(out).toMatch(/\nntn-geo-nbiot\n/);
    const json = JSON.parse((await bench("--json", "--payload", "12")).out);
    expect(json[0].lines.find((line: Line) => line.name === "MQTT 3.1.1, QoS 1, kept open")).toMatchObject({
      up: 142,
      down: 56,
    });
  });

  it.each([
    [["--links", "geo-vsta"], /did you mean "geo-vsat"/],
    [["--payload", "many"], /--payload: a whole number/],
    [["--topic", "a/#"], /--topic: "a\/#" is no topic/],
    [["--interval", "10ms"], /--interval: a second at least/],
    [["--tcp", "bsd"], /TCP profile "bsd" does not exist/],
    [["--days", "0"], /--days/],
  ])("%j is refused", async (words, message) => {
    const { status, out, err } = await bench(...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});
