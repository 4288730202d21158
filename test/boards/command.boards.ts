// `perigee board run`: an image of the board in QEMU, beside brokers that take it, refuse it, and are not there.
import { type ChildProcess, spawn } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import { onEnd, run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { compileSensor } from "./rv32.ts";
import { type Image, ROOT, temporary } from "./toolchain.ts";

const PROGRAM = `${ROOT}build/perigee.js`;
let image: Image;
let flashes = 0;

/** What it says on its console, line by line, until a line matches. */
function until({ stderr }: ChildProcess, pattern: RegExp): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    stderr?.on("data", data => {
      said += data;
      if (pattern.test(said)) resolve();
    });
    stderr?.once("close", () => reject(new Error(`it ended before ${pattern}: ${said}`)));
  });
}

function runBoard(port: number, flash = temporary(`command-${++flashes}.flash`)): ChildProcess {
  const flags = ["--broker", `127.0.0.1:${port}`, "--image", image.file, "--flash", flash];
  const child = spawn(process.execPath, [PROGRAM, "board", "run", "qemu-rv32", ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise(resolve => child.once("close", resolve));
  onEnd(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  return child;
}

async function startBroker(...settings: string[]): Promise<Mosquitto> {
  const broker = new Mosquitto();
  broker.settings.push(...settings);
  await broker.start();
  return broker;
}

describe.skipIf(!havePeers("rv32", "wasm2c", "mosquitto"))("perigee board run qemu-rv32", () => {
  beforeAll(() => {
    image = compileSensor();
  });

  it("makes a flash, publishes to the broker, and ends its emulator with SIGTERM; the next run resumes the session", async () => {
    const broker = await startBroker("allow_anonymous true");
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onEnd(() => client.endAsync(true));
    const came = new Promise(resolve => client.once("message", resolve));
    await client.subscribeAsync("sensors/rv32", { qos: 1 });
    const flash = temporary("command.flash");
    const board = runBoard(broker.port, flash);
    await Promise.all([came, until(board, /perigee: session begun\n[\s\S]*perigee: connected\n/)]);
    expect(statSync(flash).size).toBe(32 << 20);
    const ended = new Promise(resolve => board.once("exit", resolve));
    board.kill("SIGTERM");
    await ended;
    await until(
      runBoard(broker.port, flash),
      /perigee: session restored\n[\s\S]*perigee: connected, session resumed\n/,
    );
  });

  it("shows what the board says of a broker that refuses it", async () => {
    const broker = await startBroker("allow_anonymous false");
    await until(runBoard(broker.port), /^perigee: refused by the server: Not authorized$/m);
  });

  it("names a broker that is not there", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise(resolve => free.once("listening", resolve));
    const { port } = free.address() as { port: number };
    await new Promise(resolve => free.close(resolve));
    await until(runBoard(port), new RegExp(`Failed to connect to '127.0.0.1:${port}'`));
  });

  it("refuses a flash of another size, and one that cannot be made", async () => {
    const short = temporary("short.flash");
    writeFileSync(short, Buffer.alloc(512));
    const flags = ["board", "run", "qemu-rv32", "--broker", "127.0.0.1:1", "--image", image.file, "--flash"];
    expect(await run(process.execPath, [PROGRAM, ...flags, short])).toMatchObject({
      code: 1,
      stderr: `Error: --flash: '${short}' has 512 bytes, and the board's flash 33554432. Use 'perigee board --help' to see usage.\n`,
    });
    expect(await run(process.execPath, [PROGRAM, ...flags, "/nowhere/flash"])).toMatchObject({
      code: 1,
      stderr:
        "Error: --flash: cannot make '/nowhere/flash': no such file or directory. Use 'perigee board --help' to see usage.\n",
    });
  });
});
