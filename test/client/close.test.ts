/** How a client goes: options that cannot be obeyed are refused before anything has changed, and DISCONNECT fits its server. */
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../host/client/index.ts";
import { Served } from "../broker/real.ts";
import { open } from "./open.ts";

const FIVE: ClientOptions = { protocolVersion: 5 };

describe("close", () => {
  it.each([
    [FIVE, { timeoutMs: "x" }, 'close options.timeoutMs is an integer from 0 to 2147483647, not "x"'],
    [FIVE, { timeoutMs: -1 }, "not -1"],
    [FIVE, { timeoutMs: Number.POSITIVE_INFINITY }, "not Infinity"],
    [FIVE, { timeout: 1 }, "there is no option close options.timeout; did you mean timeoutMs?"],
    [FIVE, 5, "close options is an object, not 5"],
    [FIVE, { reasonCode: 5 }, "close options.reasonCode is 0, 4, 128,"],
    [FIVE, { reasonCode: 0x8e }, "not 142"],
    [FIVE, { reasonCode: "4" }, 'not "4"'],
    [FIVE, { properties: "a" }, "close options.properties is an object"],
    [FIVE, { properties: { contentType: "a" } }, "disconnect has no property contentType; there are"],
    [FIVE, { properties: { reasonString: 1 } }, "reasonString is a string, not 1"],
    [FIVE, { properties: { sessionExpirySeconds: 2 ** 32 } }, "an integer from 0 to 4294967295, not 4294967296"],
    [FIVE, { properties: { sessionExpirySeconds: 5 } }, "(section 3.14.2.2.2)"],
    [{}, { reasonCode: 4 }, "reasonCode of close needs protocolVersion: 5"],
    [{}, { properties: {} }, "properties of close needs protocolVersion: 5"],
  ] as [ClientOptions, object, string][])("%j refuses %j, and the client goes on", async (options, wrong, text) => {
    const { port } = await Served.start();
    const client = await open(port, options);
    await expect(client.close(wrong)).rejects.toMatchObject({ code: "MISUSE_OPTION" });
    await expect(client.close(wrong)).rejects.toThrow(text);
    await client.publish("t", "x", { qos: 1 });
    await client.close();
  });

  it.each([
    ["fit", "short"],
    ["are more than the server takes", "x".repeat(60_000)],
  ])("says why with properties that %s", async (_what, reasonString) => {
    const sent: Buffer[] = [];
    const served = await Served.start({ maxPacketSize: 1_000 });
    const client = await open(served.port, {
      ...FIVE,
      onPacket: (way, head) => way === "sent" && sent.push(Buffer.from(head)),
    });
    await client.close({ reasonCode: 4, properties: { reasonString } });
    const text = Buffer.from(reasonString);
    const full = Buffer.concat([Buffer.from([0xe0, 10, 4, 8, 0x1f, 0, 5]), text]);
    expect(sent.at(-1)?.toString("hex")).toBe(
      (text.length > 100 ? Buffer.from([0xe0, 2, 4, 0]) : full).toString("hex"),
    );
  });
});
