/**
 * Short ways between a TCP or Unix socket and the broker, past Node's streams. A broker of many clients that each say
 * little reads and writes once for nearly every packet, so what a stream costs a time is what a packet costs.
 *
 * Reading: for each read Node allocates 64 KiB, gives back what was not needed and passes the rest through a queue that
 * is empty. Its option `onread` has all reads go to one buffer; but only who makes a socket can give options, and a
 * server's sockets are made for it. So they get afterwards what the option sets, as seen on a socket that was made with
 * it. Writing: the kernel almost always takes the bytes at once. Offered to it directly they need no copy that outlives
 * the call, no request and no callback.
 *
 * Both are offers. Where they cannot be had (TLS, another Node, Windows, a kernel whose buffer is full) the answer says
 * so, and the stream does it.
 */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import net from "node:net";

/** As much as Node reads at a time. */
const READ_SIZE = 64 * 1024;

/** What is behind a socket of net; of no other class (a TLSSocket has a descriptor too, and must not be passed by). */
interface Inner {
  readonly _handle?: {
    readonly fd?: number;
    useUserBuffer?(buffer: Uint8Array): void;
  } | null;
  [property: symbol]: unknown;
}

/** The buffer of all sockets: each read is used up before the next begins. Made with the first of them. */
let incoming: Buffer | null = null;
/** Where a socket has what `onread` gives it; null when it is not found. */
let properties: { buffer: symbol; callback: symbol } | null = null;

/** Is it of the class for which these ways are made? */
export function isPlain(socket: net.Socket): boolean {
  return Object.getPrototypeOf(socket) === net.Socket.prototype;
}

/**
 * Gives everything that comes on a plain socket to `onBytes`, which has the bytes until it returns. False when that
 * cannot be had, or when somebody has begun to read the stream.
 */
export function readQuickly(socket: net.Socket, onBytes: (bytes: Uint8Array) => void): boolean {
  const inner = socket as unknown as Inner;
  const handle = inner._handle;
  if (typeof handle?.useUserBuffer !== "function" || socket.readableFlowing !== null || socket.readableLength > 0) {
    return false;
  }
  if (incoming === null) {
    incoming = Buffer.allocUnsafeSlow(READ_SIZE);
    properties = propertiesOf(incoming);
  }
  if (properties === null) return false;
  inner[properties.buffer] = incoming;
  inner[properties.callback] = (size: number, buffer: Buffer) => onBytes(buffer.subarray(0, size));
  handle.useUserBuffer(incoming);
  return true;
}

/** Looks at a socket that was made with `onread` and `buffer`. */
function propertiesOf(buffer: Buffer): typeof properties {
  const callback = (): boolean => true;
  const options: net.SocketConstructorOpts & net.ConnectOpts = { onread: { buffer, callback } };
  const made = new net.Socket(options) as unknown as Inner;
  const symbols = Object.getOwnPropertySymbols(made);
  const bufferSymbol = symbols.find(symbol => made[symbol] === buffer);
  const callbackSymbol = symbols.find(symbol => made[symbol] === callback);
  if (bufferSymbol === undefined || callbackSymbol === undefined) return null;
  return { buffer: bufferSymbol, callback: callbackSymbol };
}

/**
 * Offers `bytes` to the kernel; returns how many it took, 0 for none. Only on a plain socket whose stream has nothing
 * left to write. What is wrong with a connection is found out and told by the stream, with the bytes that are left.
 */
export function writeQuickly(socket: net.Socket, bytes: Uint8Array): number {
  const descriptor = (socket as unknown as Inner)._handle?.fd ?? -1;
  if (descriptor < 0) return 0;
  try {
    return writeSync(descriptor, bytes);
  } catch {
    return 0;
  }
}
