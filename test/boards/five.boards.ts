// The client of boards/common with MQTT 5.0: mosquitto as the server, and servers that do what 5.0 forbids.
import net from "node:net";
import { connectAsync } from "mqtt";
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { beforeAll, describe, expect, it } from "vitest";
import { onEnd } from "../broker/real.ts";
import { Mosquitto, SERVERS } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { type Answer, bytesOf, face } from "./server.ts";
import { CHECKED, CLIENT, compileHost, coreOf, POSIX, temporary } from "./toolchain.ts";
import { numbers, witness } from "./witness.ts";

const COUNT = 40;
const FIVE = ["-V", "5"];
let program = "";

async function startMosquitto(...settings: string[]): Promise<Mosquitto> {
  const broker = new Mosquitto();
  broker.settings.push(...(settings.length > 0 ? settings : ["allow_anonymous true"]));
  await broker.start();
  return broker;
}

/** A port that passes everything on to `port`, and the packets that came from the board. */
async function tap(port: number): Promise<{ port: number; packets: Packet[] }> {
  const packets: Packet[] = [];
  const server = net.createServer(board => {
    const broker = net.connect(port, "127.0.0.1");
    const read = parser({ protocolVersion: 5 });
    read.on("packet", packet => packets.push(packet));
    board.on("data", bytes => read.parse(bytes));
    board.pipe(broker).pipe(board);
    for (const socket of [board, broker]) socket.on("error", () => {});
    onEnd(() => board.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(() => server.close());
  return { port: (server.address() as net.AddressInfo).port, packets };
}

const connack = (reasonCode: number, sessionPresent = false) =>
  generate({ cmd: "connack", reasonCode, sessionPresent }, { protocolVersion: 5 });

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c", "mosquitto"))("the posix board with MQTT 5.0", () => {
  beforeAll(() => {
    const sources = [...POSIX, ...CLIENT, coreOf("full"), "test/boards/firmware/count.c"];
    program = compileHost("posix-five", sources, [...CHECKED, "-DQOS=2", `-DCOUNT=${COUNT}`]);
  });

  it("publishes each number once at QoS 2, all but the first by topic alias, and resumes its session", async () => {
    const broker = await startMosquitto();
    const { seen, until } = await witness(broker.port);
    const { port, packets } = await tap(broker.port);
    const at = ["127.0.0.1", `${port}`, temporary("five-1"), ...FIVE, "--id", "roof", "--filter", "to/#"];
    const first = new Board(program, at);
    await until(COUNT);
    await first.until(/done/);
    await broker.until(/Sending SUBACK to roof/);
    expect(broker.lines.filter(line => /New client connected .* as roof \(p5, c0, k30\)/.test(line))).toHaveLength(1);
    const published = packets.filter(packet => packet.cmd === "publish");
    expect(published).toHaveLength(COUNT);
    expect(published.map(({ topic }) => topic)).toEqual(["numbers/posix", ...Array(COUNT - 1).fill("")]);
    expect(new Set(published.map(({ properties }) => properties?.topicAlias))).toEqual(new Set([1]));
    await first.kill();
    const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onEnd(() => sender.endAsync(true));
    await sender.publishAsync("to/it", "hello", { qos: 2 });
    const second = new Board(program, at);
    await second.until(/session restored/);
    await second.until(/connected, session resumed/);
    await second.until(/received: 00005/);
    expect(seen).toEqual(numbers(COUNT));
  });

  it("names the reason of a refusal, and of a DISCONNECT", async () => {
    const closed = await startMosquitto("allow_anonymous false");
    const stranger = new Board(program, ["127.0.0.1", `${closed.port}`, temporary("five-2"), ...FIVE]);
    await stranger.until(/^perigee: refused by the server: Not authorized$/);
    // mosquitto 2.0.11 closes without a word.
    const broker = await SERVERS[0].start();
    const board = new Board(program, ["127.0.0.1", `${broker.port}`, temporary("five-3"), ...FIVE, "--id", "twin"]);
    await board.until(/done/);
    const twin = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: "twin", protocolVersion: 5 });
    onEnd(() => twin.endAsync(true));
    await board.until(/^perigee: disconnected by the server: Session taken over$/);
  });

  it("sends what is left of a session of 3.1.1 first, and speaks 5.0 when it starts again", async () => {
    const store = temporary("five-4");
    // Nobody is there: all numbers that there is room for stay in the store.
    const alone = new Board(program, ["127.0.0.1", "1", store, "--id", "elder"]);
    await alone.until(/cannot connect/);
    await alone.kill();
    const broker = await startMosquitto();
    const { seen, until } = await witness(broker.port);
    const at = ["127.0.0.1", `${broker.port}`, store, "--id", "elder", ...FIVE];
    const elder = new Board(program, at);
    await elder.until(/store holds messages of the other version of MQTT, which is spoken until the next start/);
    await elder.until(/done/);
    await until(COUNT);
    await elder.kill();
    await new Board(program, at).until(/connected, session resumed/);
    expect(seen).toEqual(numbers(COUNT));
    const versions = broker.lines.flatMap(line => /as elder \((p\d)/.exec(line)?.[1] ?? []);
    expect(versions).toEqual(["p2", "p5"]);
  });

  it("tells the server what it asks of the session, and lets a message go that has expired", async () => {
    const sources = ["test/boards/firmware/five.c", ...POSIX.slice(1), ...CLIENT, coreOf("full")];
    const all = compileHost("posix-properties", sources, CHECKED);
    let connect: IConnectPacket | undefined;
    let publish: IPublishPacket | undefined;
    const prompt: Answer = (packet, socket) => {
      if (packet.cmd === "connect") connect = packet;
      if (packet.cmd === "connect") socket.write(connack(0));
      if (packet.cmd === "publish") publish = packet;
      if (packet.cmd === "publish")
        socket.write(generate({ cmd: "puback", messageId: packet.messageId, reasonCode: 0 }, { protocolVersion: 5 }));
    };
    const board = await face(all, prompt, [...FIVE, "200"]);
    await board.until(/acknowledged: 1/);
    expect(connect).toMatchObject({
      clean: false,
      keepalive: 30,
      properties: { sessionExpiryInterval: 86400, receiveMaximum: 8, userProperties: { where: "roof" } },
      will: { topic: "numbers/will", qos: 1, retain: true, properties: { willDelayInterval: 70000 } },
    });
    expect(publish).toMatchObject({
      topic: "numbers/five",
      properties: { messageExpiryInterval: 200, userProperties: { where: "roof" } },
    });
    publish = undefined;
    // The waits between attempts are half of 1 and of 2 seconds at least.
    const late = await face(all, (packet, socket, number) => (number < 3 ? socket.end() : prompt(packet, socket, 1)), [
      ...FIVE,
      "1",
    ]);
    await late.until(/a message has expired/);
    expect(publish).toBeUndefined();
  });

  it.each([
    ["a property twice", "20 09 00 00 06 21 00 09 21 00 09", "UNEXPECTED_PROPERTY", 0x82],
    ["a packet that only a server receives", "20 03 00 00 00 c0 00", "UNEXPECTED_TYPE", 0x82],
    ["an alias that was never allowed", "20 03 00 00 00 30 07 00 00 03 23 00 01 21", "Topic Alias invalid", 0x94],
  ])("names %s, tells the server why it closes, and goes on", async (_what, hex, name, reasonCode) => {
    const reasons: (number | undefined)[] = [];
    const taken: string[] = [];
    const board = await face(
      program,
      (packet, socket, connection) => {
        if (packet.cmd === "connect") socket.write(connection === 1 ? bytesOf(hex) : connack(0, true));
        if (packet.cmd === "disconnect") reasons.push(packet.reasonCode);
        if (packet.cmd === "publish" && connection > 1) {
          taken.push(packet.payload.toString());
          socket.write(generate({ cmd: "pubrec", messageId: packet.messageId }, { protocolVersion: 5 }));
        }
        if (packet.cmd === "pubrel")
          socket.write(generate({ cmd: "pubcomp", messageId: packet.messageId }, { protocolVersion: 5 }));
      },
      FIVE,
    );
    await board.until(new RegExp(`^perigee: closes: ${name}$`));
    await board.until(/done/);
    expect(reasons).toEqual([reasonCode]);
    expect(taken).toEqual(numbers(COUNT));
  });
});
