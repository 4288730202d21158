/** What README shows is what `npm start` prints: by its checkers and its hash in every run of the long suites. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { perigee } from "./program.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

it.runIf(process.env.PERIGEE_LONG === "1")("README shows the day of telemetry as it comes out", async () => {
  const { stdout, code } = await perigee(["tour"]);
  expect(code).toBe(0);
  const printed = stdout.slice(0, stdout.indexOf("\nEach sensor ran")).trimEnd().split("\n");
  const shown = printed.map(line => (line === "" ? "" : `    ${line}`.trimEnd())).join("\n");
  expect(README).toContain(shown);
});
