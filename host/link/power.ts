/**
 * What a terminal's radio takes, as data sheets publish it: watts while it transmits, receives and does neither; or joules a byte where a sheet says
 * that, or where the link has no rate and so no time on the air.
 *
 *     { "name": "modem", "source": "data sheet 3.2", "transmitW": 2.1, "receiveW": 0.3, "idleW": 0.01, "connectJ": 4 }
 *
 * None is built in: figures of one terminal would be taken for those of another.
 */
import { LinkError } from "./error.ts";
import { readFields, readNumber } from "./fields.ts";
import type { LinkSpec } from "./spec.ts";

export interface PowerProfile {
  name?: string;
  /** Where the figures come from: nobody can judge a result without. */
  source: string;
  /** One of each pair: watts for the time on the air, or joules a byte of what goes on the air. */
  transmitW?: number;
  transmitJPerByte?: number;
  receiveW?: number;
  receiveJPerByte?: number;
  /** Watts for all other time. */
  idleW: number;
  /** Joules for each connection, on top: finding the network, registering. 0 when absent. */
  connectJ?: number;
}

/** Joules, of all sensors together. */
export interface Energy {
  transmit: number;
  receive: number;
  idle: number;
  connect: number;
  total: number;
}

/** What went on the air in one direction: microseconds, and bytes as they are there. */
export interface Transmission {
  airtimeUs: number;
  airBytes: number;
}

/** What a fleet's radios have done. `sensorSeconds` are the seconds of all sensors together. */
export interface RadioUse {
  up: Transmission;
  down: Transmission;
  connectionCount: number;
  sensorSeconds: number;
}

const WATTS = ["transmitW", "receiveW"] as const;
const JOULES = ["transmitJPerByte", "receiveJPerByte"] as const;
/** More than any terminal takes: a slip of a unit. */
const MOST_W = 10_000;

/** Reads `value` for use on `link`; `what` names it in errors. Throws LinkError. */
export function validatePower(value: unknown, link: LinkSpec, what: string): PowerProfile {
  const known = ["name", "source", ...WATTS, ...JOULES, "idleW", "connectJ"];
  const fields = readFields(value, what, known);
  const text = (name: string) => {
    const found = fields[name];
    if (typeof found === "string" && found !== "") return found;
    throw new LinkError(`${what}.${name}: a text is needed, not ${JSON.stringify(found) ?? "nothing"}`);
  };
  const quantity = (name: string, unit: string) =>
    readNumber(fields[name], `${what}.${name}`, `${unit} are 0 to ${MOST_W}`, 0, MOST_W);
  const profile: PowerProfile = { source: text("source"), idleW: quantity("idleW", "watts") };
  if (fields.name !== undefined) profile.name = text("name");
  if (fields.connectJ !== undefined) profile.connectJ = quantity("connectJ", "joules");
  for (const [index, watts] of WATTS.entries()) {
    const joules = JOULES[index];
    if ((fields[watts] === undefined) === (fields[joules] === undefined)) {
      throw new LinkError(`${what}: one of ${watts} and ${joules} is needed`);
    }
    if (fields[joules] !== undefined) {
      profile[joules] = quantity(joules, "joules");
      continue;
    }
    const way = index === 0 ? "up" : "down";
    if (link[way].rate === undefined) {
      throw new LinkError(
        `${what}.${watts}: it counts time on the air, and ${link.name ?? "the link"} has no rate ${way}; give ${joules}`,
      );
    }
    profile[watts] = quantity(watts, "watts");
  }
  return profile;
}

/** Joules of that use. */
export function energyOf(profile: PowerProfile, { up, down, connectionCount, sensorSeconds }: RadioUse): Energy {
  const busyS = (up.airtimeUs + down.airtimeUs) / 1e6;
  const transmit = way(profile.transmitW, profile.transmitJPerByte, up);
  const receive = way(profile.receiveW, profile.receiveJPerByte, down);
  const idle = profile.idleW * Math.max(0, sensorSeconds - busyS);
  const connect = (profile.connectJ ?? 0) * connectionCount;
  return { transmit, receive, idle, connect, total: transmit + receive + idle + connect };
}

function way(watts: number | undefined, joulesPerByte = 0, { airtimeUs, airBytes }: Transmission): number {
  return watts === undefined ? joulesPerByte * airBytes : (watts * airtimeUs) / 1e6;
}
