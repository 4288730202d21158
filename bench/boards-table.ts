/** The table of the boards, from figures that are exact: the compiler's and QEMU's. */
import { compileBudget, compileCodec, compileSensor, figuresOf } from "../test/boards/rv32.ts";
import type { Profile } from "../test/boards/toolchain.ts";
import { compileWasm3 } from "../test/boards/wasm3.ts";

const count = (value: number | undefined) => (value ?? Number.NaN).toLocaleString("en-US");
const HEAP_SIZE = 36 * 1024;

function profileRow(profile: Profile): string {
  const { flashBytes, ramBytes } = compileSensor(profile);
  const figures = figuresOf(compileBudget(profile));
  const cells = [flashBytes, ramBytes, ...["publish", "receive", "cycle", "stack"].map(name => figures.get(name))];
  return `| wasm2c, ${profile} | ${cells.map(count).join(" | ")} |`;
}

export function boardsTable(): string {
  const codec = figuresOf(compileCodec());
  const wasm3 = compileWasm3();
  const figures = figuresOf(wasm3);
  const wasm3Ram = wasm3.ramBytes - HEAP_SIZE + (figures.get("heap") ?? Number.NaN);
  return `# The client on rv32imc

\`npm run bench boards\` writes this file; test/boards/rv32.boards.ts compares it with what is built. Instructions are QEMU's count, bytes are the
linker's; gcc 12.2 and wabt 1.0.32 of Debian 12, -O2, every access to the core's memory compared with its size, every field with its words.

| whole image: client, store, sensor, board | flash, bytes | RAM without stack | publish, instructions | receive | publish to acknowledged | stack of the calls |
|---|--:|--:|--:|--:|--:|--:|
${profileRow("v311")}
${profileRow("full")}
| bar | 32,768 | 6,144, so that 2 KiB of 8 are left | | | 4,000 | 2,048 |

Publish is reserving, copying in and committing a QoS 1 message of a topic of 24 and a payload of 32 bytes; receive is the call that frames, checks and hands
over the same. Of the codec alone (assembly/wire), which others can be compared with:

| codec, 24 + 32 bytes | instructions | bar |
|---|--:|--:|
| write a PUBLISH | ${count(codec.get("encode"))} | 719 |
| read and check a PUBLISH | ${count(codec.get("decode"))} | 358 |

| the module in wasm3, v311 | bytes | bar |
|---|--:|--:|
| flash, wasm3 and module and measurement | ${count(wasm3.flashBytes)} | |
| RAM without stack | ${count(wasm3Ram)} | |
| native stack, painted, at its deepest while wasm3 compiles | ${count(figures.get("stack"))} | 2,048 |
| RAM, all told | ${count(wasm3Ram + (figures.get("stack") ?? Number.NaN))} | 40,960 |
| instructions, publish to acknowledged | ${count(figures.get("cycle"))} | |

All of the module is compiled when it is loaded: no later call compiles anything or takes heap.
`;
}
