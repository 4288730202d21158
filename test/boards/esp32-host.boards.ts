// The ESP-IDF project's own files, all of them, on this computer: over as much of ESP-IDF as they call (firmware/esp_host.c), and wamr.c over
// wasm3. Against mosquitto: what its README promises a newcomer, updates, and the power cut.
import { readFileSync, writeFileSync } from "node:fs";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import { makeCertificate, onEnd } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { type Engine, kconfigDefaults, MAIN, sourcesOf } from "./esp32-project.ts";
import { CHECKED, compile, ROOT, temporary } from "./toolchain.ts";
import { makeModule, sha256, shipped, wasm3Objects } from "./update-board.ts";
import { fetchWasm3 } from "./wasm3.ts";

const NAME = "esp32-4af1c0";
let program = "";
let boards = 0;

const nameOf = (module: Uint8Array) => sha256(module).slice(0, 16);

interface Variant {
  readonly engine?: Engine;
  readonly profile?: "v311" | "full";
  /** Files, PEM: what a user puts in main/certificates/. */
  readonly certificates?: Readonly<Record<"ca.pem" | "client.pem" | "client.key", string>>;
}

/** What EMBED_TXTFILES makes of a file: its bytes and a NUL, between two symbols. */
function embed(files: Readonly<Record<string, string>>): string {
  const source = temporary("certificates.S");
  const symbols = Object.entries(files).map(([name, file]) => {
    const symbol = `_binary_${name.replace(".", "_")}`;
    return `.global ${symbol}_start, ${symbol}_end\n${symbol}_start: .incbin "${file}"\n.byte 0\n${symbol}_end:\n`;
  });
  writeFileSync(source, `.data\n${symbols.join("")}.section .note.GNU-stack,"",@progbits\n`);
  return source;
}

function compileProject(
  name: string,
  { engine = "PERIGEE_ENGINE_WAMR", profile = "v311", certificates }: Variant = {},
): string {
  const file = temporary(name);
  const wasm3 = fetchWasm3();
  const values = kconfigDefaults()
    .set("PERIGEE_WIFI_SSID", '"network"')
    .set("PERIGEE_BROKER_HOST", '"localhost"')
    .set("PERIGEE_BROKER_PORT", "1883");
  const tls = certificates === undefined ? ["PERIGEE_TLS_NONE"] : ["PERIGEE_TLS_CA", "PERIGEE_TLS_CLIENT"];
  const settings = [...values].map(([key, value]) => `-DCONFIG_${key}=${value}`);
  const chosen = [engine, ...tls, ...(profile === "full" ? ["PERIGEE_PROFILE_FULL"] : [])].map(
    key => `-DCONFIG_${key}=1`,
  );
  const declared = ["-idirafter", "test/boards/declarations/esp-idf", "-Itest/boards/declarations/wamr"];
  const own = [`-I${MAIN}`, `-I${MAIN}client`, `-I${MAIN}core/${profile}`, "-isystem", wasm3, "-Dd_m3HasFloat=0"];
  const here = ["esp_host", "esp_host_tls", "nvs_file"].map(source => `test/boards/firmware/${source}.c`);
  const over =
    engine === "PERIGEE_ENGINE_WAMR" ? ["test/boards/firmware/wamr_over_wasm3.c", ...wasm3Objects(wasm3)] : [];
  const sources = sourcesOf(engine, profile).map(source => `${MAIN}${source}`);
  // The checks see our own C; in the core's they would see generated code, at length.
  const checked = engine === "PERIGEE_ENGINE_WAMR" ? CHECKED : [];
  compile("gcc", [
    ...["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-O1", ...checked, ...declared, ...own, ...settings, ...chosen],
    ...[...sources, ...here, ...over, ...(certificates === undefined ? [] : [embed(certificates)])],
    ...["-lssl", "-lcrypto", "-lpthread", "-o", file],
  ]);
  return file;
}

