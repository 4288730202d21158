// The client on rv32imc in QEMU: the bars in instructions and bytes, and real traffic with mosquitto through power cuts.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it } from "vitest";
import { boardsTable } from "../../bench/boards-table.ts";
import { onEnd } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import {
  compileAstray,
  compileBudget,
  compileCodec,
  compileCount,
  compileFlood,
  compileSensor,
  figuresOf,
  makeFlash,
} from "./rv32.ts";
import { startRv32 } from "./rv32-board.ts";
import { type Image, ROOT } from "./toolchain.ts";
import { numbers } from "./witness.ts";

const KIB = 1024;

async function startMosquitto(): Promise<Mosquitto> {
  const broker = new Mosquitto();
  broker.settings.push("allow_anonymous true", "max_queued_messages 0");
  await broker.start();
  return broker;
}

/** A subscriber of its own process, for traffic of any length. */
function subscribe(port: number, topic: string): { seen: string[]; until(last: string): Promise<void> } {
  const child = spawn("mosquitto_sub", ["-p", `${port}`, "-t", topic, "-q", "2"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onEnd(() => child.kill());
  const seen: string[] = [];
  let wake = () => {};
  createInterface({ input: child.stdout }).on("line", line => {
    seen.push(line);
    wake();
  });
  const until = async (last: string) => {
    while (seen.at(-1) !== last) await new Promise<void>(resolve => (wake = resolve));
  };
  return { seen, until };
}

describe.skipIf(!havePeers("rv32", "wasm2c"))("the figures of rv32imc, bounds checked, -O2", () => {
  it("are those of bench/boards.md (npm run bench boards)", () => {
    expect(boardsTable()).toBe(readFileSync(`${ROOT}bench/boards.md`, "utf8"));
  });

  it("write a PUBLISH of QoS 1, 24 + 32 bytes, within 719, and read and check it within 358", () => {
    const figures = figuresOf(compileCodec());
    expect(figures.get("encode")).toBeLessThanOrEqual(719);
    expect(figures.get("decode")).toBeLessThanOrEqual(358);
  });

  it.each(["v311", "full"] as const)(
    "are at most 4,000 for a cycle from publish to acknowledged, %s, and the same in every run",
    profile => {
      const image = compileBudget(profile);
      const figures = figuresOf(image);
      expect(figures.get("cycle")).toBeLessThanOrEqual(4000);
      expect(figuresOf(image)).toEqual(figures);
    },
  );
});

describe.skipIf(!havePeers("rv32", "wasm2c"))("the memory of the core on rv32imc", () => {
  it.each(["PERIGEE_MEMORY_SIZE - 8", "0x7ffffff0", "-16", "CLIENT + 2"])("refuses a record at %s", address => {
    expect(() => figuresOf(compileAstray(address))).toThrow(
      /the image ended with 70: perigee: halts: core: access beyond its memory, or a field between its words/,
    );
  });
});

describe.skipIf(!havePeers("rv32", "wasm2c"))("a turn of the loop on rv32imc", () => {
  it("takes at most 100,000 instructions, under a millisecond of an ESP32-C3, whatever the network floods it with", () => {
    const most = figuresOf(compileFlood());
    expect([...most.keys()]).toEqual(["qos0", "qos1", "qos2", "large", "noise"]);
    for (const [kind, count] of most) expect([kind, count > 3000 && count <= 100_000]).toEqual([kind, true]);
  });
});

describe.skipIf(!havePeers("rv32", "wasm2c", "mosquitto", "mosquitto_pub"))("the rv32 board", () => {
  // The map of the board has no more flash than that: a larger image does not link.
  it.each(["v311", "full"] as const)(
    "is an image within 32 KiB of flash, and 8 KiB of RAM with its stack, %s",
    async profile => {
      const image = compileSensor(profile);
      expect(image.flashBytes).toBeLessThanOrEqual(32 * KIB);
      const broker = await startMosquitto();
      const { until } = subscribe(broker.port, "sensors/rv32");
      await broker.until(/Sending SUBACK/);
      const board = startRv32(image, broker.port, makeFlash(`sensor-${profile}.flash`));
      await board.until(/connected/);
      await until("000000");
      expect(image.ramBytes).toBeLessThanOrEqual(8 * KIB - 2 * KIB);
    },
  );

  it("publishes, is sent messages, and uses at most 2 KiB of stack doing it", async () => {
    const image = compileCount(["-DQOS=2", "-DCOUNT=50", "-DSTACK_REPORT"]);
    const broker = await startMosquitto();
    const { seen, until } = subscribe(broker.port, "numbers/#");
    await broker.until(/Sending SUBACK/);
    const board = startRv32(image, broker.port, makeFlash("count.flash"));
    await until("00050");
    await board.until(/done/);
    for (const size of [0, 5, 200, 5000]) {
      spawn("mosquitto_pub", ["-p", `${broker.port}`, "-t", "boards/rv32/it", "-q", "2", "-m", "x".repeat(size)]);
      await board.until(new RegExp(`received: ${`${size}`.padStart(5, "0")}`));
    }
    expect(seen).toEqual(numbers(50));
    const stack = Math.max(...board.lines.map(line => Number(/stack: (\d+)/.exec(line)?.[1] ?? 0)));
    expect(stack).toBeGreaterThan(300);
    expect(stack).toBeLessThanOrEqual(2 * KIB);
  });
});

describe.skipIf(!havePeers("rv32", "wasm2c", "mosquitto", "mosquitto_pub"))("200 power cuts of the rv32 board", () => {
  const COUNT = 10_000;
  const CUTS = 200;
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let image: Image;
  beforeAll(() => {
    image = compileCount(["-DQOS=2", `-DCOUNT=${COUNT}`, '-DBOARD_CLIENT_ID="cut"']);
  });

  it(`loses none of 10,000 messages and doubles none (SEED=${seed})`, async () => {
    let state = seed;
    const draw = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const broker = await startMosquitto();
    const { seen, until } = subscribe(broker.port, "numbers/#");
    await broker.until(/Sending SUBACK/);
    const flash = makeFlash("cut.flash");
    for (let cut = 0; cut < CUTS; cut++) {
      const board = startRv32(image, broker.port, flash);
      // Some cuts come while the board still starts, most in the middle of its traffic.
      const from = seen.length;
      const until = from + Math.floor(draw() * 80);
      const deadline = Date.now() + draw() * 600;
      while (seen.length < until && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 2));
      await board.kill();
    }
    const board = startRv32(image, broker.port, flash);
    await board.until(/done/);
    await until("10000");
    expect(board.lines.filter(line => /published: /.test(line))).not.toEqual(["perigee: published: 00000"]);
    expect(seen).toEqual(numbers(COUNT));
  });
});
