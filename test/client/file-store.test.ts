/** A session in a file: what was accepted outlives the client, and a file that cannot be trusted is named. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ClientOptions, connect, fileStore } from "../../host/client/index.ts";
import { onEnd, Served } from "../broker/real.ts";

function place(): { folder: string; file: string; options: ClientOptions } {
  const folder = mkdtempSync(join(tmpdir(), "perigee-store-"));
  const file = join(folder, "session");
  const options = {
    clientId: "roof",
    clean: false,
    store: fileStore(file),
    outboxSize: 1_024,
    backoffMinMs: 1,
    backoffMaxMs: 5,
  };
  return { folder, file, options };
}

describe("a file store", () => {
  it("brings back what was published and not sent, in another client", async () => {
    const { folder, options } = place();
    const first = await Served.start();
    const { port } = first;
    const client = await connect(`mqtt://127.0.0.1:${port}`, options);
    await client.publish("t", "delivered", { qos: 2 });
    const lost = new Promise(resolve => client.once("close", resolve));
    await first.listener.close();
    await lost;
    const stranded = client.publish("t", "stranded", { qos: 2 });
    await client.close({ timeoutMs: 200 });
    await expect(stranded).rejects.toMatchObject({ code: "CLOSED" });
    expect(readdirSync(folder)).toEqual(["session"]);

    const second = await Served.start({ port, host: "127.0.0.1" });
    const reader = await connect(`mqtt://127.0.0.1:${port}`);
    onEnd(() => reader.close({ timeoutMs: 0 }));
    await reader.subscribe("t", { qos: 2 });
    const revived = await connect(`mqtt://127.0.0.1:${port}`, options);
    await revived.close();
    const { value } = await reader[Symbol.asyncIterator]().next();
    expect(`${value?.payload}`).toBe("stranded");
    expect(second.lines.filter(line => /Received PUBLISH/.test(line))).toHaveLength(1);
  });

  it("refuses a torn file, and one of another client, by name", async () => {
    const served = await Served.start();
    const { file, options } = place();
    const url = `mqtt://127.0.0.1:${served.port}`;
    const client = await connect(url, options);
    await client.publish("t", "x", { qos: 1 });
    await client.close();
    await expect(connect(url, { ...options, clientId: "cellar" })).rejects.toMatchObject({
      code: "MISUSE_SESSION",
      message: expect.stringContaining('client "cellar"'),
    });
    const record = readFileSync(file);
    for (const size of [0, 1, 31, 32, record.length >> 1, record.length - 1]) {
      writeFileSync(file, record.subarray(0, size));
      await expect(connect(url, options)).rejects.toMatchObject({ code: "MISUSE_SESSION" });
    }
  });

  it("that cannot be read or written ends the client, and names the file", async () => {
    const served = await Served.start();
    const url = `mqtt://127.0.0.1:${served.port}`;
    const { folder, file, options } = place();
    const unreadable = connect(url, { ...options, store: fileStore(folder) });
    await expect(unreadable).rejects.toMatchObject({ code: "STORE", message: expect.stringContaining(folder) });
    const client = await connect(url, options);
    await client.publish("t", "x", { qos: 1 });
    renameSync(folder, `${folder}-gone`);
    await expect(client.publish("t", "y", { qos: 1 })).rejects.toMatchObject({
      code: "STORE",
      message: expect.stringContaining(file),
    });
    // What could not be kept has not left.
    expect(served.lines.filter(line => /Received PUBLISH/.test(line))).toHaveLength(1);
  });

  it("needs a session that lasts", async () => {
    const { options } = place();
    await expect(connect("mqtt://localhost", { ...options, clean: true })).rejects.toMatchObject({
      code: "MISUSE_OPTION",
    });
  });
});
