/**
 * How a connection ends over what went wrong while one of its packets was handled: a rule that the client broke, or a
 * fault of the server.
 */
import { answerRefusal } from "./admission.ts";
import { IMPLEMENTATION_ERROR } from "./codec/reasons.ts";
import { Violation } from "./codec/violation.ts";
import { AWAITING, type Connection } from "./connection.ts";
import { end } from "./departure.ts";
import type { State } from "./state.ts";

const FAULT = "[MQTT-4.8.0-2] a fault of the server";

/** Ends the connection, and nothing else. `error` is what was thrown. */
export function endOver(state: State, connection: Connection, error: unknown): void {
  if (error instanceof Violation) {
    // [MQTT-4.8.0-1]
    state.counters.violations++;
    tellAndEnd(state, connection, error.message, error.reasonCode);
    return;
  }
  // [MQTT-4.8.0-2] most likely in a hook of the host.
  tellAndEnd(state, connection, FAULT, IMPLEMENTATION_ERROR);
  state.log("error", `${FAULT}: ${error instanceof Error ? error.stack : error}`);
}

/** 5.0: [MQTT-4.13.1-1] the client is told why, by CONNACK [MQTT-3.1.4-1] if it is not in yet. */
function tellAndEnd(state: State, connection: Connection, reason: string, reasonCode: number): void {
  if (connection.phase === AWAITING && connection.level === 5) answerRefusal(state, connection, reasonCode, reason);
  end(state, connection, reason, reasonCode);
}
