/**
 * What goes over the loopback, as tshark captures it: the packets of each connection or datagram, in order.
 *
 * A capture that is said to have begun may not have: datagrams to a port of its own are sent until one is seen, and others at the end until one of those
 * is, so that everything between has been captured and nobody waits for a fixed time.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";

/** A hundred ports for each process, so that two that capture at once do not meet; below those that systems give away (32768 on Linux). */
export const FIRST_PORT = 20_000 + (process.pid % 120) * 100;
const MARKER_PORT = FIRST_PORT + 99;
const MARKER_EVERY_MS = 50;
const FIELDS = [
  ...["ip.len", "ipv6.plen", "tcp.len", "tcp.hdr_len", "tcp.flags", "tcp.dstport", "tcp.srcport", "udp.dstport"],
  ...["udp.srcport", "udp.length", "tcp.seq"],
];
const IPV6_HEADER_BYTES = 40;

export interface CapturedPacket {
  /** Bytes of the IP packet. */
  readonly bytes: number;
  /** Payload of TCP or UDP. */
  readonly payload: number;
  /** Bytes of TCP's header with its options; 0 for UDP. */
  readonly tcpHeader: number;
  /** Of TCP, from the connection's first: what comes twice has the same. */
  readonly sequence: number;
  readonly isSyn: boolean;
  /** To the server's port. */
  readonly isUp: boolean;
}

/** Whether this machine may capture on its loopback; if not, why, in one line. */
export function whyNoCapture(): string | null {
  const { status, stderr, error } = spawnSync(
    "tshark",
    ["-q", "-i", "lo", "-a", "duration:0", "-f", `udp port ${MARKER_PORT}`],
    { encoding: "utf8", timeout: 20_000 },
  );
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.split("\n").find(line => /permission|denied|not/i.test(line)) ?? stderr.trim());
}

/** Captures on the 99 ports from {@link FIRST_PORT} on while `talk` goes on; the packets by the server's port. */
export async function capture(talk: () => Promise<void>): Promise<Map<number, CapturedPacket[]>> {
  const tshark = spawn(
    "tshark",
    [
      ...["-i", "lo", "-l", "-n", "-f", `portrange ${FIRST_PORT}-${MARKER_PORT}`, "-T", "fields"],
      ...FIELDS.flatMap(field => ["-e", field]),
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const byPort = new Map<number, CapturedPacket[]>();
  const seen = { marker: (_size: number) => {} };
  createInterface({ input: tshark.stdout }).on("line", line => {
    const [port, packet] = packetOf(line.split("\t"));
    if (port === MARKER_PORT) seen.marker(packet.payload);
    else byPort.set(port, [...(byPort.get(port) ?? []), packet]);
  });
  try {
    await marked(seen, tshark, 1);
    await talk();
    await marked(seen, tshark, 2);
    return byPort;
  } finally {
    tshark.kill("SIGKILL");
  }
}

/** Sends markers of so many bytes until one has been captured. */
async function marked(seen: { marker: (size: number) => void }, tshark: ChildProcess, size: number): Promise<void> {
  const socket = createSocket("udp4");
  const timer = setInterval(() => socket.send(Buffer.alloc(size), MARKER_PORT, "127.0.0.1"), MARKER_EVERY_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      tshark.once("exit", () => reject(new Error("tshark has ended")));
      seen.marker = markerSize => {
        if (markerSize === size) resolve();
      };
    });
  } finally {
    clearInterval(timer);
    socket.close();
  }
}

function packetOf(fields: string[]): [number, CapturedPacket] {
  const [ip, ipv6, tcpPayload, tcpHeader, flags, tcpTo, tcpFrom, udpTo, udpFrom, udpLength, sequence] = fields;
  const [to, from] = [Number(tcpTo || udpTo), Number(tcpFrom || udpFrom)];
  const isServerPort = (port: number) => port >= FIRST_PORT && port <= MARKER_PORT;
  const isUp = isServerPort(to);
  const packet = {
    bytes: ip === "" ? Number(ipv6) + IPV6_HEADER_BYTES : Number(ip),
    payload: tcpTo === "" ? Number(udpLength) - 8 : Number(tcpPayload),
    tcpHeader: Number(tcpHeader || 0),
    sequence: Number(sequence || 0),
    isSyn: (Number(flags || 0) & 2) !== 0,
    isUp,
  };
  return [isUp ? to : from, packet];
}
