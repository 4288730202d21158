/** ACL files: what they allow, their faults, and mosquitto's own verdict on random ones. */
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AclPermissions, parseAclFile } from "../../../host/broker/access/acl-file.ts";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import { RULES_5 } from "../../../host/broker/codec/rules.ts";
import { havePeers } from "../../peers.ts";
import { connectPacket } from "../endpoint.ts";
import { onEnd, start } from "../real.ts";

/** r, w, rw or nothing, for each topic. */
function verdicts(text: string, clientId: string, username: string | undefined, topics: readonly string[]): string[] {
  const permissions = new AclPermissions(parseAclFile(text, "acl"), clientId, username);
  return topics.map(topic => (permissions.mayRead(topic) ? "r" : "") + (permissions.mayWrite(topic) ? "w" : ""));
}

const EXAMPLE = `
# before any user: clients without a name
topic read $SYS/#
topic open/+

user ann
topic write ann/up
topic read ann/down
topic readwrite ann/both/#
topic readwrite ann with space
topic deny ann/both/secret

pattern read c/%c/#
pattern write u/%u/x
pattern deny c/%c/hidden
`;

describe("an ACL", () => {
  it("has rules for users, for clients without a name, and patterns for all", () => {
    const topics = ["$SYS/broker/uptime", "open/a", "open/a/b", "c/me/1", "c/you/1", "c/me/hidden", "x"];
    expect(verdicts(EXAMPLE, "me", undefined, topics)).toEqual(["r", "rw", "", "r", "", "", ""]);
    const own = ["ann/up", "ann/down", "ann/both", "ann/both/1", "ann/both/secret", "ann with space", "with space"];
    expect(verdicts(EXAMPLE, "me", "ann", own)).toEqual(["w", "r", "rw", "rw", "", "rw", ""]);
    expect(verdicts(EXAMPLE, "me", "ann", ["u/ann/x", "u/bob/x", "open/a", "c/me/1"])).toEqual(["w", "", "", "r"]);
    expect(verdicts(EXAMPLE, "me", "bob", ["ann/up", "u/bob/x"])).toEqual(["", "w"]);
  });

  it("gives nothing by a pattern to a client whose name is a wildcard", () => {
    expect(verdicts("pattern c/%c", "+", undefined, ["c/+", "c/a"])).toEqual(["", ""]);
    expect(verdicts("pattern c/%u", "a", "#", ["c/a"])).toEqual([""]);
    expect(verdicts("pattern c/%u", "a", undefined, ["c/", "c/undefined"])).toEqual(["", ""]);
  });

  it("without rules allows nothing", () => {
    expect(verdicts("", "a", undefined, ["t"])).toEqual([""]);
  });

  it.each([
    ["usr ann", "acl:1: 'usr' is not known; expected user, topic or pattern"],
    ["\nuser", "acl:2: user needs a name behind it"],
    ["topic", "acl:1: topic needs a topic filter behind it"],
    ["topic rw a", "acl:1: topic has the access 'rw'; expected read, write, readwrite or deny"],
    ["pattern deny a#", "acl:1: 'a#' is no topic filter: [MQTT-4.7.1-2] '#' stands alone as the last level: 'a#'"],
  ])("refuses %j", (text, message) => {
    expect(() => parseAclFile(text, "acl")).toThrow(message);
  });

  it("warns of a pattern that is none", () => {
    expect(parseAclFile("pattern read a/b", "acl").warnings).toEqual(["acl:1: the pattern has no %c and no %u"]);
  });
});

/** A generator that a seed starts (mulberry32). */
function randomOf(seed: number): (count: number) => number {
  let state = seed;
  return count => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}

describe.runIf(havePeers("mosquitto"))("mosquitto", () => {
  it("allows and denies the same", async () => {
    const seed = 20_261_122;
    const random = randomOf(seed);
    const pick = <T>(...from: T[]): T => from[random(from.length)];
    const level = () => pick("a", "b", "+", "me", "ann", "%c", "%u", "x%cy");
    const filter = () =>
      pick(`${level()}/${level()}`, level(), `${level()}/#`, "#", `${level()}/${level()}/${level()}`);
    const rule = () => `${pick("", "read ", "write ", "readwrite ", "deny ")}${filter()}`.replace(/^x/, "readwrite x");
    const lines = ["topic read a/#"];
    for (let index = 0; index < 4; index++) lines.push(`topic ${rule()}`);
    lines.push("user ann");
    for (let index = 0; index < 4; index++) lines.push(`topic ${rule()}`);
    for (let index = 0; index < 5; index++) lines.push(`pattern ${rule()}`);
    const text = `${lines.join("\n")}\n`;

    const directory = mkdtempSync(join(tmpdir(), "perigee-"));
    // A Unix socket: no port that somebody else could take meanwhile.
    const path = join(directory, "socket");
    writeFileSync(join(directory, "acl"), text);
    const user = process.getuid?.() === 0 ? "user root\n" : "";
    const conf = `${user}listener 0 ${path}\nallow_anonymous true\nacl_file ${directory}/acl\n`;
    writeFileSync(join(directory, "conf"), conf);
    const broker = start("mosquitto", ["-c", join(directory, "conf"), "-v"]);
    await new Promise<void>(resolve => {
      broker.process.stderr?.on("data", data => String(data).includes("running") && resolve());
    });
    const topics: string[] = [];
    for (const one of ["a", "b", "me", "ann", "xmey"]) {
      topics.push(one);
      for (const two of ["a", "me", "ann", "c"]) topics.push(`${one}/${two}`, `${one}/${two}/b`);
    }
    for (const username of [undefined, "ann", "bob"]) {
      const written = await publishAll(path, username, topics);
      const ours = verdicts(text, "me", username, topics).map(verdict => verdict.includes("w"));
      const differing = topics.filter((_topic, index) => ours[index] !== written[index]);
      expect(differing, `seed ${seed}, user ${username}\n${text}`).toEqual([]);
    }
  });
});

/** Was each topic's QoS 1 PUBLISH of 5.0 taken? */
async function publishAll(path: string, username: string | undefined, topics: readonly string[]): Promise<boolean[]> {
  const socket = net.connect(path);
  onEnd(() => socket.destroy());
  const framer = new Framer(0x100_0000);
  framer.rules = RULES_5;
  const packets: Packet[] = [{ ...connectPacket("me", { username, level: 5, properties: {} }) }];
  topics.forEach((topic, index) => {
    packets.push({
      type: "PUBLISH",
      topic,
      payload: Buffer.from("x"),
      qos: 1,
      isDup: false,
      isRetain: false,
      packetId: index + 1,
      properties: {},
    });
  });
  const taken: boolean[] = [];
  const isDone = new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error("closed")));
    socket.on("data", bytes => {
      framer.feed(bytes);
      while (framer.next()) {
        const packet = decodePacket(framer.bytes, framer.first, framer.start, framer.end, 5);
        if (packet.type === "PUBACK") taken[packet.packetId - 1] = (packet.reasonCode ?? 0) < 0x80;
      }
      if (Object.keys(taken).length === topics.length) resolve();
    });
  });
  // Fewer at once than mosquitto's receive maximum of 20.
  socket.write(encodePacket(packets[0], 5));
  for (let at = 1; at < packets.length; at++) socket.write(encodePacket(packets[at], 5));
  await isDone;
  return taken;
}
