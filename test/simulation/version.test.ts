// MQTT 3.1.1 beside 5.0, with topic aliases and without: the same promises, and every byte of the difference accounted for.
import { describe, expect, test } from "vitest";
import { LINUX, LWIP, parseTc, type TcpProfile } from "../../host/link/index.ts";
import { parseVersions, type RunOptions, run, simulate, table, type Version } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

const QOS = [0, 1, 2] as const;
const VERSIONS: Version[] = ["3.1.1", "5.0", "5.0, aliases"];
const SEED = 11n;

describe("on a link that loses nothing, to the byte", () => {
  const MESSAGE_COUNT = 40;
  const TOPIC = "sensors/0000/temperature";
  const CONNECT_PROPERTIES = 6;
  /** CONNACK: length of the properties, Topic Alias Maximum; Receive Maximum is left out where it is the largest. */
  const CONNACK_PROPERTIES = 1 + 3;
  /** The length of its properties, in each PUBLISH. */
  const BLOCK = 1;
  const ALIAS = 3;

  const outcome = (version: Version, qos: 0 | 1 | 2, tcp: TcpProfile) => {
    const options: RunOptions = scenario(SEED, {
      link: parseTc("delay 270ms"),
      sensorCount: 1,
      durationUs: MESSAGE_COUNT * 5e6,
      intervalUs: 5e6,
      payloadSize: 20,
      topicOf: () => TOPIC,
      keepAliveSeconds: 0,
      tcp,
      version,
    });
    const { mqtt, ip, history, finding, retransmissionCount } = run(options, qos);
    expect([history.deliveredCount, finding.count, retransmissionCount]).toEqual([MESSAGE_COUNT, 0, 0]);
    return { mqtt, ip, hash: history.log.digest() };
  };

  test.each([
    ["Linux", LINUX, 0],
    ["Linux", LINUX, 1],
    ["lwIP", LWIP, 2],
  ] as [string, TcpProfile, 0 | 1 | 2][])("%s: 5.0 costs a byte a message, an alias saves the topic", (_, tcp, qos) => {
    const three = outcome("3.1.1", qos, tcp);
    const five = outcome("5.0", qos, tcp);
    const aliased = outcome("5.0, aliases", qos, tcp);
    const fiveUp = CONNECT_PROPERTIES + MESSAGE_COUNT * BLOCK;
    expect(five.mqtt.upBytes - three.mqtt.upBytes).toBe(fiveUp);
    expect(five.mqtt.downBytes - three.mqtt.downBytes).toBe(CONNACK_PROPERTIES);
    // The topic once, the alias every time.
    const saved = (MESSAGE_COUNT - 1) * TOPIC.length - MESSAGE_COUNT * ALIAS;
    expect(five.mqtt.upBytes - aliased.mqtt.upBytes).toBe(saved);
    expect(aliased.mqtt.downBytes).toBe(five.mqtt.downBytes);
    // A message by alias leaves in two parts and in one segment: what TCP and IP add is the same in all three.
    for (const each of [five, aliased]) {
      expect(each.ip.upPackets).toBe(three.ip.upPackets);
      expect(each.ip.downPackets).toBe(three.ip.downPackets);
      expect(each.ip.upBytes - each.mqtt.upBytes).toBe(three.ip.upBytes - three.mqtt.upBytes);
      expect(each.ip.downBytes - each.mqtt.downBytes).toBe(three.ip.downBytes - three.mqtt.downBytes);
    }
  });

  test("a message is seen to leave in whichever part its number is", () => {
    const hashes = VERSIONS.map(version => outcome(version, 1, LWIP).hash);
    // No rate, so that no byte more takes any time: everything happens at the same moments.
    expect(new Set(hashes).size).toBe(1);
  });
});

