/**
 * Bytes of TCP connections as a capture file, so that a dissector can read what no network has carried.
 * The file format is that of libpcap, with raw IPv4 packets (link type 101); addresses and times are made up.
 */
import { Buffer } from "node:buffer";

export interface Segment {
  /** Which connection: each has a port of its own at the client. */
  readonly connection: number;
  readonly isFromClient: boolean;
  readonly bytes: Uint8Array;
}

const LINK_TYPE_RAW = 101;
const SERVER_PORT = 1883;
const SEGMENT_SIZE_MAX = 1_400;
const PUSH_ACK = 0x18;

export function captureOf(segments: readonly Segment[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(LINK_TYPE_RAW, 20);
  const records: Buffer[] = [header];
  const sequences = new Map<string, number>();
  let timeUs = 0;
  for (const { connection, isFromClient, bytes } of segments) {
    for (let at = 0; at < bytes.length; at += SEGMENT_SIZE_MAX) {
      const part = bytes.subarray(at, at + SEGMENT_SIZE_MAX);
      const own = `${connection} ${isFromClient}`;
      const other = `${connection} ${!isFromClient}`;
      const packet = packetOf(connection, isFromClient, sequences.get(own) ?? 1, sequences.get(other) ?? 1, part);
      sequences.set(own, (sequences.get(own) ?? 1) + part.length);
      const record = Buffer.alloc(16);
      timeUs += 1_000;
      record.writeUInt32LE(Math.floor(timeUs / 1_000_000), 0);
      record.writeUInt32LE(timeUs % 1_000_000, 4);
      record.writeUInt32LE(packet.length, 8);
      record.writeUInt32LE(packet.length, 12);
      records.push(record, packet);
    }
  }
  return Buffer.concat(records);
}

/** IPv4 (RFC 791) over TCP (RFC 9293), no options; checksums stay 0, which dissectors do not mind. */
function packetOf(
  connection: number,
  isFromClient: boolean,
  sequence: number,
  acknowledged: number,
  bytes: Uint8Array,
) {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(40 + bytes.length, 2);
  ip[8] = 64;
  ip[9] = 6;
  const [client, server] = [0x0a00_0001, 0x0a00_0002];
  ip.writeUInt32BE(isFromClient ? client : server, 12);
  ip.writeUInt32BE(isFromClient ? server : client, 16);
  const tcp = Buffer.alloc(20);
  const clientPort = 40_000 + connection;
  tcp.writeUInt16BE(isFromClient ? clientPort : SERVER_PORT, 0);
  tcp.writeUInt16BE(isFromClient ? SERVER_PORT : clientPort, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(acknowledged, 8);
  tcp[12] = 0x50;
  tcp[13] = PUSH_ACK;
  tcp.writeUInt16BE(65_535, 14);
  return Buffer.concat([ip, tcp, bytes]);
}
