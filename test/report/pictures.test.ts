// The pictures of README are there, small, and ask nobody for anything.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const pictures = [...readme.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(([, words, path]) => ({ words, path }));

test("there is one for each of the three that README is for", () => {
  expect(pictures).toHaveLength(3);
});

test.each(pictures)("$path", ({ words, path }) => {
  const svg = readFileSync(new URL(path, root), "utf8");
  expect(words.length).toBeGreaterThan(20);
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).toMatch(/^<svg[^>]+viewBox=/);
  expect(svg.replace(/xmlns(:\w+)?="[^"]+"/g, "")).not.toMatch(/<script|href=|url\((?!#)|http/);
});