describe("through outages and losses", () => {
  const options = scenario(SEED, { sensorCount: 3 });
  const { result, runs } = simulate(options, QOS, VERSIONS);

  test(`every version keeps every promise, seed ${SEED}`, () => {
    expect(runs.map(({ version, qos }) => [version, qos])).toEqual(VERSIONS.flatMap(v => QOS.map(qos => [v, qos])));
    for (const each of runs) {
      expect(each.finding.violations).toEqual([]);
      expect(each.pendingCount).toBe(0);
      expect(each.reconnectCount).toBeGreaterThan(0);
      if (each.qos > 0) expect(each.history.deliveredCount).toBe(each.history.invokedCount);
    }
  });

  test("aliases cost fewer bytes up than 5.0 without, whatever has to be sent again", () => {
    for (const qos of QOS) {
      const [three, five, aliased] = VERSIONS.map(version =>
        result.rows.find(r => r.version === version && r.qos === qos),
      );
      expect(five?.mqtt.upBytes).toBeGreaterThan(three?.mqtt.upBytes ?? Number.NaN);
      expect(aliased?.mqtt.upBytes).toBeLessThan(five?.mqtt.upBytes ?? Number.NaN);
    }
  });

  test("the same seed is the same result", () => {
    expect(simulate(options, QOS, VERSIONS).result).toEqual(result);
  });

  test("3.1.1 alone has the rows and the hash that it has without a choice, and every list a hash of its own", () => {
    const plain = simulate(options, [1]).result;
    expect(simulate(options, [1], ["3.1.1"]).result).toEqual(plain);
    expect(Object.keys(plain.rows[0])[0]).toBe("qos");
    expect(result.rows[1]).toEqual({ version: "3.1.1", ...plain.rows[0] });
    const hashes = [["3.1.1"], ["5.0"], ["5.0, aliases"], ["5.0", "5.0, aliases"]] as Version[][];
    expect(new Set(hashes.map(list => simulate(options, [1], list).result.hash)).size).toBe(4);
  });

  test("a column tells the versions apart, and is not there for 3.1.1 alone", () => {
    expect(table(result)).toMatch(/^ *MQTT +QoS/m);
    expect(table(result).match(/^ *3\.1\.1 +[012] /gm)).toHaveLength(3);
    expect(table(result).match(/^alias /gm)).toHaveLength(3);
    expect(table(simulate(options, [0]).result)).not.toMatch(/^ *MQTT +QoS/m);
  });
});

test("a topic that is as short as its alias goes without, and longer ones fit whatever their length", () => {
  for (const size of [3, 4, 1000]) {
    const options = scenario(SEED, {
      link: parseTc("delay 20ms"),
      sensorCount: 2,
      durationUs: 600e6,
      topicOf: sensor => `${sensor}`.padEnd(size, "t"),
    });
    const [five, aliased] = (["5.0", "5.0, aliases"] as const).map(
      version => run({ ...options, version }, 1).mqtt.upBytes,
    );
    if (size === 3) expect(aliased).toBe(five);
    else expect(aliased).toBeLessThan(five);
  }
});

test("a message that leaves in more parts than two is seen to leave once, and arrives", () => {
  // lwIP takes 5,760 bytes at a time: of a large message a piece, of many small ones up to somewhere within a head or a reading.
  const large = { link: parseTc("delay 50ms"), payloadSize: 20_000, outboxBytes: 100_000 };
  const many = { link: parseTc("delay 50ms rate 32kbit"), payloadSize: 29, intervalUs: 10e3, window: 1000 };
  const cases = [
    [large, 0],
    [large, 1],
    [large, 2],
    [{ ...many, durationUs: 20e6, outboxBytes: 500_000 }, 0],
    [{ ...many, durationUs: 20e6, outboxBytes: 500_000 }, 1],
  ] as const;
  for (const [each, qos] of cases) {
    const result = run(scenario(SEED, { ...each, sensorCount: 2, tcp: LWIP, version: "5.0, aliases" }), qos);
    const { sensors, deliveredCount, invokedCount } = result.history;
    expect(sensors.map(sensor => sensor.sentCount)).toEqual(sensors.map(sensor => sensor.invokedCount));
    expect([result.finding.count, result.pendingCount, deliveredCount]).toEqual([0, 0, invokedCount]);
  }
});

describe("a list of versions", () => {
  test.each([
    ["3.1.1", ["3.1.1"]],
    ["4,5.0", ["3.1.1", "5.0"]],
    [" 311 , MQTTv5 ,5-aliases", ["3.1.1", "5.0", "5.0, aliases"]],
    ["5.0-alias,50,mqttv311", ["5.0, aliases", "5.0", "3.1.1"]],
  ])("%j", (list, versions) => {
    expect(parseVersions(list, "--mqtt")).toEqual(versions);
  });
});
