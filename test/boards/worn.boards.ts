// A store that cannot be written any more: the board names it once, and its messages go on.
import { describe, expect, it } from "vitest";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { Board } from "./board.ts";
import { CHECKED, CLIENT, CORE, compileHost, POSIX } from "./toolchain.ts";
import { numbers, witness } from "./witness.ts";

const COUNT = 60;
const SMALL = ["-DBOARD_OUTBOX_SIZE=512", "-DFLASH_SECTOR_SIZE=1024", "-DFLASH_SECTOR_COUNT=2"];

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c", "mosquitto"))("a board whose flash wears out", () => {
  it.each([
    ["cannot be programmed", "-DPROGRAMS=40"],
    ["cannot be erased", "-DERASES=3"],
    ["never could be written", "-DPROGRAMS=0"],
  ])("names a store that %s, and loses nothing while it has power", async (what, fault) => {
    const flash = "test/boards/firmware/worn_flash.c";
    const sources = [...POSIX.filter(file => !file.includes("flash")), flash, ...CLIENT, CORE];
    const flags = [...CHECKED, ...SMALL, fault, "-DQOS=2", `-DCOUNT=${COUNT}`];
    const program = compileHost(`worn ${what}`, [...sources, "test/boards/firmware/count.c"], flags);
    const broker = new Mosquitto();
    broker.settings.push("allow_anonymous true");
    await broker.start();
    const { seen, until } = await witness(broker.port);
    const board = new Board(program, ["127.0.0.1", `${broker.port}`, "none"]);
    await until(COUNT);
    await board.until(/done/);
    expect(seen).toEqual(numbers(COUNT));
    const named = "perigee: store cannot be written: goes on, but will not survive a power cut";
    expect(board.lines.filter(line => line === named)).toHaveLength(1);
  });
});
