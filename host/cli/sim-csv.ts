/** Every message of a simulation as a row: `perigee sim --csv`. */
import type { MessageColumns, Observed, Qos } from "../simulation/index.ts";
import { csvLine } from "./csv.ts";

const HEAD = [
  ...["mqtt", "qos", "sensor", "number", "published_s", "sent_s", "sent_count"],
  ...["acknowledged_s", "delivered_s", "delivered_count", "delay_ms", "fate"],
];

/** Rows in the order of runs, sensors and numbers; after a sensor's messages the readings for which its client had no room, which have no number. */
export function csvOf({ runs, observations }: Observed): string {
  const parts = [csvLine(HEAD)];
  for (const [index, { qos, version }] of runs.entries()) {
    for (const [sensor, columns] of observations[index].chronicle.sensors.entries()) {
      for (let at = 0; at < columns.publishedUs.length; at += 1) {
        parts.push(csvLine([version, qos, sensor, at, ...messageCells(columns, at, qos)]));
      }
      for (const us of columns.refusedUs) {
        parts.push(csvLine([version, qos, sensor, "", us / 1e6, "", 0, "", "", 0, "", "refused"]));
      }
    }
  }
  return parts.join("");
}

function messageCells(columns: MessageColumns, at: number, qos: Qos): (string | number)[] {
  const publishedUs = columns.publishedUs[at];
  const deliveredUs = columns.deliveredUs[at];
  const isDelivered = columns.deliveredCount[at] > 0;
  // Nobody waits for anything at QoS 0, and what was acknowledged and never came is lost too: a broken promise.
  const isLost = qos === 0 || !Number.isNaN(columns.acknowledgedUs[at]);
  return [
    publishedUs / 1e6,
    seconds(columns.firstSentUs[at]),
    columns.sentCount[at],
    // What a client tells of QoS 0 is that it has sent it.
    qos === 0 ? "" : seconds(columns.acknowledgedUs[at]),
    seconds(deliveredUs),
    columns.deliveredCount[at],
    isDelivered ? (deliveredUs - publishedUs) / 1000 : "",
    isDelivered ? "delivered" : isLost ? "lost" : "unknown",
  ];
}

function seconds(us: number): number | string {
  return Number.isNaN(us) ? "" : us / 1e6;
}
