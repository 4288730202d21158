/** Addresses as command lines and toxiproxy write them: `HOST:PORT`, `:PORT`, `PORT`, `[::1]:PORT`. */
import { LinkError } from "../link/index.ts";
import type { RelayTarget } from "./relay.ts";

/** Throws LinkError naming `what`. Without a host it is this machine. */
export function readAddress(text: string, what: string): RelayTarget {
  const match = /^(?:\[([^\]]+)\]:|([^:[\]]*):)?([0-9]{1,5})$/.exec(text.trim());
  const port = match === null ? Number.NaN : Number(match[3]);
  if (match === null || !(port <= 65_535)) {
    throw new LinkError(`${what}: an address is HOST:PORT, not "${text}"`);
  }
  return { host: match[1] || match[2] || "127.0.0.1", port };
}
