/**
 * Where a session survives its process, and the record that is kept there.
 *
 *     magic and version     4 bytes   "PGS1"
 *     outbox size           4 bytes   the geometry that the session was made with, big endian
 *     identifier count      4 bytes
 *     client id             2 bytes of size, then the text
 *     session               the core's session region, as it stands
 *     digest                32 bytes  SHA-256 of all before: a torn or foreign record is never taken for a session
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { PerigeeError } from "./errors.ts";

export interface SessionStore {
  /** What `save` was given last; undefined where that never happened. */
  load(): Promise<Uint8Array | undefined>;
  /** Keeps `record` instead of the last one: after a power cut one or the other is there, whole. */
  save(record: Uint8Array): Promise<void>;
}

export interface SessionGeometry {
  readonly clientId: string;
  readonly outboxSize: number;
  readonly inboundCount: number;
}

const MAGIC = Buffer.from("PGS1");
const DIGEST_SIZE = 32;

export function sealSession(geometry: SessionGeometry, session: Uint8Array): Buffer {
  const body = Buffer.concat([headerOf(geometry), session]);
  return Buffer.concat([body, digestOf(body)]);
}

/** The session region in `record`. Throws MISUSE_SESSION where it is torn, or another client's, or of another geometry. */
export function unsealSession(geometry: SessionGeometry, record: Uint8Array): Buffer {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_SIZE));
  const header = headerOf(geometry);
  if (!bytes.subarray(body.length).equals(digestOf(body))) {
    throw new PerigeeError("MISUSE_SESSION", "the saved session is torn: its digest does not match");
  }
  if (!body.subarray(0, header.length).equals(header)) {
    const { clientId, outboxSize, inboundCount } = geometry;
    throw new PerigeeError(
      "MISUSE_SESSION",
      `the saved session is not one of client "${clientId}" with outboxSize ${outboxSize} and inboundCount ${inboundCount}`,
    );
  }
  return body.subarray(header.length);
}

function headerOf({ clientId, outboxSize, inboundCount }: SessionGeometry): Buffer {
  const id = Buffer.from(clientId);
  const header = Buffer.alloc(14);
  MAGIC.copy(header);
  header.writeUInt32BE(outboxSize, 4);
  header.writeUInt32BE(inboundCount, 8);
  header.writeUInt16BE(id.length, 12);
  return Buffer.concat([header, id]);
}

function digestOf(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest();
}