/** A broker, a board beside it as `idf.py flash` leaves it, and what its topics have said. */
async function begin() {
  const broker = new Mosquitto();
  broker.settings.push("allow_anonymous true", "persistence false");
  await broker.start();
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  onEnd(() => client.endAsync(true));
  const said: string[] = [];
  let wake = () => {};
  client.on("message", (topic, payload) => {
    said.push(`${topic} ${payload.toString()}`);
    wake();
  });
  await client.subscribeAsync("sensors/#", { qos: 1 });
  const files = { NVS: temporary(`esp32-${++boards}.nvs`), MODULE: temporary(`esp32-${boards}.module`) };
  writeFileSync(files.MODULE, readFileSync(`${MAIN}core/v311/module.bin`));
  return {
    broker,
    client,
    files,
    subscribed: () => broker.until(new RegExp(`Sending SUBACK to ${NAME}$`)),
    start: (image = program) => new Board(image, [], { PORT: `${broker.port}`, ...files }),
    async until(pattern: RegExp) {
      while (!said.some(line => pattern.test(line))) await new Promise<void>(resolve => (wake = resolve));
    },
  };
}

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c", "mosquitto"))(
  "the ESP-IDF project on this computer",
  () => {
    beforeAll(() => {
      program = compileProject("esp32");
    });

    it("says and publishes what its README shows, takes an interval, and resumes its session after SIGKILL", async () => {
      const { client, start, subscribed, until } = await begin();
      const board = start();
      await board.until(/^perigee: connected$/);
      expect([...board.lines].sort()).toEqual(
        [
          "perigee: wi-fi: up",
          `perigee: name: ${NAME}`,
          `perigee: module: ${nameOf(shipped())}`,
          "perigee: session begun",
          "perigee: connected",
        ].sort(),
      );
      await until(new RegExp(`^sensors/${NAME}/module runs ${nameOf(shipped())}$`));
      await until(new RegExp(`^sensors/${NAME} \\d+$`));
      await subscribed();
      await client.publishAsync(`boards/${NAME}/interval`, "0", { qos: 1 });
      await board.until(/^perigee: interval: it is not between 1 and 86399 s$/);
      await board.kill();
      await client.publishAsync(`boards/${NAME}/interval`, "x", { qos: 1 });
      const again = start();
      await again.until(/^perigee: session restored$/);
      await again.until(/^perigee: connected, session resumed$/);
      await again.until(/^perigee: interval: it is no number of seconds$/);
    });

    it("takes a module over MQTT in the partition, and runs it; refuses one larger than its RAM for it", async () => {
      const { client, start, subscribed, until } = await begin();
      const board = start();
      await subscribed();
      const large = makeModule(24 * 1024 + 1, 1);
      await client.publishAsync(`boards/${NAME}/module/${sha256(large)}`, large, { qos: 1 });
      await board.until(/^perigee: new module: it is larger than this board takes$/);
      const next = makeModule(20_000, 2);
      await client.publishAsync(`boards/${NAME}/module/${sha256(next)}`, next, { qos: 1 });
      await board.until(/^perigee: new module: taken$/);
      expect(await board.ended).toBe(70);
      const again = start();
      await again.until(new RegExp(`^perigee: module: ${nameOf(next)}$`));
      await again.until(/^perigee: connected, session resumed$/);
      await until(new RegExp(`module runs ${nameOf(next)}$`));
    });

    it("is told by its engine of a module that lacks a call, and goes back to the one before", async () => {
      const { client, start, subscribed } = await begin();
      const board = start();
      await subscribed();
      const bad = makeModule(20_000, 3, module => module.write("transmogrif", module.indexOf("transmitted")));
      await client.publishAsync(`boards/${NAME}/module/${sha256(bad)}`, bad, { qos: 1 });
      expect(await board.ended).toBe(70);
      for (let starts = 0; starts < 3; starts++) {
        const broken = start();
        await broken.until(/^perigee: module of another version, its call: transmitted$/);
        await broken.until(/^perigee: halts: module: its calls are not those of perigee.h$/);
        expect(await broken.ended).toBe(70);
      }
      const old = start();
      await old.until(new RegExp(`^perigee: module: ${nameOf(shipped())}$`));
      await old.until(/^perigee: session restored$/);
      await old.until(/^perigee: connected, session resumed$/);
    });

    it("names a module of another ABI version that came by cable, and what is no module", async () => {
      const { files, start } = await begin();
      const full = readFileSync(`${ROOT}build/boards/full/perigee.wasm`);
      writeFileSync(files.MODULE, full, { flag: "r+" });
      const board = start();
      await board.until(/^perigee: module in slot 0 is not run: it is of another ABI version than this firmware$/);
      await board.until(/^perigee: halts: no module in flash$/);
      expect(await board.ended).toBe(70);
    });

    it("publishes with the core as plain C too, and speaks MQTT 5.0", async () => {
      const { broker, start, until } = await begin();
      const plain = compileProject("esp32-plain", { engine: "PERIGEE_ENGINE_WASM2C", profile: "full" });
      const board = start(plain);
      await board.until(/^perigee: connected$/);
      await until(/^sensors\/esp32 \d+$/);
      await broker.until(/New client connected .* as esp32-4af1c0 \(p5,/);
    });

    it("speaks TLS, shows its certificate, and does not speak to a server of another authority", async () => {
      const [server, own, stranger] = [makeCertificate(), makeCertificate("roof"), makeCertificate()];
      const broker = new Mosquitto();
      broker.settings.push(
        ...[`certfile ${server.certFile}`, `keyfile ${server.keyFile}`, `cafile ${own.certFile}`],
        ...["require_certificate true", "use_identity_as_username true", "persistence false"],
      );
      await broker.start();
      const env = { PORT: `${broker.port}`, MODULE: temporary("esp32-tls.module") };
      writeFileSync(env.MODULE, readFileSync(`${MAIN}core/v311/module.bin`));
      const shown = { "client.pem": own.certFile, "client.key": own.keyFile };
      const trusting = compileProject("esp32-tls", { certificates: { ...shown, "ca.pem": server.certFile } });
      const board = new Board(trusting, [], { ...env, NVS: temporary("esp32-tls.nvs") });
      await board.until(/^perigee: connected$/);
      await broker.until(/New client connected .* u'roof'/);
      await board.kill();
      const wary = compileProject("esp32-wary", { certificates: { ...shown, "ca.pem": stranger.certFile } });
      const other = new Board(wary, [], { ...env, NVS: temporary("esp32-wary.nvs") });
      await other.until(/^TLS: self.signed certificate/);
      await other.until(/^perigee: cannot connect$/);
    });
  },
);
