/** The web client in a real browser: the page that the broker serves, with the core in it, against that broker. */
import { readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type HttpPort, type Listener, listen, serveHttp } from "../../host/broker/index.ts";
import { connect } from "../../host/client/index.ts";
import { havePeers } from "../peers.ts";

const page = () => readFileSync(new URL("../../build/page.html", import.meta.url), "utf8");

interface Site {
  listener: Listener;
  http: HttpPort;
}

async function serve(options = {}): Promise<Site> {
  const listener = await listen({ port: 0, sysIntervalMs: 0, ...options });
  const http = await serveHttp(listener.broker, { port: 0, page: page() });
  onTestFinished(async () => {
    await http.close();
    await listener.close();
  });
  return { listener, http };
}

describe("the page", () => {
  it("is one file without references", () => {
    const html = page();
    expect(html).not.toMatch(/<(link|script|img)[^>]+(src|href)="(?!data:)/);
    expect(html).not.toContain("/* SCRIPT */");
    // The core in WebAssembly is in it.
    expect(html).toContain("AGFzbQ");
  });
});

describe.skipIf(!havePeers("chromium"))("the web client in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(() => browser?.close());

  async function visit({ http }: Site): Promise<Page> {
    const visited = await browser.newPage();
    onTestFinished(() => visited.close());
    visited.on("pageerror", error => {
      throw error;
    });
    await visited.goto(`http://127.0.0.1:${http.port}/`);
    return visited;
  }
  const inForm = (visited: Page, id: string) => visited.locator(`#${id}`);

  async function connectAs(visited: Page, clientId: string, username = "", password = ""): Promise<void> {
    const form = inForm(visited, "connection");
    await form.getByLabel("Client identifier").fill(clientId);
    await form.getByLabel("User name").fill(username);
    await form.getByLabel("Password").fill(password);
    await form.getByRole("button", { name: "Connect", exact: true }).click();
  }

  async function subscribeTo(visited: Page, filter: string, qos: string): Promise<void> {
    const form = inForm(visited, "subscribe");
    await form.getByLabel("Topic filter").fill(filter);
    await form.getByLabel("QoS").selectOption(qos);
    await form.getByRole("button", { name: "Subscribe" }).click();
    await visited.locator("#subscriptions").getByText(filter, { exact: false }).waitFor();
  }

  it("connects with the core, subscribes, publishes and shows what comes", async () => {
    const site = await serve();
    const other = await connect(`mqtt://127.0.0.1:${site.listener.port}`);
    onTestFinished(() => other.close());
    const heard: string[] = [];
    other.on("message", ({ topic, payload, qos }) => heard.push(`${topic} ${payload} ${qos}`));
    await other.subscribe("from/page", { qos: 2 });

    const visited = await visit(site);
    await connectAs(visited, "a page");
    await visited.getByText("connected as a page").waitFor();
    await subscribeTo(visited, "to/+", "2");
    for (const qos of [0, 1, 2] as const) await other.publish("to/page", `grüße ${qos}`, { qos });
    await other.publish("to/page", Uint8Array.of(0xff, 0), { qos: 1 });
    const messages = visited.locator("#messages li");
    await messages.nth(3).waitFor();
    // The newest first.
    expect(await messages.locator("pre").allTextContents()).toEqual(["ff 00", "grüße 2", "grüße 1", "grüße 0"]);
    expect(await messages.nth(1).locator(".flags").textContent()).toBe("QoS 2, 9 B");

    for (const qos of ["0", "1", "2"]) {
      const form = inForm(visited, "publish");
      await form.getByLabel("Topic").fill("from/page");
      await form.getByLabel("Message").fill(`<b>${qos}</b>`);
      await form.getByLabel("QoS").selectOption(qos);
      if (qos === "2") await form.getByLabel("Retain").check();
      await form.getByRole("button", { name: "Publish" }).click();
      await form.getByText(qos === "0" ? "sent" : "acknowledged").waitFor();
    }
    while (heard.length < 3) await new Promise(setImmediate);
    await other.publish("to/page", "last", { qos: 1 });
    await messages.nth(4).waitFor();
    expect(heard).toEqual(["from/page <b>0</b> 0", "from/page <b>1</b> 1", "from/page <b>2</b> 2"]);
    expect(site.listener.broker.retainedCount).toBe(1);
    // Bytes are counted: far more than nothing came and went.
    expect(await visited.locator("#traffic").textContent()).toMatch(/^[1-9]\d+ B sent, [1-9]\d+ B received$/);

    await visited.getByRole("button", { name: "Remove to/+" }).click();
    await visited.locator("#subscriptions li").waitFor({ state: "detached" });
    expect(site.listener.broker.subscriptionCount).toBe(1);
    await visited.getByRole("button", { name: "Disconnect" }).click();
    await visited.getByText("not connected").waitFor();
  });

  it("is told why it is not let in, and is let in with the right password", async () => {
    const site = await serve({ users: new Map([["ann", "secret"]]) });
    const visited = await visit(site);
    await connectAs(visited, "p", "ann", "wrong");
    await visited
      .locator("#connection-problem")
      .getByText(/bad user name or password|not authori[sz]ed/i)
      .waitFor();
    expect(await visited.locator("#state").textContent()).toBe("not connected");
    await connectAs(visited, "p", "ann", "secret");
    await visited.getByText("connected as p").waitFor();
  });

  it("says so when the connection is lost, and comes back with its subscriptions", async () => {
    const site = await serve();
    const visited = await visit(site);
    await connectAs(visited, "p");
    await visited.getByText("connected as p").waitFor();
    await subscribeTo(visited, "t", "1");
    // Somebody with the same identifier takes its place, and leaves again.
    const rival = await connect(`mqtt://127.0.0.1:${site.listener.port}`, { clientId: "p", reconnect: false });
    await visited.getByText("connection lost, trying again").waitFor();
    await rival.close();
    await visited.getByText("connected as p").waitFor();
    const other = await connect(`mqtt://127.0.0.1:${site.listener.port}`);
    onTestFinished(() => other.close());
    // The subscription is made again after the CONNACK that the page shows.
    while (site.listener.broker.subscriptionCount === 0) await new Promise(setImmediate);
    await other.publish("t", "after", { qos: 1 });
    await visited.locator("#messages").getByText("after").waitFor();
  });

  it("names the offence of a topic with a wildcard", async () => {
    const site = await serve();
    const visited = await visit(site);
    await connectAs(visited, "p");
    await visited.getByText("connected as p").waitFor();
    const form = inForm(visited, "publish");
    await form.getByLabel("Topic").fill("a/#");
    await form.getByRole("button", { name: "Publish" }).click();
    await visited.locator("#publish-problem").getByText("MQTT-3.3.2-2").waitFor();
  });
});
