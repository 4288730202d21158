// What is no event is refused with its line, its field and what was expected.
import { describe, expect, it } from "vitest";
import { HistoryError, readHistory } from "../../../host/check/history/index.ts";
import { draw, runPlan } from "../../../host/check/swarm/index.ts";
import { historyOf, type Line } from "./lines.ts";

const written = (...lines: Line[]) =>
  historyOf(lines)
    .map(event => JSON.stringify(event))
    .join("\n");

describe("a history in a file", () => {
  const line = '{"atMs":9,"client":"a","connection":1,"kind":"connected","isPresent":false}';
  const opening = written([9, "a", "connecting", 1]);
  it("is read line by line", () => {
    expect(readHistory(`${opening}\n\n${line}\n`)).toHaveLength(2);
  });
  it.each(["", "\n \n"])("that has none, %j, is no history in which all is well", text => {
    expect(() => readHistory(text)).toThrow(new HistoryError("line 1: there is no event: nothing would be judged"));
  });
  it.each([
    ["{", /^line 2: no JSON: /],
    ["7", /^line 2: an event is an object$/],
    ["null", /^line 2: an event is an object$/],
    ["[1]", /^line 2: an event is an object$/],
    ['{"kind":"sent"}', /^line 2: kind is one of connecting, .*, not "sent"$/],
    [
      '{"kind":"connected","atMs":"9","client":"a","connection":1}',
      /^line 2: atMs of "connected" is a number, not "9"$/,
    ],
    [
      '{"kind":"connected","atMs":9,"client":"a","connection":1}',
      /^line 2: isPresent of "connected" is true or false, not absent$/,
    ],
    [
      '{"kind":"ended","atMs":9,"client":"a","connection":1,"how":"gone"}',
      /^line 2: how of "ended" is one of "goodbye", "unsure", "lost", "vanished", "frozen", not "gone"$/,
    ],
    [
      '{"kind":"subscribe","atMs":9,"client":"a","connection":1,"filter":"a","qos":3}',
      /^line 2: qos of "subscribe" is one of 0, 1, 2, not 3$/,
    ],
    [
      '{"kind":"ended","atMs":9,"client":"a","connection":1,"how":"lost","quiet":{"longestMs":-1}}',
      /^line 2: quiet of "ended" is an object of longestMs: a number from 0, .*, not {"longestMs":-1}$/,
    ],
    [
      line.replace("false", 'false,"keepAliveS":70000'),
      /^line 2: keepAliveS of "connected" is a whole number from 0 to 65535, not 70000$/,
    ],
    [
      line.replace("false", 'false,"keepalive":7'),
      /^line 2: "connected" has no field "keepalive"; it has .*, isPresent, keepAliveS$/,
    ],
    [
      '{"kind":"subscribed","atMs":9,"client":"a","connection":1,"filter":"a","granted":3}',
      /^line 2: granted of "subscribed" is 0, 1 or 2, or a refusal from 128 to 255, not 3$/,
    ],
    [line.replace("9", "1e999"), /^line 2: atMs of "connected" is a number, not null$/],
    [line.replace(":1", ":1.5"), /^line 2: connection of "connected" is a whole number from 0 to /],
    [line.replace("9", "8"), /^line 2: atMs 8 lies before 9, of the line above$/],
  ])("refuses %s", (text, message) => {
    expect(() => readHistory(`${opening}\n${text}`)).toThrow(HistoryError);
    expect(() => readHistory(`${opening}\n${text}`)).toThrow(message);
  });
});

