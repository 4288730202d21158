/**
 * The header that a proxy puts before the first byte of a connection to say who is at the far end: PROXY protocol,
 * version 2 (haproxy, doc/proxy-protocol.txt, section 2.2).
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const FIXED_SIZE = 16;
/** Addresses and extensions; a peer cannot make the broker hold more. */
const MAX_SIZE = 2048;
const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/** Who is at the far end; null when the proxy speaks for itself (LOCAL) or does not say. */
export interface ProxiedPeer {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  /** Bytes of the header. */
  readonly size: number;
  readonly peer: ProxiedPeer | null;
}

/** Null while bytes are missing. Throws an Error that says what is wrong. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | null {
  const known = Math.min(bytes.length, SIGNATURE.length);
  if (!bytes.subarray(0, known).equals(SIGNATURE.subarray(0, known))) {
    throw new Error("the connection does not begin with a header of the PROXY protocol, version 2");
  }
  if (bytes.length < FIXED_SIZE) return null;
  const command = bytes[12];
  const family = bytes[13];
  const length = bytes.readUInt16BE(14);
  const size = FIXED_SIZE + length;
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) {
    throw new Error(`the PROXY header has the command 0x${command.toString(16)}, which is not known`);
  }
  if (size > MAX_SIZE) throw new Error(`the PROXY header has ${size} bytes, over the maximum of ${MAX_SIZE}`);
  if (bytes.length < size) return null;
  if (command === COMMAND_LOCAL) return { size, peer: null };
  if (family === TCP_OVER_IPV4 && length >= 12) {
    return { size, peer: { address: bytes.subarray(16, 20).join("."), port: bytes.readUInt16BE(24) } };
  }
  if (family === TCP_OVER_IPV6 && length >= 36) {
    const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(16 + 2 * index).toString(16));
    return { size, peer: { address: shortest(groups), port: bytes.readUInt16BE(48) } };
  }
  return { size, peer: null };
}

/** RFC 5952, section 4.2: the longest run of zeros becomes `::`. */
function shortest(groups: readonly string[]): string {
  const runs = [...groups.join(":").matchAll(/\b0(?::0)+\b/g)].map(match => match[0]);
  const longest = runs.sort((one, other) => other.length - one.length)[0];
  if (longest === undefined) return groups.join(":");
  return groups.join(":").replace(new RegExp(`(^|:)${longest}(:|$)`), "::");
}

/**
 * Takes the header off a socket. `onPeer` then has a socket at the first byte behind it; a socket that brings no header, or
 * not within `timeoutMs`, is closed and `onFault` told.
 */
export function readProxyHeader(
  socket: Socket,
  timeoutMs: number,
  onPeer: (peer: ProxiedPeer | null) => void,
  onFault: (reason: string) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (): void => {
    clearTimeout(timer);
    socket.off("data", onData);
    socket.off("error", onError);
    socket.off("close", finish);
  };
  const fail = (reason: string): void => {
    finish();
    socket.on("error", () => {});
    socket.destroy();
    onFault(reason);
  };
  const onError = (): void => {};
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    let header: ProxyHeader | null;
    try {
      header = parseProxyHeader(bytes);
    } catch (error) {
      fail((error as Error).message);
      return;
    }
    if (header === null) return;
    finish();
    socket.pause();
    if (bytes.length > header.size) socket.unshift(bytes.subarray(header.size));
    onPeer(header.peer);
  };
  const timer = setTimeout(() => fail(`no PROXY header within ${timeoutMs} ms`), timeoutMs);
  socket.on("data", onData);
  socket.on("error", onError);
  socket.on("close", finish);
}
