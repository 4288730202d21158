/**
 * The memory map of a client: no two fields share a byte, words stand where every machine can read them, and what is stored keeps its
 * place, since a session outlives the build that wrote it.
 */
import { expect, it } from "vitest";
import * as layout from "../../assembly/layout.ts";
import { VIEW_SIZE } from "../../assembly/wire/publish.ts";

const BYTES = ["STATE", "REFUSAL", "UNSTORED", "VERSION", "TOLD", "DELIVERED", "MODE", "DEFERRED", "PINGED"];
const CONTROL_BYTES = ["CONTROL_SIZE"];
/** Where something begins that has fields of its own, and a number of bytes. */
const REGIONS = ["VOLATILE", "VIEW", "OPTIONS", "CONTROL", "SESSION", "INBOUND_IDS", "ACKNOWLEDGEMENT_CAPACITY"];

const offsets = Object.entries(layout);
const bytes = [...BYTES, ...CONTROL_BYTES].map(name => [name, Reflect.get(layout, name)] as const);
const words = offsets.filter(([name]) => ![...BYTES, ...CONTROL_BYTES, ...REGIONS].includes(name));

it("gives each field bytes of its own, words at a multiple of 4", () => {
  const owners = new Map<number, string>();
  const take = (name: string, at: number, size: number) => {
    for (let byte = at; byte < at + size; byte++) {
      expect([name, byte, owners.get(byte)]).toEqual([name, byte, undefined]);
      owners.set(byte, name);
    }
  };
  for (const [name, at] of bytes) take(name, at, 1);
  for (const [name, at] of words) {
    expect([name, at % 4]).toEqual([name, 0]);
    take(name, at, 4);
  }
  take("VIEW", layout.VIEW, VIEW_SIZE);
  take("CONTROL", layout.CONTROL, layout.SESSION - layout.CONTROL);
  const idle = Array.from({ length: layout.INBOUND_IDS }, (_, at) => at).filter(at => !owners.has(at));
  expect(idle).toEqual([64, 71]);
});

it("keeps the session together: what was given last, head, tail, then the identifiers received", () => {
  const { SESSION, LAST_ID, HEAD, TAIL, INBOUND_IDS } = layout;
  expect([LAST_ID, HEAD, TAIL, INBOUND_IDS].map(at => at - SESSION)).toEqual([0, 4, 8, 12]);
  expect([layout.SESSION - layout.CONTROL, layout.ACKNOWLEDGEMENT_CAPACITY]).toEqual([28, 20]);
});

it("begins a connection with zeros in what is the connection's, and keeps what is not", () => {
  const { VOLATILE, VIEW } = layout;
  const isVolatile = (at: number) => at >= VOLATILE && at < VIEW;
  const names = [...bytes, ...words].filter(([, at]) => isVolatile(at)).map(([name]) => name);
  expect(new Set(names)).toEqual(
    new Set([...BYTES.slice(4), ...CONTROL_BYTES, "LEAVING", "LEAVING_SIZE", "IN_FLIGHT"]),
  );
  expect(VOLATILE).toBe(layout.TOLD);
});

it("has option n in the word at OPTIONS + 4n", () => {
  const { WINDOW, RESPONSE_TIMEOUT, BACKOFF_MIN, BACKOFF_MAX, RANDOM, DURABLE } = layout;
  const options = [WINDOW, RESPONSE_TIMEOUT, BACKOFF_MIN, BACKOFF_MAX, RANDOM, DURABLE];
  expect(options.map(at => (at - layout.OPTIONS) / 4)).toEqual([0, 1, 2, 3, 4, 5]);
});
