/**
 * Where a client connects to, read from a URL: `mqtt://user:password@host:1883`.
 */
import { show } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";

export interface Address {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Host and port, for errors. */
export function placeOf({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** IANA's ports for MQTT and for MQTT over TLS. */
const PORT_PLAIN = 1883;
const PORT_SECURE = 8883;

const PORT_MAX = 65_535;

/** What stands between the host and the path, behind a colon; neither user names nor IPv6 addresses confuse it. */
const PORT = /^[a-z]+:\/\/(?:[^/]*@)?(?:\[[^\]]*\]|[^:/?#[]*):([^/?#@]*)(?=[/?#]|$)/i;

const SCHEMES: Record<string, boolean> = { "mqtt:": false, "tcp:": false, "mqtts:": true, "ssl:": true, "tls:": true };

/**
 * Reads a URL with the scheme mqtt or tcp (plain), or mqtts, ssl or tls. Throws MISUSE_URL, naming what is wrong with it.
 */
export function parseAddress(text: string): Address {
  if (typeof text !== "string") throw new PerigeeError("MISUSE_URL", `a URL is a string, not ${show(text)}`);
  checkPort(text);
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
  return {
    isSecure,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (isSecure ? PORT_SECURE : PORT_PLAIN) : Number(url.port),
    username: url.username === "" ? undefined : decode(url.username, text),
    password: url.password === "" ? undefined : decode(url.password, text),
  };
}

/** `URL` does not say what is wrong with a port. */
function checkPort(text: string): void {
  const port = PORT.exec(text)?.[1];
  if (port === undefined || port === "") return;
  const number = /^[0-9]+$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > PORT_MAX) {
    throw new PerigeeError("MISUSE_URL", `not a port to connect to: ${port} in "${text}"; it is 1 to ${PORT_MAX}`);
  }
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new PerigeeError("MISUSE_URL", `"${part}" in "${text}" is not percent-encoded UTF-8`);
  }
}
