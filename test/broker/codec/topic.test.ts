/** Topic names and filters (4.7) against their definition in words: every short text of the four characters that matter. */
import { describe, expect, it } from "vitest";
import { RULES_3, RULES_5, type Rules } from "../../../host/broker/codec/rules.ts";
import { checkTopicFilter, checkTopicName } from "../../../host/broker/codec/topic.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";

/** All texts of these characters, up to five of them. */
function texts(): string[] {
  const all = [""];
  for (let size = 0, start = 0; size < 5; size++) {
    const end = all.length;
    for (; start < end; start++) for (const character of "a/+#") all.push(all[start] + character);
  }
  return all;
}

function refusalOf(check: (bytes: Uint8Array, start: number, end: number) => void, text: string): string {
  // Slashes on both sides, so that a look beyond the text would find the end of a level.
  const bytes = Buffer.from(`/${text}/`);
  try {
    check(bytes, 1, bytes.length - 1);
    return "";
  } catch (error) {
    if (error instanceof Violation) return error.message;
    throw error;
  }
}

const nameRefusal = (text: string, rules?: Rules): string =>
  refusalOf((bytes, start, end) => checkTopicName(bytes, start, end, "a name", "RULE", rules), text);
const filterRefusal = (text: string, rules?: Rules): string =>
  refusalOf((bytes, start, end) => checkTopicFilter(bytes, start, end, rules), text);

const TEXTS = texts();

describe("a topic filter", () => {
  it("has '+' as a whole level and '#' as a whole last one [MQTT-4.7.1-2] [MQTT-4.7.1-3], and any name beside", () => {
    for (const text of TEXTS) {
      const levels = text.split("/");
      const isFilter =
        text !== "" &&
        levels.every((level, index) => {
          return level === "+" || (level === "#" && index === levels.length - 1) || !/[+#]/.test(level);
        });
      if ((filterRefusal(text) === "") !== isFilter) expect.unreachable(`'${text}' is ${isFilter ? "a" : "no"} filter`);
    }
  });

  it.each([
    ["a#", RULES_3, "[MQTT-4.7.1-2] '#' stands alone as the last level: 'a#'"],
    ["a#", RULES_5, "[MQTT-4.7.1-1] '#' stands alone as the last level: 'a#'"],
    ["#/+a", RULES_3, "[MQTT-4.7.1-2] '#' stands alone as the last level: '#/+a'"],
    ["+a/#", RULES_3, "[MQTT-4.7.1-3] '+' fills a whole level: '+a/#'"],
    ["a+", RULES_5, "[MQTT-4.7.1-2] '+' fills a whole level: 'a+'"],
    ["", RULES_5, "[MQTT-4.7.3-1] a topic filter is empty"],
    ["\u0000", RULES_5, "[MQTT-1.5.4-2] a topic filter holds U+0000"],
  ])("%j is refused", (text, rules, message) => {
    expect(filterRefusal(text, rules)).toBe(message);
  });
});

describe("a topic name", () => {
  it("has no wildcard and at least one character", () => {
    for (const text of TEXTS) {
      const isName = text !== "" && !/[+#]/.test(text);
      if ((nameRefusal(text) === "") !== isName) expect.unreachable(`'${text}' is ${isName ? "a" : "no"} name`);
    }
    expect(nameRefusal("a/+")).toBe("[RULE] a name has no wildcard: 'a/+'");
    expect(nameRefusal("")).toBe("[MQTT-4.7.3-1] a name is empty");
    expect(nameRefusal("a\u0000", RULES_5)).toBe("[MQTT-1.5.4-2] a name holds U+0000");
  });
});

it.each([
  ["a name", nameRefusal],
  ["a topic filter", filterRefusal],
] as const)("%s has 200 levels at most", (what, refusal) => {
  for (const count of [1, 199, 200]) expect(refusal("/".repeat(count - 1) || "a")).toBe("");
  expect(refusal("/".repeat(200))).toBe(`[limit] ${what} has 201 levels: 200 at most`);
  expect(refusal("a/".repeat(250))).toBe(`[limit] ${what} has 251 levels: 200 at most`);
});
