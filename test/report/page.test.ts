/** The report in a real browser, from a file: it draws everything, asks the network for nothing, and shows the life that is chosen. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { SweepData } from "../../host/report/data.ts";
import { reportText } from "../../host/report/write.ts";
import { perigee } from "../cli/program.ts";
import { havePeers } from "../peers.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-report-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "report.html");
const HOSTILE = "</script><img src=x onerror=document.title='caught'>&amp;";
const PAGE = new URL("../../build/report.html", import.meta.url);

const SWEEP: SweepData = {
  kind: "sweep",
  title: "a sweep",
  version: "0",
  command: "perigee sweep",
  facts: [["runs", "4"]],
  dimensions: ["loss", "delay"],
  figures: [
    { name: "p95", what: "95th percentile", digits: 0 },
    { name: "lost", what: "messages lost", digits: 1 },
  ],
  figure: "p95",
  points: [
    { values: ["0", "20ms"], runs: 1, means: [20, 0] },
    { values: ["0", "300ms"], runs: 1, means: [300, 0] },
    { values: ["5%", "20ms"], runs: 1, means: [250, 7.5] },
    { values: ["5%", "300ms"], runs: 3, means: [900, 9.5] },
  ],
};

beforeAll(async () => {
  const words = [
    "--sensors",
    "4",
    "--duration",
    "3h",
    "--loss",
    "5%",
    "--outage",
    "at 1h for 5min",
    "--topic",
    HOSTILE,
  ];
  const { code, stderr } = await perigee(["sim", ...words, "--quiet", "--html", file, "--message", "3/100"]);
  expect([code, stderr]).toEqual([0, ""]);
});

describe("a report", () => {
  it("is one file without references, of a size that can be sent", () => {
    const html = readFileSync(file, "utf8");
    expect(html).not.toMatch(/<(link|script|img)[^>]+(src|href)="(?!data:)/);
    expect(html).toContain("default-src 'none'");
    // What was typed stands in it as data, and ends no script.
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(statSync(file).size).toBeLessThan(1_500_000);
  });
});

describe.skipIf(!havePeers("chromium"))("a report in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(() => browser?.close());

  /** The file, opened, and what the browser had to say of it. */
  async function open(path: string, colorScheme: "light" | "dark" = "light"): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage({ colorScheme });
    onTestFinished(() => page.close());
    const said: string[] = [];
    const url = pathToFileURL(path).href;
    page.on("console", message => said.push(message.text()));
    page.on("pageerror", error => said.push(error.message));
    page.on("request", request => request.url() !== url && said.push(`asked for ${request.url()}`));
    await page.goto(url);
    return { page, said };
  }

  it.each(["light", "dark"] as const)("draws every chart, in %s, and is quiet", async scheme => {
    const { page, said } = await open(file, scheme);
    for (const id of ["delays", "bytes", "time"]) {
      const place = page.locator(`#${id} .chart`);
      await place.locator("svg path").nth(8).waitFor({ state: "attached" });
      expect(await place.getAttribute("aria-label")).toMatch(/\w+ .*\./);
      // The same in numbers.
      expect(await page.locator(`#${id} details tbody tr`).count()).toBeGreaterThan(2);
    }
    expect(await page.title()).toBe("4 sensors over geo-vsat");
    expect(await page.locator("#results tbody tr").count()).toBe(3);
    expect(await page.locator(".verdict").textContent()).toMatch(
      /^checkers: every promise kept; seed 7, hash [0-9a-f]{16}$/,
    );
    expect(await page.locator("#head dd").allTextContents()).toContain(HOSTILE);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(scheme === "dark" ? "rgb(16, 21, 28)" : "rgb(246, 247, 249)");
    expect(said).toEqual([]);
  });

  it("shows the tail of the delays when asked", async () => {
    const { page, said } = await open(file);
    const before = await page.locator("#delays svg").innerHTML();
    await page.getByLabel("the slowest").check();
    expect(await page.locator("#delays svg").innerHTML()).not.toBe(before);
    expect(said).toEqual([]);
  });

  it("shows the message that was asked for, and another when it is chosen", async () => {
    const { page, said } = await open(file);
    const diagram = page.locator("#diagram svg");
    expect(await diagram.getAttribute("aria-label")).toContain("sensor 3, message #100: delivered after");
    const before = await diagram.innerHTML();
    await page.locator("#life-list").selectOption({ index: 0 });
    expect(await diagram.innerHTML()).not.toBe(before);
    await page.getByLabel("Run").selectOption("QoS 2");
    for (const name of ["PUBREC", "PUBREL", "PUBCOMP"]) expect(await diagram.innerHTML()).toContain(name);
    expect(await page.locator("#diagram tbody tr").count()).toBeGreaterThan(5);
    await page.getByLabel("Search").fill("3/100");
    expect(await page.locator("#life-list option").count()).toBe(1);
    await page.getByLabel("Search").fill("3/101");
    expect(await page.locator("#diagram").textContent()).toContain("--message 3/101");
    expect(said).toEqual([]);
  });

  it("marks what is illustrative, and not what the command replaced", async () => {
    const { page } = await open(file);
    const marked = await page.locator("tr.illustrative-row th").allTextContents();
    expect(marked).toContain("delay.jitter");
    expect(marked.some(name => name.startsWith("outage"))).toBe(false);
    expect(await page.locator("#link tbody tr").allTextContents()).toContainEqual(
      expect.stringMatching(/loss\.p.*0\.05.*as the command says/),
    );
    const command = await page.locator("#command pre").textContent();
    expect(command).toMatch(/^perigee sim --loss 5% --outage 'at 1h for 5min' --sensors 4 --duration 3h --topic '/);
  });

  it("prints in the colours of paper, without what cannot be pressed", async () => {
    const { page } = await open(file, "dark");
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.locator(".controls").first().isVisible()).toBe(false);
    await page.waitForFunction(() => document.querySelector("#delays svg")?.outerHTML.includes("#0b62c4"));
  });

  it("of one sensor that is seldom heard shows its delays, and misses no acknowledgement at QoS 0", async () => {
    const path = join(folder, "one.html");
    const words = ["--sensors", "1", "--duration", "1h", "--qos", "0", "--outage", "none", "--quiet"];
    expect((await perigee(["sim", ...words, "--html", path])).code).toBe(0);
    const { page, said } = await open(path);
    expect(await page.title()).toBe("1 sensor over geo-vsat");
    // Each of the sixty is alone among gaps: a line would not show them.
    await page.locator("#time .chart svg path").nth(60).waitFor({ state: "attached" });
    expect(await page.locator("#diagram svg").getAttribute("aria-label")).toMatch(/delivered after \d+ ms\.$/);
    expect(said).toEqual([]);
  });

  it("of a sweep draws the map of the figure and the dimensions that are chosen", async () => {
    const path = join(folder, "sweep.html");
    writeFileSync(path, reportText(SWEEP, PAGE));
    const { page, said } = await open(path);
    const texts = () => page.locator("#map .chart svg text").allTextContents();
    expect(await texts()).toEqual(expect.arrayContaining(["20", "300", "250", "900"]));
    await page.locator("#figure").selectOption("messages lost");
    expect(await texts()).toEqual(expect.arrayContaining(["7.5", "9.5"]));
    await page.locator("#across").selectOption("loss");
    await page.locator("#down").selectOption("delay");
    // Every run counts, not every combination.
    expect(await page.locator("#map tbody tr").first().textContent()).toBe("20ms0.07.5");
    expect(await page.locator("#table tbody tr").count()).toBe(4);
    expect(said).toEqual([]);
  });
});
