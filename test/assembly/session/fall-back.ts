/** A client of MQTT 5.0 goes back to 3.1.1: ends its connection, speaks the other version, and is connected again. */
import { expect } from "vitest";
import { field } from "../wire/codec.ts";
import type { Endpoint5 } from "./endpoint5.ts";

export function fallBack(endpoint: Endpoint5): void {
  const { core, client } = endpoint;
  endpoint.disconnect();
  core.closed(client, endpoint.nowMs);
  expect(core.speak(client, 4)).toBe(0);
  expect(endpoint.compose(core.connect(client, 3, 2, 0), field("c"))).toBe(0);
  endpoint.open();
  endpoint.serve(0x20, 0, 0);
}
