/**
 * A connection through a SOCKS5 proxy (RFC 1928), without authentication or with user name and password (RFC 1929). The
 * proxy looks the host up, as mosquitto's `socks5h` says.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import { PerigeeError } from "./errors.ts";

export interface Proxy {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

const PORT_DEFAULT = 1080;

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
/** Version of the subnegotiation, RFC 1929. */
const USER_VERSION = 1;
const CONNECT = 1;
const IPV4 = 1;
const DOMAIN_NAME = 3;
const IPV6 = 4;
const SUCCEEDED = 0;

/** RFC 1928, section 6. */
const REPLIES = [
  "succeeded",
  "general failure",
  "not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "time to live expired",
  "command not supported",
  "address type not supported",
];

/** Reads a proxy's URL. Throws MISUSE_OPTION, naming what is wrong with it. */
export function parseProxy(text: string): Proxy {
  const refuse = (why: string) =>
    new PerigeeError("MISUSE_OPTION", `${why}: "${text}"; one looks like socks5h://host:1080`);
  if (!text.startsWith("socks5h://")) throw refuse("Unsupported proxy protocol");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse("Invalid proxy");
  }
  if (url.hostname === "") throw refuse("A proxy needs a host");
  if (url.port === "0") throw refuse("A proxy needs a port from 1 to 65535");
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  // The size of each is one byte.
  if (Math.max(Buffer.byteLength(username), Buffer.byteLength(password)) > 255) {
    throw refuse("A proxy's user name and password have at most 255 bytes");
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? PORT_DEFAULT : Number(url.port),
    username: username === "" ? undefined : username,
    password,
  };
}

/**
 * Asks the proxy at the other end of `socket`, which is connected, for a connection to `host` and `port`. Calls `done` once, with
 * an error or when the connection stands; bytes that come behind the answer are left in the socket.
 */
export function negotiate(socket: net.Socket, proxy: Proxy, host: string, port: number, done: (error?: Error) => void) {
  let bytes = Buffer.alloc(0);
  let next = readMethod;
  const methods = proxy.username === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USER_AND_PASSWORD];
  socket.write(Buffer.of(VERSION, methods.length, ...methods));
  socket.on("data", read);

  function read(chunk: Buffer): void {
    bytes = Buffer.concat([bytes, chunk]);
    while (next()) {
      // A step that has had what it needs is followed by another.
    }
  }

  function finish(why?: string): boolean {
    socket.off("data", read);
    // Nobody listens until the caller does.
    socket.pause();
    if (why === undefined && bytes.length > 0) socket.unshift(bytes);
    done(
      why === undefined ? undefined : new PerigeeError("UNREACHABLE", `The proxy ${proxy.host}:${proxy.port} ${why}`),
    );
    return false;
  }

  function take(size: number): Buffer | undefined {
    if (bytes.length < size) return undefined;
    const taken = bytes.subarray(0, size);
    bytes = bytes.subarray(size);
    return taken;
  }

  function readMethod(): boolean {
    const answer = take(2);
    if (answer === undefined) return false;
    if (answer[0] !== VERSION) return finish("is no SOCKS5 proxy");
    if (!methods.includes(answer[1])) return finish("accepts no authentication that was offered");
    if (answer[1] === NO_AUTHENTICATION) return request();
    const [user, password] = [Buffer.from(proxy.username ?? ""), Buffer.from(proxy.password ?? "")];
    socket.write(Buffer.concat([Buffer.of(USER_VERSION, user.length), user, Buffer.of(password.length), password]));
    next = readAuthentication;
    return true;
  }

  function readAuthentication(): boolean {
    const answer = take(2);
    if (answer === undefined) return false;
    return answer[1] === SUCCEEDED ? request() : finish("rejects the user name or the password");
  }

  function request(): boolean {
    socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0), addressOf(host), Buffer.of(port >> 8, port & 0xff)]));
    next = readReply;
    return true;
  }

  function readReply(): boolean {
    // The address that follows is the proxy's own, in one of three forms; its first byte tells how long it is.
    if (bytes.length < 5) return false;
    const addressSize = bytes[3] === IPV4 ? 4 : bytes[3] === IPV6 ? 16 : 1 + bytes[4];
    const answer = take(4 + addressSize + 2);
    if (answer === undefined) return false;
    if (answer[1] === SUCCEEDED) return finish();
    return finish(`cannot connect to ${host}:${port}: ${REPLIES[answer[1]] ?? `reply ${answer[1]}`}`);
  }
}

function addressOf(host: string): Buffer {
  if (net.isIPv4(host)) return Buffer.of(IPV4, ...host.split(".").map(Number));
  if (net.isIPv6(host)) return Buffer.of(IPV6, ...bytesOfIpv6(host));
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.of(DOMAIN_NAME, name.length), name]);
}

/** The sixteen bytes of an address: `::` stands for as many zeros as are missing. */
function bytesOfIpv6(host: string): number[] {
  const [head, tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined) => (part ? part.split(":").map(group => Number.parseInt(group, 16)) : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = Array(8 - first.length - last.length).fill(0);
  return [...first, ...zeros, ...last].flatMap(group => [group >> 8, group & 0xff]);
}
