/** -F beside mosquitto_sub: the same bytes for the same messages. */
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

const FORMATS = [
  "%t|%p|%q|%r|%m|%l|%x|%X",
  "%20t|%-20t|%10.3t|%.3t|%-10.3t|%3p|%-10p|%10p|%010p",
  "%5l|%-5l|%05l|%-05l|%08m",
  "%A|%5A|%05E|%C|%10C|%D|%F|%P|%R|%10R|%S|%3S",
  "%%\\t\\n\\r\\a\\e\\v\\0\\\\@@@%@Q|",
  "%0t|%05t|%05p",
];

/** Moments differ: they are made comparable, and compared where the clock is that of `date`, in strftime.test.ts. */
function comparable(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6}Z)?/g, "TIME").replace(/\d{10}\.\d{9}/g, "SECONDS");
}

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("a format", () => {
  it("prints what mosquitto_sub prints", async () => {
    const mosquitto = new Mosquitto();
    mosquitto.settings.push("allow_anonymous true");
    await mosquitto.start();
    const witness = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    const json = '{"b":1,"a":[1,{"x":1.50},[]],"2":1e21,"1":{},"s":"\\u00e9\\n"}';
    await witness.publishAsync("m/1", "text", { retain: true, qos: 1 });
    await witness.publishAsync("m/2", json, { retain: true, qos: 1 });
    await witness.publishAsync("m/ü", "é", { retain: true, qos: 1 });
    await witness.endAsync();
    const at = ["-h", "localhost", "-p", `${mosquitto.port}`, "-t", "m/#", "-q", "1", "-C", "3"];
    const rows = [
      ...FORMATS.map(format => ["-F", format]),
      ["-F", "%I %U %j"],
      ["-F", "%j", "--pretty", "-N"],
      ["-F", "%J", "--pretty"],
      ["-F", "%t", "-v"],
    ];
    for (const row of rows) {
      const [theirs, ours] = await Promise.all([
        run("mosquitto_sub", [...at, ...row]),
        perigee(["sub", ...at, ...row]),
      ]);
      expect([row, comparable(ours.stdout), ours.code]).toEqual([row, comparable(theirs.stdout), theirs.code]);
      expect(ours.stderr).toBe(theirs.stderr);
    }
  });

  it("is refused in the same words", async () => {
    for (const format of ["%", "%k", "@", "\\", "\\q", "%-5", "%5.z"]) {
      const args = ["-t", "a", "-F", format];
      const [theirs, ours] = await Promise.all([run("mosquitto_sub", args), perigee(["sub", ...args])]);
      expect(ours.code).toBe(theirs.code);
      const line = theirs.stderr.split("\n").find(text => text.startsWith("Error:")) ?? "";
      expect(ours.stderr).toContain(line.replace(/\.$/, ""));
    }
  });
});
