// toxiproxy's HTTP API, spoken to as its clients do.
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Control } from "../../host/proxy/control.ts";
import type { LinkProxy } from "../../host/proxy/proxy.ts";
import { World } from "./world.ts";

let world: World;
let control: Control;
let proxy: LinkProxy;
let base: string;

beforeEach(async () => {
  world = await World.open(socket => socket.pipe(socket));
  proxy = world.make({ up: {}, down: {} });
  await proxy.enable();
  control = new Control({ makeProxy: options => world.make(options.link, options) }, [proxy]);
  base = `http://127.0.0.1:${await control.listen("127.0.0.1", 0)}`;
});

afterEach(async () => {
  await control.close();
  await world.close();
});

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${base}${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

describe("toxiproxy's API", () => {
  it("tells its version and its proxies", async () => {
    expect(await ask("GET", "/version")).toEqual({ status: 200, body: { version: "2.12.0" } });
    const described = {
      name: "test",
      listen: proxy.listening,
      upstream: `127.0.0.1:${world.serverPort}`,
      enabled: true,
      toxics: [],
    };
    expect(await ask("GET", "/proxies")).toEqual({ status: 200, body: { test: described } });
    expect(await ask("GET", "/proxies/test")).toEqual({ status: 200, body: described });
  });

  it("adds, changes and takes away a toxic, and connections that are open feel it", async () => {
    const client = await world.dial(proxy);
    client.write("a");
    expect(String((await once(client, "data"))[0])).toBe("a");
    const toxic = { name: "slow", type: "timeout", stream: "upstream", toxicity: 1, attributes: { timeout: 0 } };
    expect(await ask("POST", "/proxies/test/toxics", toxic)).toEqual({ status: 200, body: toxic });
    expect((await ask("POST", "/proxies/test/toxics", toxic)).status).toBe(409);
    expect((await ask("GET", "/proxies/test/toxics")).body).toEqual([toxic]);
    const changed = { ...toxic, attributes: { timeout: 60_000 } };
    expect((await ask("POST", "/proxies/test/toxics/slow", { attributes: { timeout: 60_000 } })).body).toEqual(changed);
    client.write("swallowed");
    // Two segments of data have gone up: the second is in the toxic.
    while (proxy.statistics.upBytes < 4 * 52 + 10) await new Promise(resolve => setImmediate(resolve));
    expect((await ask("DELETE", "/proxies/test/toxics/slow")).status).toBe(204);
    client.write("b");
    expect(String((await once(client, "data"))[0])).toBe("b");
  });

  it("shuts a proxy and opens it again; reset opens all and takes the toxics away", async () => {
    const client = await world.dial(proxy);
    const closed = new Promise(resolve => client.once("close", resolve));
    expect((await ask("POST", "/proxies/test", { enabled: false })).body).toMatchObject({ enabled: false });
    await closed;
    await expect(world.dial(proxy)).rejects.toThrow("ECONNREFUSED");
    await ask("POST", "/proxies/test/toxics", { type: "latency" });
    expect((await ask("POST", "/reset")).status).toBe(204);
    expect((await ask("GET", "/proxies/test")).body).toMatchObject({ enabled: true, toxics: [] });
    (await world.dial(proxy)).destroy();
  });

  it("makes proxies, with a link if one is named, and takes them away", async () => {
    const upstream = `127.0.0.1:${world.serverPort}`;
    const made = await ask("POST", "/proxies", { name: "new", listen: "127.0.0.1:0", upstream, link: "lan" });
    expect(made).toMatchObject({ status: 201, body: { name: "new", upstream, enabled: true, toxics: [] } });
    expect((await ask("POST", "/proxies", { name: "new", upstream })).status).toBe(409);
    expect((await ask("DELETE", "/proxies/new")).status).toBe(204);
    expect((await ask("GET", "/proxies/new")).status).toBe(404);
    const populated = await ask("POST", "/populate", [
      { name: "test", upstream, enabled: false, toxics: [{ type: "bandwidth", attributes: { rate: 5 } }] },
    ]);
    expect(populated).toMatchObject({ status: 201, body: { proxies: [{ name: "test", enabled: false }] } });
  });

  it.each([
    ["GET", "/proxies/nothing", undefined, 404, "proxy not found"],
    ["GET", "/proxies/test/toxics/nothing", undefined, 404, "toxic not found"],
    ["GET", "/elsewhere", undefined, 404, "no route GET /elsewhere"],
    ["POST", "/proxies", { upstream: "x:1" }, 400, "missing required field: name"],
    ["POST", "/proxies", { name: "x" }, 400, "missing required field: upstream"],
    ["POST", "/proxies", { name: "x", upstream: "nowhere" }, 400, "upstream: an address is HOST:PORT"],
    ["POST", "/proxies", { name: "x", upstream: "a:1", link: "starlnk" }, 400, 'did you mean "starlink"'],
    ["POST", "/proxies", [], 400, "an object is needed"],
    ["POST", "/populate", {}, 400, "a list of proxies is needed"],
    ["POST", "/proxies/test/toxics", { type: "latncy" }, 400, 'did you mean "latency"'],
    ["POST", "/proxies/test", { enabled: 1 }, 400, "true or false"],
  ])("%s %s %j is refused", async (method, path, body, status, message) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, error: expect.stringContaining(message) });
  });

  it("refuses what is no JSON", async () => {
    const response = await fetch(`${base}/proxies`, { method: "POST", body: "{" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: expect.stringContaining("bad request body") });
  });
});
