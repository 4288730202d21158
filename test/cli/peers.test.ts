/** pub and sub with other people's programs at the other side, on three brokers. */
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { onEnd, run } from "../broker/real.ts";
import { SERVERS } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee, printed, startPerigee } from "./program.ts";

describe.each(SERVERS.filter(server => server.isHere))("on $name", kind => {
  it("pub reaches MQTT.js, and MQTT.js reaches sub", async () => {
    const { port } = await kind.start();
    const at = ["-h", "127.0.0.1", "-p", `${port}`];
    const witness = await connectAsync(`mqtt://127.0.0.1:${port}`);
    onEnd(() => witness.endAsync(true));
    await witness.subscribeAsync("up/#", { qos: 2 });
    const seen: string[] = [];
    witness.on("message", (topic, payload, { qos }) => seen.push(`${topic} ${qos} ${payload}`));
    for (const qos of ["0", "1", "2"]) {
      expect(await perigee(["pub", ...at, "-t", `up/${qos}`, "-m", "é", "-q", qos])).toMatchObject({ code: 0 });
    }
    const subscriber = startPerigee(["sub", ...at, "-t", "down/+", "-q", "2", "-v", "-C", "3", "-d"]);
    await printed(subscriber, /Subscribed/);
    for (const qos of [0, 1, 2] as const) await witness.publishAsync(`down/${qos}`, `${qos}`, { qos });
    const { code, stdout } = await subscriber.finished;
    expect(code).toBe(0);
    expect(
      stdout
        .split("\n")
        .filter(line => /^down/.test(line))
        .sort(),
    ).toEqual(["down/0 0", "down/1 1", "down/2 2"]);
    expect(seen.sort()).toEqual(["up/0 0 é", "up/1 1 é", "up/2 2 é"]);
  });

  it("sub with -c gets what came while it was away", async () => {
    const { port } = await kind.start();
    const at = ["-h", "127.0.0.1", "-p", `${port}`];
    const reader = ["sub", ...at, "-t", "d", "-q", "2", "-c", "-i", "reader"];
    expect((await perigee([...reader, "-E"])).code).toBe(0);
    expect((await perigee(["pub", ...at, "-t", "d", "-q", "2", "-l"], "one\ntwo\nthree\n")).code).toBe(0);
    const { code, stdout } = await perigee([...reader, "-C", "3"]);
    expect([code, stdout]).toEqual([0, "one\ntwo\nthree\n"]);
  });

  it("sub ends politely on SIGTERM: its will is not sent", async () => {
    const { port } = await kind.start();
    const at = ["-h", "127.0.0.1", "-p", `${port}`];
    const witness = await connectAsync(`mqtt://127.0.0.1:${port}`);
    onEnd(() => witness.endAsync(true));
    await witness.subscribeAsync("w/#", { qos: 1 });
    const seen: string[] = [];
    const marked = new Promise<void>(resolve => {
      witness.on("message", topic => {
        seen.push(topic);
        if (topic === "w/mark") resolve();
      });
    });
    const will = (name: string) => [
      "-d",
      "-t",
      "x",
      "--will-topic",
      `w/${name}`,
      "--will-payload",
      "x",
      "--will-qos",
      "1",
    ];
    const polite = startPerigee(["sub", ...at, ...will("polite")]);
    const doomed = startPerigee(["sub", ...at, ...will("doomed")]);
    await Promise.all([printed(polite, /Subscribed/), printed(doomed, /Subscribed/)]);
    polite.process.kill("SIGTERM");
    expect(await polite.finished).toMatchObject({ code: 0, stderr: "" });
    const cut = new Promise<void>(resolve => witness.once("message", () => resolve()));
    doomed.process.kill("SIGKILL");
    await cut;
    await witness.publishAsync("w/mark", "x", { qos: 1 });
    await marked;
    expect(seen).toEqual(["w/doomed", "w/mark"]);
  });

  // aedes now and then loses the first message that it keeps for a session: with MQTT.js as the publisher too.
  it.runIf(havePeers("mosquitto_pub") && kind.name !== "aedes")(
    "mosquitto_pub and mosquitto_sub understand each other with sub and pub",
    async () => {
      const { port } = await kind.start();
      const at = ["-h", "127.0.0.1", "-p", `${port}`];
      const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`).join("\n");
      const ours = startPerigee(["sub", ...at, "-t", "m/theirs", "-q", "1", "-C", "200", "-d"]);
      await printed(ours, /Subscribed/);
      // mosquitto_sub keeps its output to itself until it ends: so its session is made first, and read afterwards.
      const reader = [...at, "-t", "m/ours", "-q", "2", "-c", "-i", "reader"];
      expect((await run("mosquitto_sub", [...reader, "-E"])).code).toBe(0);
      const [theirPub, ourPub] = await Promise.all([
        run("mosquitto_pub", [...at, "-t", "m/theirs", "-q", "1", "-l"], lines),
        perigee(["pub", ...at, "-t", "m/ours", "-q", "2", "-l"], lines),
      ]);
      expect([theirPub.code, ourPub.code]).toEqual([0, 0]);
      const theirs = await run("mosquitto_sub", [...reader, "-C", "200"]);
      for (const { code, stdout } of [await ours.finished, theirs]) {
        expect(code).toBe(0);
        expect(
          stdout
            .split("\n")
            .filter(line => line.startsWith("line "))
            .join("\n"),
        ).toBe(lines);
      }
    },
  );
});
