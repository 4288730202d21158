/**
 * The text of bench/instructions.md, from what the interpreter of the tests counts.
 */
import type { InstructionCount } from "../test/assembly/instruction-counts.ts";

export function instructionTable(counts: readonly InstructionCount[]): string {
  return `# Instructions of the core

\`npm run bench instructions\` writes this file; test/assembly/instructions.test.ts compares it with the build.

WebAssembly instructions executed, counted one by one: a QoS 1 message with a topic of 24 bytes and a payload of 32, in the build
that speaks both versions. The first two rows are the codec alone, the others whole calls of a client that is connected.

| operation | 3.1.1 | 5.0 |
|---|--:|--:|
${counts.map(({ what, inThree, inFive }) => `| ${what} | ${inThree} | ${inFive} |`).join("\n")}

The bars are 255 for encode and 500 for decode.
`;
}
