/**
 * -S: the server of a host, as the DNS knows it (RFC 2782).
 */
import { promises as dns, type SrvRecord } from "node:dns";
import { InputError } from "./exit-codes.ts";

/** The part of node:dns that is needed here. */
export interface Resolver {
  resolveSrv(name: string): Promise<SrvRecord[]>;
}

/**
 * Host and port of the MQTT server of `host`: the record of the lowest priority, of several the one that a draw by their
 * weights takes. `draw` is from 0 up to 1. Throws InputError where there is none.
 */
export async function lookUpServer(
  host: string,
  isSecure: boolean,
  resolver: Resolver = dns,
  draw: number = Math.random(),
): Promise<{ host: string; port: number }> {
  const name = `${isSecure ? "_secure-mqtt" : "_mqtt"}._tcp.${host}`;
  let records: SrvRecord[];
  try {
    records = await resolver.resolveSrv(name);
  } catch (error) {
    throw new InputError(`No SRV record ${name}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
  const priority = Math.min(...records.map(record => record.priority));
  const candidates = records.filter(record => record.priority === priority);
  // A weight of 0 is a chance that is small, not none.
  const weights = candidates.map(({ weight }) => weight + 0.01);
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex(weight => {
    left -= weight;
    return left < 0;
  });
  const found = candidates[index] ?? candidates.at(-1);
  // RFC 2782: a target of "." says that the service is not to be had.
  if (found === undefined || found.name === "" || found.name === ".") throw new InputError(`No server behind ${name}`);
  return { host: found.name, port: found.port };
}
