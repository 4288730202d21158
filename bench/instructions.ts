/**
 * What the operations of a board cost in instructions: exact, so a test compares them with the committed table.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { instructionCounts } from "../test/assembly/instruction-counts.ts";
import { instructionTable } from "./instruction-table.ts";

const built = (name: string) => readFileSync(new URL(`../build/${name}`, import.meta.url));
const table = instructionTable(instructionCounts(built("codec.wasm"), built("perigee.wasm")));
writeFileSync(new URL("../bench/instructions.md", import.meta.url), table);
console.log(table);
