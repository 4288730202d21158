/**
 * Where a client connects to, read from a URL: `mqtt://user:password@host:1883`.
 */
import { PerigeeError } from "./errors.ts";

export interface Address {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** IANA's ports for MQTT and for MQTT over TLS. */
export const PORT_PLAIN = 1883;
export const PORT_SECURE = 8883;

const SCHEMES: Record<string, boolean> = { "mqtt:": false, "tcp:": false, "mqtts:": true, "ssl:": true, "tls:": true };

/**
 * Reads a URL with the scheme mqtt or tcp (plain), or mqtts, ssl or tls. Throws MISUSE_URL, naming what is wrong with it.
 */
export function parseAddress(text: string): Address {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PerigeeError("MISUSE_URL", `not a URL: "${text}"; one looks like mqtt://broker.example:1883`);
  }
  const isSecure = SCHEMES[url.protocol];
  if (isSecure === undefined) {
    const known = Object.keys(SCHEMES).map(scheme => `${scheme}//`);
    throw new PerigeeError("MISUSE_URL", `no transport for "${url.protocol}//"; there are ${known.join(", ")}`);
  }
  if (url.hostname === "") throw new PerigeeError("MISUSE_URL", `no host in "${text}"`);
  if (url.port === "0") throw new PerigeeError("MISUSE_URL", `not a port to connect to: 0 in "${text}"`);
  return {
    isSecure,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (isSecure ? PORT_SECURE : PORT_PLAIN) : Number(url.port),
    username: url.username === "" ? undefined : decode(url.username, text),
    password: url.password === "" ? undefined : decode(url.password, text),
  };
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new PerigeeError("MISUSE_URL", `"${part}" in "${text}" is not percent-encoded UTF-8`);
  }
}
