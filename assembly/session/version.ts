/**
 * Which version of the protocol a client speaks: one byte of its record, and nothing at all in a build that knows one version.
 */
import { VERSION } from "../layout.ts";
import { V5 } from "../profile.ts";

/** 1 where the client speaks MQTT 5.0, 0 for 3.1.1. */
export function isFive(client: i32): i32 {
  if (V5 === 0) return 0;
  return i32.load8_u(client + VERSION);
}
