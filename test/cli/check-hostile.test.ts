// A hostile broker that is ended before its list is: what was judged until then is summed up, and is no success.
import { connect } from "node:net";
import { expect, it } from "vitest";
import { printed, startPerigee } from "./program.ts";

it("says how far it came, and lets go of whoever is still there", async () => {
  const running = startPerigee(["check", "hostile", "--listen", "0", "--at", "CONNECT"]);
  let stdout = "";
  running.process.stdout?.on("data", data => {
    stdout += data;
  });
  await printed(running, /faults\n/);
  const [, port, count] = /port (\d+): (\d+) faults/.exec(stdout) ?? [];
  // One who says nothing and stays: its fault is not reached.
  const silent = connect(Number(port), "127.0.0.1");
  const gone = new Promise(resolve => silent.once("close", resolve));
  silent.on("error", () => {});
  await new Promise(resolve => silent.once("connect", resolve));
  const leaving = connect(Number(port), "127.0.0.1");
  await new Promise(resolve => leaving.once("connect", resolve));
  const said = printed(running, /unreached/);
  leaving.end();
  await said;
  running.process.kill("SIGTERM");
  const { code } = await running.finished;
  await gone;
  expect(code).toBe(143);
  expect(stdout).toContain(
    `1 faults, 1 not reached, ended by SIGTERM with ${Number(count) - 1} left: every rule kept\n`,
  );
});
