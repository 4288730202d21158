// A new module by MQTT, from a real mosquitto into a board with 496 bytes for a message: taken, refused, and cut off by power cuts.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import { onEnd, run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { ROOT, temporary } from "./toolchain.ts";
import { compileUpdateBoard, makeModule, sha256, shipped } from "./update-board.ts";

const SLOT_SIZE = 65_536;
const SIZE = 60_000;
let program = "";
let boards = 0;

const nameOf = (module: Uint8Array) => sha256(module).slice(0, 16);

/** A board's two files, its module written as over a cable; and what it says to the broker about its modules. */
async function makeBoard(broker: Mosquitto, module: Buffer = shipped()) {
  const name = `roof${++boards}`;
  // What SIGKILL leaves is the kernel's, on a disk or not; a disk would take most of a minute for each module.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "perigee-slots-"));
  onEnd(() => rmSync(folder, { recursive: true }));
  const [store, slots] = [join(folder, "store"), join(folder, "slots")];
  writeFileSync(slots, Buffer.concat([module, Buffer.alloc(2 * SLOT_SIZE - module.length, 0xff)]));
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  onEnd(() => client.endAsync(true));
  const said: string[] = [];
  let wake = () => {};
  client.on("message", (_topic, payload) => {
    said.push(payload.toString());
    wake();
  });
  await client.subscribeAsync(`sensors/${name}/module`, { qos: 1 });
  const args = ["127.0.0.1", `${broker.port}`, store, "--id", name, "--module", slots];
  return {
    name,
    slots,
    said,
    client,
    start: (env = {}) => new Board(program, args, env),
    subscribed: () => broker.until(new RegExp(`Sending SUBACK to ${name}$`)),
    async untilSaid(text: string) {
      while (!said.includes(text)) await new Promise<void>(resolve => (wake = resolve));
    },
  };
}

/** Answers when the broker has it: whether the board wants it is another matter. */
async function send(client: MqttClient, name: string, module: Uint8Array, hash = sha256(module)): Promise<void> {
  await client.publishAsync(`boards/${name}/module/${hash}`, Buffer.from(module), { qos: 1 });
}

async function startBroker(): Promise<Mosquitto> {
  const broker = new Mosquitto();
  broker.settings.push("allow_anonymous true", "persistence false");
  await broker.start();
  return broker;
}

const suite = describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c", "mosquitto"));