describe("lines that cannot be behind those above them", () => {
  const opening: Line[] = [
    [1, "a", "connecting", 1, { will: { id: "a/will", topic: "w", qos: 0, delayS: 0 } }],
    [2, "a", "connected", 1],
    [3, "a", "publish", 1, { id: "a/1" }],
    [4, "b", "connecting", 2],
  ];
  const ended: Line = [5, "a", "ended", 1];
  it.each<[string, Line[]]>([
    ["connection 1 is a's already: each CONNECT has a number of its own", [[9, "c", "connecting", 1]]],
    ["connections are numbered from 1", [[9, "c", "connecting", 0]]],
    ['client of "connecting" is the client identifier, which is empty only for the server', [[9, "", "connecting", 3]]],
    ['no line above has "connecting" with connection 7', [[9, "c", "received", 7, { id: "a/1" }]]],
    ["connection 1 is a's, not b's", [[9, "b", "received", 1, { id: "a/1" }]]],
    ['connection 2 is not "connected" yet', [[9, "b", "received", 2, { id: "a/1" }]]],
    ['connection 1 is "connected" already', [[9, "a", "connected", 1]]],
    ['connection 1 is not "ended" yet', [[9, "a", "dropped", 1]]],
    ['connection 1 has "ended" above; behind that it is 0 until', [ended, [9, "a", "publish", 1, { id: "a/2" }]]],
    ['connection 1 has "ended" above', [ended, [9, "a", "ended", 1]]],
    ['"received" happens on a connection, and 0 is none', [[9, "a", "received", 0, { id: "a/1" }]]],
    ['another message has the id "a/1"', [[9, "b", "publish", 0, { id: "a/1" }]]],
    ['another message has the id "a/will"', [[9, "a", "publish", 1, { id: "a/will" }]]],
    [
      'another message has the id "a/will"',
      [[9, "c", "connecting", 3, { will: { id: "a/will", topic: "w", qos: 0, delayS: 0 } }]],
    ],
    [
      'another message has the id "a/1"',
      [[9, "a", "connecting", 3, { will: { id: "a/1", topic: "w", qos: 0, delayS: 0 } }]],
    ],
    ["a message has an id", [[9, "a", "publish", 1, { id: "" }]]],
    ["a will has an id", [[9, "c", "connecting", 3, { will: { id: "", topic: "w", qos: 0, delayS: 0 } }]]],
    ['no line above has "publish" with id "a/2"', [[9, "a", "published", 1, { id: "a/2" }]]],
    [
      "a has published a/1, not b",
      [
        [8, "b", "connected", 2],
        [9, "b", "published", 2, { id: "a/1" }],
      ],
    ],
    ['no line above has "subscribe" of a with filter "f"', [[9, "a", "subscribed", 1, { filter: "f", granted: 0 }]]],
    ["the server is not down", [[9, "", "server up", 0]]],
    [
      "the server is down already",
      [
        [8, "", "server down", 0],
        [9, "", "server down", 0],
      ],
    ],
  ])("%s", (message, lines) => {
    const text = written(...opening, ...lines);
    expect(() => readHistory(text)).toThrow(HistoryError);
    expect(() => readHistory(text)).toThrow(`line ${opening.length + lines.length}: ${message}`);
    // It is the last line alone.
    expect(readHistory(written(...opening, ...lines.slice(0, -1)))).toHaveLength(opening.length + lines.length - 1);
  });

  it("a session goes on over another connection, with its will, and messages wait for it", () => {
    const will = { id: "a/will", topic: "w", qos: 0, delayS: 0 };
    const text = written(
      ...opening,
      ended,
      [6, "a", "publish", 0, { id: "a/2" }],
      [7, "a", "connecting", 3, { will }],
      [8, "a", "connected", 3],
      [9, "a", "published", 3, { id: "a/1" }],
      [9, "a", "published", 0, { id: "a/2" }],
      [10, "a", "dropped", 1],
    );
    expect(readHistory(text)).toHaveLength(11);
  });
});

it("whatever a cast writes down can be read", () => {
  let lineCount = 0;
  for (let seed = 1; seed <= 15; seed += 1) {
    const { history } = runPlan(draw(seed));
    if (history === undefined) continue;
    lineCount += history.length;
    expect(readHistory(history.map(event => JSON.stringify(event)).join("\n"))).toEqual(history);
  }
  expect(lineCount).toBeGreaterThan(300);
});
