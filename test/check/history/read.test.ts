// What is no event is refused with its line, its field and what was expected.
import { describe, expect, it } from "vitest";
import { HistoryError, readHistory } from "../../../host/check/history/index.ts";

describe("a history in a file", () => {
  const line = '{"atMs":9,"client":"a","connection":1,"kind":"connected","isPresent":false}';
  it("is read line by line", () => {
    expect(readHistory(`${line}\n\n${line}\n`)).toHaveLength(2);
  });
  it.each([
    ["{", /^line 2: no JSON: /],
    ["7", /^line 2: an event is an object$/],
    ["null", /^line 2: an event is an object$/],
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
    [line.replace("9", "8"), /^line 2: atMs 8 lies before 9, of the line above$/],
  ])("refuses %s", (text, message) => {
    expect(() => readHistory(`${line}\n${text}`)).toThrow(HistoryError);
    expect(() => readHistory(`${line}\n${text}`)).toThrow(message);
  });
});
