/** Wireshark's dissector reads every packet type that the client sends, and finds nothing wrong. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PacketSplitter } from "../../host/client/packet-splitter.ts";
import { havePeers } from "../peers.ts";
import { captureOf, type Segment } from "./pcap.ts";
import { World } from "./world.ts";

/** Packet types that a client sends, section 2.2.1. */
const CLIENT_TYPES = [1, 3, 4, 5, 6, 7, 8, 10, 12, 14];

function dissect(segments: Segment[], ...args: string[]): string[] {
  const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "capture.pcap");
  writeFileSync(file, captureOf(segments));
  const { status, stdout, stderr } = spawnSync("tshark", ["-r", file, "-d", "tcp.port==1883,mqtt", ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`tshark failed: ${stderr}`);
  return stdout.split("\n").filter(line => line !== "");
}

/** Everything that a client can have occasion to send, over two connections. */
function talk(): Segment[] {
  const world = new World({ users: new Map([["sensor", "pässword"]]) });
  const client = world.connect("dissected", {
    clean: false,
    keepAliveSeconds: 30,
    username: "sensor",
    password: "pässword",
    will: { topic: "will/ü", payload: Buffer.from([0, 1, 255]), qos: 2, retain: true },
  });
  client.subscribe("echo/#", 2);
  client.publish("echo/zero", "", 0);
  client.publish("echo/one", "1", 1);
  client.publish("echo/two", "2".repeat(300), 2, true);
  client.publish("écho/größer", Buffer.alloc(3_000, 7), 1);
  client.proceed();
  // The acknowledgement of this one is lost with the connection: it is sent again, with DUP.
  client.publish("again", "x", 1);
  client.publish("again", "x", 2);
  client.proceed();
  client.cutBeforeAnswers = true;
  client.publish("again", "lost", 1);
  client.proceed();
  world.advance(5_000);
  const list = Buffer.from([0, 6, ...Buffer.from("echo/#")]);
  client.driver.request("unsubscribe", list, { done() {}, failed() {} });
  client.proceed();
  world.advance(31_000);
  client.driver.disconnect(world.nowMs);
  client.proceed();
  expect(client.driver.isIdle).toBe(true);
  return client.transcript;
}

const FIELDS = [
  "msgtype",
  "clientid",
  "username",
  "passwd",
  "willtopic",
  "willmsg",
  "kalive",
  "conflag.qos",
  "conflag.retain",
  "conflag.cleansess",
  "topic",
  "dupflag",
].map(name => `mqtt.${name}`);

describe.runIf(havePeers("tshark"))("tshark", () => {
  const segments = talk();

  it("finds every packet that the client has sent, and reads in it what was meant", () => {
    const ways = FIELDS.flatMap(field => ["-e", field]);
    const rows = dissect(segments, "-Y", "mqtt && tcp.dstport == 1883", "-T", "fields", "-E", "separator=|", ...ways);
    const types = rows.flatMap(row => row.split("|")[0].split(",").map(Number));
    const splitter = new PacketSplitter();
    const sent = segments
      .filter(({ isFromClient }) => isFromClient)
      .flatMap(({ bytes }) =>
        [...splitter.split(bytes)].flatMap(({ packet }) => (packet ? [packet.head[0] >> 4] : [])),
      );
    expect(types).toEqual(sent);
    expect([...new Set(types)].sort((a, b) => a - b)).toEqual(CLIENT_TYPES);
    expect(rows[0]).toMatch(/^1\|dissected\|sensor\|pässword\|will\/ü\|0001ff\|30\|2\|(1|True)\|(0|False)\|\|/);
    expect(rows.some(row => /^3\|.*\|again\|(1|True)$/.test(row))).toBe(true);
    expect(rows.some(row => row.includes("|écho/größer|"))).toBe(true);
  });

  it("finds nothing malformed, and would tell", () => {
    const filter = "_ws.malformed || _ws.expert.severity >= 6291456";
    expect(dissect(segments, "-Y", filter)).toEqual([]);
    const broken = segments.map(segment => ({ ...segment, bytes: Uint8Array.from(segment.bytes) }));
    const subscribe = broken.find(({ bytes, isFromClient }) => isFromClient && bytes[0] === 0x82);
    if (subscribe === undefined) throw new Error("no SUBSCRIBE in the capture");
    subscribe.bytes[4] = 0x7f;
    expect(dissect(broken, "-Y", filter)).not.toEqual([]);
  });
});
