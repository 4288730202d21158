/** Flow control, section 4.9: never more unacknowledged than the other side takes. */
import type { Broken } from "./event.ts";
import type { Ledger } from "./ledger.ts";

export function checkFlow({ connections }: Ledger): Broken[] {
  const broken: Broken[] = [];
  for (const { client, end } of connections) {
    const flow = end?.flow;
    if (flow === undefined) continue;
    const fault = (whose: string, most: number, limit: number) =>
      broken.push({
        promise: "flow control [MQTT-3.3.4-7, 3.3.4-9]",
        text: `${whose} of ${client} had ${most} messages unacknowledged, and may have ${limit}`,
      });
    if (flow.sentMost > flow.sentLimit) fault("the client", flow.sentMost, flow.sentLimit);
    if (flow.receivedMost > flow.receivedLimit) fault("the server", flow.receivedMost, flow.receivedLimit);
  }
  return broken;
}
