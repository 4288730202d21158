/**
 * An exchange of messages over a connection, and what it costs at each layer: the bytes of the application, of TLS around them, and of TCP/IP around
 * those, the acknowledgements included, by running it through the simulated TCP.
 */
import { Link, type LinkSpec, TcpConnection, type TcpProfile } from "../link/index.ts";
import type { TlsMode } from "../link/tls.ts";
import { VirtualTime } from "../simulation/virtual-time.ts";

/** One message: who sends it, its bytes, and whether it waits for nothing (the one before it is on its way). */
export interface Message {
  from: "client" | "server";
  size: number;
  /** Not application data: TLS's own, which has its records already. */
  raw?: boolean;
  /** TLS's own bytes before it, in the same write. */
  leadBytes?: number;
  /** Microseconds to wait after the message before it has arrived. */
  pauseUs?: number;
}

export interface Layers {
  /** Bytes of application messages. */
  application: number;
  /** Bytes that TLS adds. */
  tls: number;
  upBytes: number;
  downBytes: number;
  upPackets: number[];
  downPackets: number[];
  /** Bytes on the air, in frames and with headers compressed where the link does that. */
  upAirBytes: number;
  downAirBytes: number;
  seconds: number;
}

/** `messages` behind a handshake of TLS, the first of each side with what it has before it; or as they are. */
export function secured(mode: TlsMode | null, messages: readonly Message[]): Message[] {
  if (mode === null) return [...messages];
  const flights = mode.flights.map(
    (size, index): Message => ({ from: index % 2 === 0 ? "client" : "server", size, raw: true }),
  );
  const leading = { ...mode.lead };
  const led = messages.map(message => {
    const leadBytes = leading[message.from];
    leading[message.from] = 0;
    return leadBytes === 0 ? message : { ...message, leadBytes };
  });
  return [...flights, ...led];
}

/** Runs `messages` over one connection on `link`; `close` ends it as a client does that is done. */
export function measure(
  link: LinkSpec,
  client: TcpProfile,
  tls: TlsMode | null,
  messages: readonly Message[],
  close: boolean,
): Layers {
  const time = new VirtualTime();
  const { connection, link: road, sizes } = watched(time, link, client);
  const wireSize = ({ size, raw, leadBytes = 0 }: Message) =>
    size + leadBytes + (tls === null || raw ? 0 : tls.perRecord);
  const application = messages.reduce((sum, message) => sum + (message.raw ? 0 : message.size), 0);
  const expected = { client: 0, server: 0 };
  let at = 0;
  let endUs = 0;
  const ends = { client: connection.client, server: connection.server };
  let ended = false;
  const end = () => {
    ended = true;
    if (tls !== null) ends.client.write(new Uint8Array(tls.closeBytes));
    ends.client.close();
  };
  const next = () => {
    const message = messages[at];
    if (message === undefined) {
      endUs = time.nowUs;
      if (close && !ended) end();
      return;
    }
    time.at(
      time.nowUs + (message.pauseUs ?? 0),
      {
        due: () => {
          at += 1;
          expected[message.from === "client" ? "server" : "client"] = wireSize(message);
          ends[message.from].write(new Uint8Array(wireSize(message)));
          // A client's last word, and its end with it.
          if (close && at === messages.length && message.from === "client") end();
        },
      },
      0,
    );
  };
  const arrived = (side: "client" | "server") => (_bytes: Uint8Array, _offset: number, size: number) => {
    expected[side] -= size;
    if (expected[side] === 0) next();
  };
  connection.client.handler = { opened: next, received: arrived("client"), closed() {} };
  connection.server.handler = {
    opened() {},
    received: arrived("server"),
    ended() {
      if (tls !== null) ends.server.write(new Uint8Array(tls.closeBytes));
      ends.server.close();
    },
    closed() {},
  };
  connection.client.connect();
  time.runToEnd(10_000_000);
  const sum = (each: readonly number[]) => each.reduce((total, size) => total + size, 0);
  const tlsBytes =
    tls === null
      ? 0
      : messages.reduce((total, message) => total + wireSize(message) - (message.raw ? 0 : message.size), 0) +
        (close ? 2 * tls.closeBytes : 0);
  return {
    application,
    tls: tlsBytes,
    upBytes: sum(sizes.up),
    downBytes: sum(sizes.down),
    upPackets: sizes.up,
    downPackets: sizes.down,
    upAirBytes: road.up.statistics.airByteCount,
    downAirBytes: road.down.statistics.airByteCount,
    seconds: endUs / 1e6,
  };
}

/** A connection over the link without its weather, and the sizes of its packets as they go. */
function watched(time: VirtualTime, spec: LinkSpec, client: TcpProfile) {
  const calm = ({ delay }: LinkSpec["up"]) =>
    delay !== undefined && "base" in delay && delay.base !== undefined
      ? { delay: { base: delay.base } }
      : { delay: { base: 1 } };
  const link = new Link(
    time,
    { mtu: spec.mtu, headers: spec.headers, up: calm(spec.up), down: calm(spec.down) },
    0n,
    "wire",
  );
  const sizes = { up: [] as number[], down: [] as number[] };
  for (const direction of ["up", "down"] as const) {
    link[direction].observe = (_sentUs, sizeBytes) => sizes[direction].push(sizeBytes);
  }
  return { connection: new TcpConnection(time, link, { client, noDelay: true }), link, sizes };
}
