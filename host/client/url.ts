/**
 * Where a client connects to, read from a URL: `mqtt://user:password@host:1883`.
 */
import { show } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";

export interface Address {
  readonly isSecure: boolean;
  readonly isWebSocket: boolean;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Path and query, as they stand in the URL; undefined where there is none. Of a WebSocket it is the resource. */
  readonly path?: string;
}

/** Host and port, for errors. */
export function placeOf({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const PORT_MAX = 65_535;

/** What stands between the host and the path, behind a colon; neither user names nor IPv6 addresses confuse it. */
const PORT = /^[a-z]+:\/\/(?:[^/]*@)?(?:\[[^\]]*\]|[^:/?#[]*):([^/?#@]*)(?=[/?#]|$)/i;

/** Whether a scheme is secure, whether it is a WebSocket, and IANA's port for it. */
const SCHEMES: Record<string, [isSecure: boolean, isWebSocket: boolean, port: number]> = {
  "mqtt:": [false, false, 1883],
  "tcp:": [false, false, 1883],
  "mqtts:": [true, false, 8883],
  "ssl:": [true, false, 8883],
  "tls:": [true, false, 8883],
  "ws:": [false, true, 80],
  "wss:": [true, true, 443],
};

/**
 * Reads a URL with the scheme mqtt or tcp (plain), mqtts, ssl or tls, ws or wss. Throws MISUSE_URL, naming what is wrong with it.
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
  const scheme = Object.hasOwn(SCHEMES, url.protocol) ? SCHEMES[url.protocol] : undefined;
  if (scheme === undefined) {
    const known = Object.keys(SCHEMES).map(scheme => `${scheme}//`);
    throw new PerigeeError("MISUSE_URL", `no transport for "${url.protocol}//"; there are ${known.join(", ")}`);
  }
  if (url.hostname === "") throw new PerigeeError("MISUSE_URL", `no host in "${text}"`);
  const [isSecure, isWebSocket, port] = scheme;
  const path = `${url.pathname}${url.search}`;
  return {
    isSecure,
    isWebSocket,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? port : Number(url.port),
    username: url.username === "" ? undefined : decode(url.username, text),
    password: url.password === "" ? undefined : decode(url.password, text),
    path: path === "" || path === "/" ? undefined : path,
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
