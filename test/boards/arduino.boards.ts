// The Arduino library as the build leaves it: its manifests, every call as it is declared, and the example itself, run with wasm3 on this
// computer against mosquitto.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { onEnd } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { compile, ROOT, temporary } from "./toolchain.ts";
import { wasm3Objects } from "./update-board.ts";
import { fetchWasm3 } from "./wasm3.ts";

const LIBRARY = `${ROOT}build/boards/arduino/`;
const SKETCH = `${LIBRARY}examples/sensor/sensor.ino`;
const DECLARED = ["arduino", "esp-idf"].flatMap(name => ["-isystem", `${ROOT}test/boards/declarations/${name}`]);
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const CPP = ["-std=gnu++17", ...WARNINGS, ...DECLARED, `-I${LIBRARY}src`];
const C = ["-std=gnu99", ...WARNINGS, ...DECLARED];
const read = (file: string) => readFileSync(`${LIBRARY}${file}`, "utf8");
const cFiles = () => readdirSync(`${LIBRARY}src/perigee`).filter(name => name.endsWith(".c"));

/** The example as a program, in objects of its own folder. */
function compileSketch(): string {
  const folder = temporary("arduino");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const objects: string[] = [];
  const build = (command: string, flags: readonly string[], name: string, source: string) => {
    objects.push(`${folder}/${name}.o`);
    compile(command, [
      ...flags,
      "-g",
      "-O1",
      "-c",
      "-o",
      `${folder}/${name}.o`,
      ...(source === SKETCH ? ["-x", "c++"] : []),
      source,
    ]);
  };
  const wasm3 = fetchWasm3();
  for (const file of cFiles()) build("gcc", [...C, "-isystem", wasm3], file, `${LIBRARY}src/perigee/${file}`);
  build("gcc", C, "nvs", `${ROOT}test/boards/firmware/nvs_file.c`);
  build("g++", CPP, "host", `${ROOT}test/boards/firmware/arduino_host.cpp`);
  build("g++", CPP, "client", `${LIBRARY}src/PerigeeClient.cpp`);
  build("g++", [...CPP, "-include", "Arduino.h"], "sketch", SKETCH);
  compile("g++", [...objects, ...wasm3Objects(wasm3), "-o", `${folder}/sensor`]);
  return `${folder}/sensor`;
}

describe.skipIf(!havePeers("gcc", "gxx", "wasm2c"))("the Arduino library", () => {
  it("has a library.json of known fields, and the files that it names", () => {
    const manifest = JSON.parse(read("library.json"));
    const fields = ["name", "version", "description", "keywords", "license", "headers", "frameworks", "platforms"];
    expect(Object.keys(manifest).sort()).toEqual([...fields, "dependencies", "examples"].sort());
    expect(manifest.version).toBe(JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).version);
    expect(manifest.name).toMatch(/^[A-Za-z0-9 _-]{1,50}$/);
    expect(manifest.dependencies).toEqual({ "wasm3/Wasm3": "~0.5.0" });
    expect(existsSync(`${LIBRARY}src/${manifest.headers}`)).toBe(true);
    for (const { base, files } of manifest.examples) {
      for (const file of files) expect(existsSync(`${LIBRARY}${base}/${file}`)).toBe(true);
    }
    const properties = new Map(
      read("library.properties")
        .trim()
        .split("\n")
        .map(line => line.split("=", 2) as [string, string]),
    );
    // Arduino's specification of libraries wants each of these, and knows these categories.
    expect(Object.fromEntries(properties)).toEqual({
      name: manifest.name,
      version: manifest.version,
      author: "The Perigee authors",
      maintainer: "The Perigee authors",
      sentence: expect.stringMatching(/^[A-Z].{20,}\.$/),
      paragraph: expect.stringMatching(/^[A-Z].{20,}\.$/),
      category: "Communication",
      architectures: "esp32",
      includes: manifest.headers,
      depends: "Wasm3",
    });
  });

  it("has no header in src/ that a file system without upper and lower case would take for Arduino's", () => {
    const headers = readdirSync(`${LIBRARY}src`).filter(name => name.endsWith(".h"));
    expect(headers).toEqual(["PerigeeClient.h"]);
    const names = readdirSync(`${LIBRARY}src/perigee`).map(name => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it("would be refused with a mistake in a call", () => {
    const text = read("src/PerigeeClient.cpp");
    const wrong = text.replace("network->connect(brokerHost, brokerPort)", "network->connect(brokerPort, brokerHost)");
    expect(wrong).not.toBe(text);
    writeFileSync(temporary("mistake.cpp"), wrong);
    expect(() => compile("g++", [...CPP, "-fsyntax-only", temporary("mistake.cpp")])).toThrow(/mistake\.cpp:\d+/);
  });
});

describe.skipIf(!havePeers("gcc", "gxx", "wasm2c", "mosquitto"))("the Arduino example", () => {
  it("publishes, is sent messages, and resumes its session after SIGKILL", async () => {
    const program = compileSketch();
    const broker = new Mosquitto();
    broker.settings.push("allow_anonymous true");
    await broker.start();
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onEnd(() => client.endAsync(true));
    const seen: string[] = [];
    let wake = () => {};
    client.on("message", (_topic, payload) => {
      seen.push(payload.toString());
      wake();
    });
    const until = async (count: number) => {
      while (seen.length < count) await new Promise<void>(resolve => (wake = resolve));
    };
    await client.subscribeAsync("sensors/roof", { qos: 1 });
    const env = { PORT: `${broker.port}`, NVS: temporary("arduino.nvs") };
    const board = new Board(program, [], env);
    await board.until(/^perigee: session begun$/);
    await board.until(/^perigee: connected$/);
    await broker.until(/Sending SUBACK to roof$/);
    await client.publishAsync("boards/roof/interval", "1", { qos: 1 });
    await until(3);
    await board.kill();
    await client.publishAsync("boards/roof/interval", "2", { qos: 1 });
    const again = new Board(program, [], env);
    await again.until(/^perigee: session restored$/);
    await again.until(/^perigee: connected, session resumed$/);
    await until(seen.length + 1);
    expect(new Set(seen)).toEqual(new Set(["21.5"]));
  });

  it("names a broker that is not there, and goes on", async () => {
    const board = new Board(compileSketch(), [], { PORT: "1", NVS: temporary("arduino-none.nvs") });
    await board.until(/^perigee: cannot connect$/, 2);
  });
});
