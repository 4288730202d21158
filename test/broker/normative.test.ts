/**
 * Every numbered statement of the standard that binds a server stands in the broker's source, at its check: whoever
 * changes a check sees which rule it keeps. The lists are the statements' numbers by section; those that bind clients
 * only are left out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const VERSIONS = {
  "3.1.1": `1.5.3: 1-3 | 2.2.2: 1-2 | 2.3.1: 1,4-7 | 3.1.0: 1-2 | 3.1.2: 1-4,6,8-22,24 | 3.1.3: 2,5-6,8-11 | 3.1.4: 1-5 | 3.2.0: 1 | 3.2.2: 1-6 | 3.3.1: 2-8,10-12 | 3.3.2: 1-3 | 3.3.4: 1 | 3.3.5: 1-2 | 3.6.1: 1 | 3.8.1: 1 | 3.8.3: 2-3 | 3.8.4: 1-2,4 | 3.9.3: 1-2 | 3.10.1: 1 | 3.10.3: 2 | 3.10.4: 1,4-6 | 3.12.4: 1 | 3.14.1: 1 | 3.14.4: 1-3 | 4.1.0: 1-2 | 4.3.1: 1 | 4.3.2: 1-2 | 4.3.3: 1-2 | 4.4.0: 1 | 4.5.0: 1 | 4.6.0: 1-5 | 4.7.1: 1-3 | 4.7.2: 1 | 4.7.3: 1-4 | 4.8.0: 1-2 | 6.0.0: 1-4 | 7.0.0: 1-2 | 7.1.1: 1 | 7.1.2: 1`,
  "5.0": `1.5.4: 1-3 | 1.5.5: 1 | 1.5.7: 1 | 2.1.3: 1 | 2.2.1: 2,4-6 | 2.2.2: 1 | 3.1.0: 1-2 | 3.1.2: 1-19,21-29 | 3.1.3: 2-6,8-12 | 3.1.4: 1-6 | 3.2.0: 1-2 | 3.2.2: 1-3,6-10,12-13,16,19-20,22 | 3.3.1: 1-13 | 3.3.2: 1-8,10-20 | 3.3.4: 1-10 | 3.4.2: 1-3 | 3.5.2: 1-3 | 3.6.1: 1 | 3.6.2: 1-3 | 3.7.2: 1-3 | 3.8.1: 1 | 3.8.3: 1-5 | 3.8.4: 1-8 | 3.9.2: 1-2 | 3.9.3: 1-2 | 3.10.1: 1 | 3.10.3: 1-2 | 3.10.4: 1,4-6 | 3.11.2: 1-2 | 3.11.3: 1-2 | 3.12.4: 1 | 3.14.0: 1 | 3.14.1: 1 | 3.14.2: 1-4 | 3.14.4: 1-3 | 3.15.1: 1 | 3.15.2: 2-3 | 4.1.0: 1-2 | 4.2: 1 | 4.3.1: 1 | 4.3.2: 1-5 | 4.3.3: 1-13 | 4.4.0: 1-2 | 4.5.0: 1 | 4.6.0: 5-6 | 4.7.0: 1 | 4.7.1: 1-2 | 4.7.2: 1 | 4.7.3: 1-4 | 4.8.2: 1-6 | 4.9.0: 1-3 | 4.12.0: 1-7 | 4.12.1: 2 | 4.13.1: 1 | 4.13.2: 1 | 6.0.0: 1-2,4`,
} as const;

/** Statements of either version that bind clients, to some of which the broker holds them. */
const OF_CLIENTS = `2.2.1: 3 | 3.1.2: 20,23,30 | 3.1.3: 1,3-4,7 | 3.2.2: 4-5,11,14-15,17-18,21 | 3.3.2: 9 | 3.10.4: 2-3 | 3.15.2: 1 | 4.5.0: 2 | 4.6.0: 1-4,6 | 4.12.1: 1 | 6.0.0: 3 | 2.3.1: 2-3 | 3.3.1: 9 | 3.8.3: 1 | 3.10.3: 1`;

/** Why a statement has no place in the source. */
const WITHOUT_CHECK: Record<string, string> = {
  "MQTT-3.3.2-10": "5.0: binds clients; the server's counterpart is MQTT-3.3.2-12",
  "MQTT-3.3.4-8": "5.0: binds clients; the server's counterpart is MQTT-3.3.4-10",
  "MQTT-6.0.0-1": "the host's: WebSocket transports",
  "MQTT-6.0.0-2": "the host's: WebSocket transports",
  "MQTT-6.0.0-3": "3.1.1: binds clients",
  "MQTT-6.0.0-4": "the host's: WebSocket transports",
  "MQTT-7.0.0-1": "a server that establishes no connections has no client to conform with",
  "MQTT-7.0.0-2": "no extension is needed: the other suites use none",
  "MQTT-7.1.1-1": "the host's: TCP (transport.ts)",
  "MQTT-7.1.2-1": "binds clients",
};

/** `3.1.2: 1-3,5` is MQTT-3.1.2-1, -2, -3 and -5. */
function statementsOf(list: string): string[] {
  return list.split("|").flatMap(entry => {
    const [section, ranges] = entry.trim().split(": ");
    return ranges.split(",").flatMap(range => {
      const [low, high = low] = range.split("-").map(Number);
      return Array.from({ length: high - low + 1 }, (_, index) => `MQTT-${section}-${low + index}`);
    });
  });
}

const folder = new URL("../../host/broker/", import.meta.url);
const source = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter(file => file.endsWith(".ts"))
  .map(file => readFileSync(new URL(file, folder), "utf8"))
  .join("");

describe.each(Object.entries(VERSIONS))("the statements of %s that bind a server", (_version, list) => {
  it("stand at their checks, or say why they have none", () => {
    const missing = statementsOf(list).filter(id => !new RegExp(`${id}(?!\\d)`).test(source) && !(id in WITHOUT_CHECK));
    expect(missing).toEqual([]);
  });
});

describe("the numbers in the source", () => {
  it("are statements of the standard", () => {
    const known = new Set([...Object.values(VERSIONS), OF_CLIENTS].flatMap(statementsOf));
    const cited = new Set([...source.matchAll(/MQTT-\d+\.\d+(?:\.\d+)?-\d+(?=[\]"`])/g)].map(([id]) => id));
    expect(cited.size).toBeGreaterThan(250);
    expect([...cited].filter(id => !known.has(id))).toEqual([]);
  });
});
