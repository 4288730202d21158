/** Formats of -F: what each parameter prints, and what is refused, where no broker is needed for it. */
import { describe, expect, it } from "vitest";
import { JsonText, printJson } from "../../../host/cli/format/json.ts";
import { parseFormat } from "../../../host/cli/format/parse-format.ts";
import { printFormat } from "../../../host/cli/format/print-format.ts";
import type { Message } from "../../../host/client/index.ts";

const MESSAGE: Message = {
  topic: "sensors/ü",
  payload: Buffer.from("21.5"),
  qos: 1,
  retain: true,
  dup: false,
  packetId: 258,
  offset: 0,
  total: 4,
};
const PROPERTIES: Message["properties"] = {
  payloadFormat: 1,
  messageExpirySeconds: 30,
  contentType: "text/plain",
  responseTopic: "answer",
  correlationData: Buffer.from([1, 255]),
  subscriptionIds: [7],
  topicAlias: 3,
  userProperties: [
    ["unit", "K"],
    ["unit", "C"],
  ],
};
const MOMENT = { date: new Date("2026-11-22T13:05:09Z"), nanoseconds: 1_234_567 };

function print(format: string, message: Message = MESSAGE, isPretty = false): { text: string; errors: string[] } {
  const errors: string[] = [];
  const options = { isPretty, onError: (text: string) => errors.push(text) };
  return { text: printFormat(parseFormat(format), message, MOMENT, options).toString("latin1"), errors };
}

describe("a format", () => {
  it.each([
    ["%t %p", "sensors/\xc3\xbc 21.5"],
    ["%q%r %m %l", "11 258 4"],
    ["%x %X", "32312e35 32312E35"],
    ["[%8x] [%-10x] [%4X]", "[32312e35] [32312e35  ] [3231]"],
    ["[%6l] [%-6l] [%06l] [%-06l]", "[     4] [4     ] [000004] [4     ]"],
    ["[%8p] [%-8p] [%08p] [%2p]", "[    21.5] [21.5    ] [000021.5] [21]"],
    ["[%.7t] [%9.7t] [%-9.7t]", "[sensors] [  sensors] [sensors  ]"],
    ["@s.@N %%@@", `${MOMENT.date.getTime() / 1000}.001234567 %@`],
    ["%U", `${MOMENT.date.getTime() / 1000}.001234567`],
    ["\\\\ \\0\\a\\e\\n\\r\\t\\v", "\\ \0\x07\x1b\n\r\t\x0b"],
    ["%A[%3E]%C[%2C]%D%F%P%R%S", "[   ][  ]"],
    ["no sequence at all", "no sequence at all"],
    ["", ""],
  ])("%j", (format, text) => {
    expect(print(format)).toEqual({ text, errors: [] });
  });

  it("prints what MQTT 5.0 adds", () => {
    const message = { ...MESSAGE, properties: PROPERTIES };
    expect(print("%A %E %F %C %R %D %S %P|%04A", message).text).toBe(
      "3 30 1 text/plain answer \x01\xff 7 unit:K unit:C|0003",
    );
    const json = print("%j", message).text;
    expect(json).toContain(
      '"properties":{"payload-format-indicator":1,"message-expiry-interval":30,"content-type":"text/plain",' +
        '"response-topic":"answer",',
    );
    expect(json).toContain('"user-properties":{"unit":"K","unit":"C"}}');
    expect(print("%j", { ...MESSAGE, properties: {} }).text).not.toContain("properties");
  });

  it("prints a payload as JSON, or says that it is none and goes on", () => {
    expect(print("%J|", { ...MESSAGE, payload: Buffer.from(" [1, 2.50] ") }).text).toMatch(/"payload":\[1,2.5\]}\|$/);
    const bad = print("<%J>", { ...MESSAGE, payload: Buffer.from("{") });
    expect(bad).toEqual({ text: "<>", errors: ["Message payload is not valid JSON on topic sensors/ü."] });
    expect(print("%j", { ...MESSAGE, payload: Buffer.from([1, 255]) }).text).toMatch(/"payload":\[1,255\]}$/);
    expect(print("%j", { ...MESSAGE, payload: Buffer.alloc(0) }).text).toMatch(/"payload":null}$/);
  });

  it.each([
    ["%", "Incomplete format specifier"],
    ["%-05", "Incomplete format specifier"],
    ["%3.", "Incomplete format specifier"],
    ["%k", "Invalid format specifier 'k'"],
    ["%-0z", "Invalid format specifier 'z'"],
    ["@", "Incomplete format specifier"],
    ["\\", "Incomplete escape specifier"],
    ["\\q", "Invalid escape specifier 'q'"],
    ["%99999t", "it is at most 10000"],
    ["%.99999t", "it is at most 10000"],
  ])("%j is refused", (format, text) => {
    expect(() => parseFormat(format)).toThrow(text);
  });
});

describe("JSON", () => {
  it.each([
    ["[1.0, 1e2, 1e21, 1e-7, 0.1, 123456789012, 1e16, -0]", "[1,100,1e+21,1e-07,0.1,123456789012,1e+16,0]"],
    ['{"2":1,"1":2,"2":3}', '{"2":1,"1":2,"2":3}'],
    ['"a\\u00e9\\/\\n\\u0001"', '"aé/\\n\\u0001"'],
    ['"{[,:" ', '"{[,:"'],
    ["{ } ", "{}"],
    ["[ [ ] , { } , null , true , false ]", "[[],{},null,true,false]"],
  ])("%s keeps its order and is written in one way", (text, printed) => {
    expect(printJson(new JsonText(text), false)).toBe(printed);
  });

  it("is nothing else", () => {
    for (const text of ["", "{", "[1,]", "nul", "1 2", "'a'"]) expect(() => new JsonText(text)).toThrow(SyntaxError);
  });

  it("over several lines has an indent of a tab a level", () => {
    expect(printJson({ a: [1, { b: 2 }], c: {} }, true)).toBe(
      '{\n\t"a":\t[1, {\n\t\t\t"b":\t2\n\t\t}],\n\t"c":\t{\n\t}\n}',
    );
  });
});
