/**
 * Inputs with the structure of packets, for every target: what fast-check makes of the packets of both versions, in bytes of the
 * broker's codec.
 */
import fc from "fast-check";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { packets } from "../broker/codec/packets5.ts";

/** One packet of protocol level 4 or 5. */
export function freshPacket(seed: number, level: 4 | 5): Uint8Array {
  const [packet] = fc.sample(packets, { seed, numRuns: 1 });
  return encodePacket("level" in packet ? { ...packet, level } : packet, level);
}