suite("a new module by MQTT", () => {
  beforeAll(() => {
    program = compileUpdateBoard("update");
  });

  it("of 60,000 bytes goes through 496 bytes of RAM, by `perigee pub -f`, and runs after the restart", async () => {
    const broker = await startBroker();
    const { name, start, subscribed, untilSaid, said } = await makeBoard(broker);
    const board = start();
    await subscribed();
    await board.until(new RegExp(`^perigee: module: ${nameOf(shipped())}$`));
    await untilSaid(`runs ${nameOf(shipped())}`);
    const next = makeModule(SIZE, 1);
    expect(next.length).toBe(SIZE);
    const file = temporary("next.wasm");
    writeFileSync(file, next);
    const topic = `boards/${name}/module/${sha256(next)}`;
    const flags = ["pub", "-p", `${broker.port}`, "-t", topic, "-q", "1", "-f", file];
    expect(await run(process.execPath, [`${ROOT}build/perigee.js`, ...flags])).toMatchObject({ code: 0, stderr: "" });
    expect(await board.ended).toBe(70);
    expect(board.lines.slice(-2)).toEqual([
      "perigee: new module: taken",
      "perigee: halts: to start with the new module",
    ]);
    const again = start();
    await again.until(new RegExp(`^perigee: module: ${nameOf(next)}$`));
    await again.until(/session restored/);
    await again.until(/connected, session resumed/);
    await untilSaid(`runs ${nameOf(next)}`);
    expect(said).toContain("taken");
  });

  it("is refused by name, on the console and to the broker, and the old one runs on", async () => {
    const broker = await startBroker();
    const { name, slots, client, start, subscribed, untilSaid } = await makeBoard(broker);
    const board = start();
    await subscribed();
    await untilSaid(`runs ${nameOf(shipped())}`);
    const good = makeModule(SIZE, 2);
    const header = readFileSync(`${ROOT}build/boards/full/perigee.h`, "utf8");
    const damaged = Buffer.from(good);
    damaged[SIZE / 2] ^= 1;
    const cut = good.subarray(0, SIZE - 1);
    const stretched = Buffer.concat([good, Buffer.from([0])]);
    const refused: [Uint8Array, string | undefined, string][] = [
      [damaged, sha256(good), "its SHA-256 is not the topic's"],
      [cut, sha256(good), "its SHA-256 is not the topic's"],
      [cut, undefined, "it is cut short"],
      [good.subarray(0, SIZE - 14), undefined, "it is cut short, or none of build/boards/"],
      [stretched, undefined, "it is cut short"],
      [makeModule(SIZE, 2, () => {}, header), undefined, "it is of another ABI version than this firmware"],
      [makeModule(SLOT_SIZE - 4096 + 1, 2), undefined, "it is larger than this board takes"],
      [Buffer.alloc(1000, 0xff), undefined, "it is no WebAssembly module"],
      [Buffer.alloc(0), undefined, "it is empty"],
      [shipped(), undefined, "it is the one that runs"],
      [good, sha256(good).slice(1), "the topic does not end in module/ and 64 hex digits"],
      [good, sha256(good).replace(/./, "x"), "the topic does not end in module/ and 64 hex digits"],
    ];
    for (const [index, [module, hash, why]] of refused.entries()) {
      await send(client, name, module, hash);
      await board.until(/new module: /, index + 1);
      expect(board.lines.at(-1)).toBe(`perigee: new module: ${why}`);
      await untilSaid(why);
    }
    await client.publishAsync(`boards/${name}/interval`, "soon", { qos: 1 });
    await board.until(/^perigee: interval: it is no number of seconds$/);
    await board.kill();
    await start().until(new RegExp(`^perigee: module: ${nameOf(shipped())}$`));
    // What it holds of the refused ones is never taken for a module, even where the other is gone.
    writeFileSync(slots, Buffer.alloc(SLOT_SIZE, 0xff), { flag: "r+" });
    await start().until(/^perigee: halts: no module in flash$/);
  });

  it("that no engine can run is given up after three starts, and the one before it runs again", async () => {
    const broker = await startBroker();
    const { name, client, start, subscribed, untilSaid } = await makeBoard(broker);
    const board = start();
    await subscribed();
    await untilSaid(`runs ${nameOf(shipped())}`);
    const bad = makeModule(SIZE, 3, module => module.write("transmogrif", module.indexOf("transmitted")));
    await send(client, name, bad);
    expect(await board.ended).toBe(70);
    for (let start_ = 0; start_ < 3; start_++) {
      const broken = start();
      expect(await broken.ended).toBe(64);
      expect(broken.lines).toEqual([
        `perigee: module: ${nameOf(bad)}`,
        "perigee: module of another version, its call: transmitted",
        "perigee: module: its calls are not those of perigee.h",
      ]);
    }
    const old = start();
    await old.until(new RegExp(`^perigee: module that never reached the server is not run: ${nameOf(bad)}$`));
    await old.until(new RegExp(`^perigee: module: ${nameOf(shipped())}$`));
    await old.until(/connected, session resumed/);
    await send(client, name, bad);
    await untilSaid("it was run already, and never reached the server");
    const good = makeModule(SIZE, 4);
    await send(client, name, good);
    expect(await old.ended).toBe(70);
    await start().until(new RegExp(`^perigee: module: ${nameOf(good)}$`));
  });

  it("over a cable, of another ABI version: the board names it, keeps its session, and goes on with the other", async () => {
    const broker = await startBroker();
    const { name, slots, client, start, subscribed, untilSaid } = await makeBoard(broker);
    const board = start();
    await subscribed();
    const good = makeModule(SIZE, 5);
    await send(client, name, good);
    expect(await board.ended).toBe(70);
    const proved = start();
    await untilSaid(`runs ${nameOf(good)}`);
    await proved.kill();
    const header = readFileSync(`${ROOT}build/boards/full/perigee.h`, "utf8");
    writeFileSync(
      slots,
      makeModule(20_000, 6, () => {}, header),
      { flag: "r+" },
    );
    const again = start();
    await again.until(/^perigee: module in slot 0 is not run: it is of another ABI version than this firmware$/);
    await again.until(new RegExp(`^perigee: module: ${nameOf(good)}$`));
    await again.until(/session restored/);
    await again.until(/connected, session resumed/);
  });
});

suite("the power cut while a module comes", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  /** Flash operations: the start's and the connection's, two when an update begins, sectors and pieces of 64 bytes, the record. */
  const OPERATIONS = 2 + 2 + Math.ceil(SIZE / 4096) + Math.ceil(SIZE / 64) + 1;
  beforeAll(() => {
    program = compileUpdateBoard("update-cut");
  });

  it(`leaves the old one whole, and the server sends the new one again (SEED=${seed})`, async () => {
    const broker = await startBroker();
    const [old, next] = [shipped(), makeModule(SIZE, 7)];
    let state = seed;
    const draw = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const cuts = [3, 4, 5, 6, 7, OPERATIONS - 2, OPERATIONS - 1, OPERATIONS];
    while (cuts.length < 18) cuts.push(8 + draw(OPERATIONS - 10));
    for (const cut of cuts) {
      const { name, client, start, subscribed, untilSaid } = await makeBoard(broker, old);
      const first = start({ CUT: `${cut}` });
      await subscribed();
      await send(client, name, next);
      expect([cut, await first.ended, first.lines.at(-1)]).toEqual([cut, null, "perigee: connected"]);
      const second = start();
      expect(await second.ended).toBe(70);
      expect(second.lines[0]).toBe(`perigee: module: ${nameOf(old)}`);
      expect(second.lines).toContain("perigee: new module: taken");
      const third = start();
      await untilSaid(`runs ${nameOf(next)}`);
      await third.kill();
      await client.endAsync(true);
    }
  });
});
