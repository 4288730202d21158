/** What SIGINT, SIGTERM and SIGHUP do to pub and sub: nothing is lost that was accepted, and the status tells which it was. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { onEnd, Served } from "../broker/real.ts";
import { printed, startPerigee, startPerigeeOpen } from "./program.ts";

const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = Object.keys(STATUS) as (keyof typeof STATUS)[];

describe.each(SIGNALS)("%s", signal => {
  it("ends sub in order, with 0", async () => {
    const served = await Served.start();
    const running = startPerigee(["sub", "-p", `${served.port}`, "-t", "t", "-d"]);
    await printed(running, /received SUBACK/);
    running.process.kill(signal);
    expect(await running.finished).toMatchObject({ code: 0, stderr: "" });
    await served.until(/Received DISCONNECT/);
  });

  it("ends pub when what it has read is acknowledged, with its own status", async () => {
    const served = await Served.start();
    const running = startPerigeeOpen(["pub", "-p", `${served.port}`, "-t", "t", "-l", "-q", "2", "-d"]);
    const read = printed(running, /received PUBCOMP/);
    running.process.stdin?.write("one\ntwo\nunfinished");
    await read;
    running.process.kill(signal);
    expect(await running.finished).toMatchObject({ code: STATUS[signal], stderr: "" });
    expect(served.lines.filter(line => /Received PUBREL/.test(line))).toHaveLength(2);
    expect(served.lines.some(line => /Received DISCONNECT/.test(line))).toBe(true);
  });

  it("before the server has accepted acts as on any program", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    for (const command of [["pub", "-m", "x"], ["sub"]]) {
      const running = startPerigee([...command, "-h", "127.0.0.1", "-p", `${port}`, "-t", "t"]);
      await once(server, "connection");
      running.process.kill(signal);
      await running.finished;
      expect(running.process.signalCode).toBe(signal);
    }
  });
});

it("a signal while the server owes an acknowledgement ends pub with a line that says so", async () => {
  // A server that accepts, and then reads only.
  const server = net.createServer(socket => {
    socket.once("data", () => socket.write(Buffer.from([0x20, 2, 0, 0])));
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const at = ["-h", "127.0.0.1", "-p", `${port}`];
  const running = startPerigee(["pub", ...at, "-t", "t", "-m", "x", "-q", "1", "-d"]);
  await printed(running, /sending PUBLISH/);
  running.process.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  expect([code, stderr]).toEqual([143, "Error: ended by SIGTERM; not everything was acknowledged\n"]);
});
