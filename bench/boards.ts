/** The sizes and instruction counts of the boards: exact, so a test compares them with the committed table. Wants `npm run build:boards`. */
import { writeFileSync } from "node:fs";
import { boardsTable } from "./boards-table.ts";

const table = boardsTable();
writeFileSync("bench/boards.md", table);
console.log(table);
