/** What `connect` refuses, reaches and reports. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { type ClientOptions, connect, PerigeeError } from "../../host/client/index.ts";
import { makeCertificate, Served } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { mute, open } from "./open.ts";

describe("connect", () => {
  it.each([
    ["http://x", {}, "MISUSE_URL", 'no transport for "http://"'],
    ["localhost", {}, "MISUSE_URL", 'not a URL: "localhost"'],
    ["mqtt://", {}, "MISUSE_URL", 'in "mqtt://"'],
    ["mqtt://x:0", {}, "MISUSE_URL", "0 in"],
    ["mqtt://x:99999", {}, "MISUSE_URL", "99999"],
    ["mqtt://%zz@x", {}, "MISUSE_URL", "%zz"],
    [
      "mqtt://x",
      { keepAliveSeconds: 65_536 },
      "MISUSE_OPTION",
      "keepAliveSeconds is an integer from 0 to 65535, not 65536",
    ],
    ["mqtt://x", { window: 0 }, "MISUSE_OPTION", "window"],
    ["mqtt://x", { receiveSize: 31 }, "MISUSE_OPTION", "receiveSize is an integer from 32"],
    ["mqtt://x", { outboxSize: 1.5 }, "MISUSE_OPTION", "1.5"],
    ["mqtt://x", { outboxPolicy: "newest" as "latest" }, "MISUSE_OPTION", "newest"],
    ["mqtt://x", { backoffMinMs: 9, backoffMaxMs: 8 }, "MISUSE_OPTION", "backoffMaxMs"],
    ["mqtt://x", { clean: false }, "MISUSE_CLIENT_ID", "clean: false needs a clientId"],
    ["mqtt://x", { clean: false, clientId: "" }, "MISUSE_CLIENT_ID", "[MQTT-3.1.3-7]"],
    ["mqtt://x", { clientId: "i".repeat(65_536) }, "MISUSE_CLIENT_ID", "65536 bytes"],
    ["mqtt://x", { clientId: "a\0b" }, "MISUSE_CLIENT_ID", "[MQTT-1.5.3-2]"],
    ["mqtt://x", { clientId: "a\ud800b" }, "MISUSE_CLIENT_ID", "[MQTT-1.5.3-1]"],
    ["mqtt://x", { password: "p" }, "MISUSE_USER", "[MQTT-3.1.2-22]"],
    ["mqtt://x", { username: "u", password: Buffer.alloc(65_536) }, "MISUSE_USER", "65536 bytes"],
    ["mqtt://x", { will: { topic: "a/+" } }, "MISUSE_WILL", 'will topic "a/+"'],
    ["mqtt://x", { will: { topic: "" } }, "MISUSE_WILL", "will topic is empty"],
    ["mqtt://x", { will: { topic: "a", qos: 3 as 2 } }, "MISUSE_WILL", "[MQTT-3.1.2-14]"],
    ["mqtt://x", { keepAlive: 5 }, "MISUSE_OPTION", "there is no option keepAlive; did you mean keepAliveSeconds?"],
    ["mqtt://x", { bogus: 5 }, "MISUSE_OPTION", "there is no option bogus"],
    ["mqtt://x", { clientId: 5 }, "MISUSE_OPTION", "clientId is a string, not 5"],
    ["mqtt://x", { clean: 0 }, "MISUSE_OPTION", "clean is true or false, not 0"],
    ["mqtt://x", { seed: 0 }, "MISUSE_OPTION", "seed is an integer from 1 to 2147483647, not 0"],
    ["mqtt://x", { store: {} }, "MISUSE_OPTION", "store is a store with load() and save(), not an object"],
    ["mqtt://x", { transport: "tcp" }, "MISUSE_OPTION", 'transport is a function, not "tcp"'],
    ["mqtt://x", { will: "gone" }, "MISUSE_OPTION", 'will is an object, not "gone"'],
    [
      "mqtt://x",
      { will: { topic: "w", Retain: true } },
      "MISUSE_OPTION",
      "no option will.Retain; did you mean retain?",
    ],
    ["mqtts://x", { tls: { caFile: "x" } }, "MISUSE_OPTION", "there is no option tls.caFile"],
    ["mqtt://x", null, "MISUSE_OPTION", "options is an object, not null"],
    ["mqtt://x", "clean", "MISUSE_OPTION", 'options is an object, not "clean"'],
    [5, {}, "MISUSE_URL", "a URL is a string, not 5"],
    ["mqtts://x", { tls: { cert: "nonsense" } }, "TLS", "cannot be used"],
  ] as unknown as [string, ClientOptions, string, string][])("refuses %s with %o", async (url, options, code, text) => {
    const error = await connect(url, options).catch(error => error);
    expect(error).toBeInstanceOf(PerigeeError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it("says that nobody is there, and who was meant", async () => {
    const port = await mute();
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const closed = (server.address() as net.AddressInfo).port;
    await new Promise(resolve => server.close(resolve));
    await expect(connect(`mqtt://127.0.0.1:${closed}`)).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: `Connection refused: 127.0.0.1:${closed}`,
    });
    await expect(connect(`mqtt://127.0.0.1:${port}`, { responseTimeoutMs: 20 })).rejects.toMatchObject({
      code: "ENDED_TIMEOUT",
      message: `the server did not answer in time: 127.0.0.1:${port}`,
    });
    await expect(connect(`mqtts://127.0.0.1:${port}`, { openTimeoutMs: 20 })).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringContaining("timed out"),
    });
  });

  it.runIf(havePeers("openssl"))("compares the host name with the certificate's, unless told not to", async () => {
    const elsewhere = makeCertificate("elsewhere.example");
    const served = await Served.start({ tls: { cert: elsewhere.cert, key: elsewhere.key } });
    const url = `mqtts://localhost:${served.port}`;
    const ca = elsewhere.cert;
    await expect(connect(url, { tls: { ca } })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringContaining("localhost"),
    });
    await (await connect(url, { tls: { ca, checkServerIdentity: false } })).close();
  });

  it("reads user and password from the URL", async () => {
    const served = await Served.start({ users: new Map([["sen sor", "s:ecret"]]) });
    const client = await connect(`mqtt://sen%20sor:s%3Aecret@127.0.0.1:${served.port}`);
    await client.close();
    await expect(connect(`mqtt://sensor@127.0.0.1:${served.port}`)).rejects.toMatchObject({ refusal: 4 });
  });

  it("starts offline where it is asked to, and delivers what was published before the server came", async () => {
    const first = await Served.start();
    const { port } = first;
    await first.listener.close();
    const client = await open(port, { startOffline: true });
    const published = client.publish("t", "early", { qos: 1 });
    await once(client, "close");
    await Served.start({ port, host: "127.0.0.1" });
    await published;
    expect(client.isConnected).toBe(true);
  });
});
