// A recorded table as readings: what is read, when it is published, and what arrives.
import { describe, expect, test } from "vitest";
import { parseTc } from "../../host/link/index.ts";
import { IDENTITY_SIZE, RecordedReadings, readRecording, run } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

const CSV = `time,temperature,humidity,note
2026-11-21T00:00:00Z,21.5,60,"dry, warm"
2026-11-21T00:01:00Z,21.25,61,
2026-11-21T00:03:00Z,20,64.5,rain
`;

const read = (text: string, time = "time", values = ["temperature", "humidity"]) =>
  readRecording(text, "table.csv", time, values);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a recording", () => {
  test("has its values as they stand in the file, at their times since the first", () => {
    const { rows, periodUs } = read(CSV);
    expect(rows.map(row => [row.atUs, textOf(row.text)])).toEqual([
      [0, "21.5,60"],
      [60e6, "21.25,61"],
      [180e6, "20,64.5"],
    ]);
    expect(periodUs).toBe(270e6);
  });

  test("takes columns in the order asked for, quotes and empty values too", () => {
    expect(read(CSV, "time", ["note", "humidity"]).rows.map(row => textOf(row.text))).toEqual([
      "dry, warm,60",
      ",61",
      "rain,64.5",
    ]);
  });

  test.each([
    ["seconds", "1795219200", "1795219260.5"],
    ["milliseconds", "1795219200000", "1795219260500"],
    ["microseconds", "1795219200000000", "1795219260500000"],
    ["seconds since the start", "0", "60.5"],
    ["ISO 8601 with a space and no seconds", "2026-11-21 00:00", "2026-11-21 00:01:00.5"],
    ["seconds on both sides of a power of ten", "99999999990", "100000000050.5"],
    ["ISO 8601 with an offset", "2026-11-21T01:00:00+01:00", "2026-11-21T00:01:00.500Z"],
  ])("understands times in %s", (_kind, first, second) => {
    expect(read(`time,temperature,humidity\n${first},1,2\n${second},3,4\n`).rows[1].atUs).toBe(60.5e6);
  });

  test.each([
    ["an empty file", "", "the file is empty"],
    ["one row", "time,temperature,humidity\n0,1,2\n", "two rows at different times"],
    ["rows at one time", "time,temperature,humidity\n5,1,2\n5,1,2\n", "two rows at different times"],
    ["a time that is none", "time,temperature,humidity\n0,1,2\nnoon,1,2\n", 'row 2, column "time": "noon" is neither'],
    [
      "half a day",
      "time,temperature,humidity\n2026-03-08 01:00:00 AM,1,2\n",
      "neither a time of ISO 8601 nor a number",
    ],
    ["a day that is none", "time,temperature,humidity\n2026-02-30T00:00:00Z,1,2\n", "neither a time"],
    ["a minute that is none", "time,temperature,humidity\n2026-02-20T00:60:00Z,1,2\n", "neither a time"],
    ["a zone that is none", "time,temperature,humidity\n2026-02-20T00:00:00+24:00,1,2\n", "neither a time"],
    [
      "a number among dates",
      "time,temperature,humidity\n2026-02-20,1,2\n5,1,2\n",
      'row 2, column "time": "5" is neither',
    ],
    ["time that runs back", "time,temperature,humidity\n9,1,2\n8,1,2\n", 'row 2: time runs back: "8"'],
    ["rows of different lengths", "time,temperature,humidity\n0,1\n1,1,2\n", "no CSV"],
    ["an open quote", 'time,temperature,humidity\n0,"1,2\n', "no CSV"],
  ])("is refused for %s", (_what, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(/^table\.csv: [^\n]+$/);
  });

  test("is refused for a missing column, with the nearest name or all of them", () => {
    expect(() => read(CSV, "time", ["temprature"])).toThrow(
      'there is no column "temprature"; did you mean "temperature"?',
    );
    expect(() => read(CSV, "x", ["humidity"])).toThrow(
      'there is no column "x"; there are time, temperature, humidity, note',
    );
  });
});

describe("readings out of a recording", () => {
  test("come at the recording's times after the sensor's own start, and begin again after a period", () => {
    const readings = new RecordedReadings(read(CSV), 5n);
    const firstUs = readings.firstUs(2);
    expect(firstUs).toBeLessThan(90e6);
    const times = [firstUs];
    for (let index = 1; index < 7; index += 1) times.push(readings.nextUs(2, index, times[index - 1]));
    expect(times.map(us => us - firstUs)).toEqual([0, 60e6, 180e6, 270e6, 330e6, 450e6, 540e6]);
    expect(new RecordedReadings(read(CSV), 5n).firstUs(3)).not.toBe(firstUs);
  });

  test("carry the values behind the eight bytes that name the message", () => {
    const readings = new RecordedReadings(read(CSV), 5n);
    const bytes = new Uint8Array(64);
    readings.write(bytes, 4, 2, 4, 4);
    expect(readings.size(2, 4)).toBe(IDENTITY_SIZE + 8);
    expect(textOf(bytes.slice(12, 20))).toBe("21.25,61");
    expect(readings.matches(bytes, 4, 16, 2, 4)).toBe(true);
    expect(readings.matches(bytes, 4, 15, 2, 4)).toBe(false);
    bytes[13] ^= 1;
    expect(readings.matches(bytes, 4, 16, 2, 4)).toBe(false);
  });

  test.each([0, 1, 2] as const)("arrive as they were recorded at QoS %i, also when an outbox has refused some", qos => {
    const options = scenario(5n, {
      link: {
        ...parseTc("delay 100ms loss random 5%"),
        outage: { model: "windows", windows: [{ start: "10min", end: "30min" }] },
      },
      outboxBytes: 128,
    });
    const result = run({ ...options, readings: new RecordedReadings(read(CSV), 5n) }, qos);
    expect(result.finding).toEqual({ count: 0, violations: [] });
    expect(result.pendingCount).toBe(0);
    expect(result.history.refusedCount).toBeGreaterThan(0);
    expect(result.history.deliveredCount).toBeGreaterThan(100);
  });
});
