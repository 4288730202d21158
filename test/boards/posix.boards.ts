// The client of boards/common on Linux, against mosquitto: sessions over restarts, TLS with certificates of both sides.
import { writeFileSync } from "node:fs";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import { makeCertificate, onEnd } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { CHECKED, CLIENT, CORE, compileHost, POSIX, temporary } from "./toolchain.ts";
import { numbers, witness } from "./witness.ts";

const COUNT = 40;
let program = "";

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c", "mosquitto", "openssl"))("the posix board", () => {
  beforeAll(() => {
    const sources = [...POSIX, ...CLIENT, CORE, "test/boards/firmware/count.c"];
    program = compileHost("posix-count", sources, [...CHECKED, "-DQOS=2", `-DCOUNT=${COUNT}`]);
  });

  it("publishes each number once at QoS 2, and receives messages, one of them larger than its memory", async () => {
    const broker = new Mosquitto();
    broker.settings.push("allow_anonymous true");
    await broker.start();
    const { seen, until } = await witness(broker.port);
    const board = new Board(program, ["127.0.0.1", `${broker.port}`, temporary("store-1"), "--filter", "to/#"]);
    await until(COUNT);
    await board.until(/done/);
    const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onEnd(() => sender.endAsync(true));
    for (const [index, size] of [0, 5, 400, 40_000].entries()) {
      await sender.publishAsync(`to/${index}`, Buffer.alloc(size, 0x61), { qos: 2 });
    }
    await board.until(/received: 40000/);
    expect(seen).toEqual(numbers(COUNT));
    expect(board.lines.filter(line => line.startsWith("perigee: received"))).toEqual(
      ["00000", "00005", "00400", "40000"].map(size => `perigee: received: ${size}`),
    );
  });

  it("goes on where it was after SIGKILL, and is sent what came while it was away", async () => {
    const broker = new Mosquitto();
    broker.settings.push("allow_anonymous true");
    await broker.start();
    const { seen } = await witness(broker.port);
    const at = ["127.0.0.1", `${broker.port}`, temporary("store-2"), "--id", "roof", "--filter", "to/#"];
    const first = new Board(program, at);
    await first.until(/done/);
    await broker.until(/Sending SUBACK to roof/);
    await first.kill();
    const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onEnd(() => sender.endAsync(true));
    await sender.publishAsync("to/it", "hello", { qos: 1 });
    const second = new Board(program, at);
    await second.until(/session restored/);
    await second.until(/published: 00040/);
    await second.until(/connected, session resumed/);
    await second.until(/received: 00005/);
    expect(seen).toEqual(numbers(COUNT));
  });

  it("speaks TLS, shows its certificate, and names a server that it does not trust", async () => {
    const [server, client, stranger] = [makeCertificate(), makeCertificate("roof"), makeCertificate()];
    const broker = new Mosquitto();
    broker.settings.push(
      ...[`certfile ${server.certFile}`, `keyfile ${server.keyFile}`, `cafile ${client.certFile}`],
      ...["require_certificate true", "use_identity_as_username true"],
    );
    await broker.start();
    const to = ["localhost", `${broker.port}`];
    const trusted = ["--cafile", server.certFile, "--cert", client.certFile, "--key", client.keyFile];
    const board = new Board(program, [...to, temporary("store-3"), ...trusted]);
    await board.until(/done/);
    expect(broker.lines.filter(line => /New client connected .* u'roof'/.test(line))).toHaveLength(1);
    const wary = new Board(program, [...to, temporary("store-4"), "--cafile", stranger.certFile]);
    await wary.until(/TLS: self.signed certificate/);
    await wary.until(/cannot connect/);
    const bare = new Board(program, [...to, temporary("store-5"), "--cafile", server.certFile]);
    await bare.until(/connection lost|TLS/);
    const other = new Board(program, ["127.0.0.2", `${broker.port}`, temporary("store-6"), ...trusted]);
    await other.until(/cannot connect/);
  });

  it("refuses a command line and files that cannot work, in one line", async () => {
    const cases: [string[], string][] = [
      [["h", "1", temporary("store-7"), "--cafile", "/nowhere"], "perigee: the CA file cannot be read"],
      [["h", "1", temporary("store-7"), "--cert", "x"], "perigee: --cert and --key go together"],
      [["h", "1", "/nowhere/store"], "perigee: the store's file cannot be opened"],
      [["h", "1", temporary("store-7"), "--qos", "1"], "perigee: --qos: no such option"],
      [["h", "1", temporary("store-7"), "--id"], "perigee: --id: needs a value"],
      [["h", "1", temporary("store-7"), "--id", ""], "perigee: MISUSE_CLIENT_ID"],
      [["h", "1", temporary("store-7"), "--id", "x".repeat(300)], "perigee: MISUSE_TOO_LARGE"],
      [["h", "1", temporary("store-7"), "--password", "x"], "perigee: MISUSE_USER"],
      [["h", "1", temporary("store-7"), "-V", "31"], "perigee: -V 31: versions are 311 and 5"],
      [["h", "1", temporary("store-7"), "-V", "5"], "perigee: this core knows MQTT 3.1.1 alone"],
    ];
    for (const [args, said] of cases) {
      const board = new Board(program, args);
      expect([args, await board.ended, board.lines.join()]).toEqual([args, 64, said]);
    }
  });

  it("says that a store holds no session of this client, and begins anew", async () => {
    const file = temporary("store-8");
    writeFileSync(file, Buffer.alloc(4 * 4096, 0x5a));
    const board = new Board(program, ["127.0.0.1", "1", file]);
    await board.until(/store holds no whole session of this client: begins anew/);
    await board.until(/session begun/);
    await board.until(/cannot connect/);
  });
});
