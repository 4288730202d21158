/**
 * What a quality of service promises, checked against a history and nothing else: the broker may say what it likes.
 *
 * A message that was never acknowledged is *unknown*: it may have arrived or not, and neither is held against anybody. A message that was
 * refused was never accepted, so nothing was promised.
 */
import type { History, Occurrences } from "./history.ts";

/** One promise that was broken. */
export interface Violation {
  /** Which promise, with the statement of MQTT 3.1.1 that makes it. */
  promise: string;
  sensor: number;
  sequence: number;
  /** One line for people. */
  text: string;
}

/** What one checker has found: how often its promise was broken, and the first of those times. */
export interface Finding {
  count: number;
  violations: Violation[];
}

export type Checker = (history: History) => Finding;

export type Qos = 0 | 1 | 2;

/** How many violations a finding spells out. */
const SPELLED_COUNT = 10;

/** Section 4.3.1 and [MQTT-4.3.3-2]: no message comes twice. */
export function checkAtMostOnce(history: History): Finding {
  return fromOccurrences("at most once [MQTT-4.3.1, MQTT-4.3.3-2]", history.repeats, "was delivered again");
}

/** [MQTT-4.3.2-2], [MQTT-4.3.3-2]: what was acknowledged has been delivered. To be asked when everything has settled. */
export function checkAtLeastOnce(history: History): Finding {
  const finding: Finding = { count: 0, violations: [] };
  for (let sensor = 0; sensor < history.sensors.length; sensor += 1) {
    const record = history.sensors[sensor];
    if (record.acknowledged.count === 0) continue;
    for (let sequence = 0; sequence < record.invokedCount; sequence += 1) {
      if (!record.acknowledged.has(sequence) || record.delivered.has(sequence)) continue;
      add(finding, "at least once [MQTT-4.3.2-2]", sensor, sequence, "was acknowledged and never delivered");
    }
  }
  return finding;
}

/** [MQTT-4.6.0-5]: first deliveries come in the order in which a sensor published. */
export function checkOrder(history: History): Finding {
  return fromOccurrences("order [MQTT-4.6.0-5]", history.disorders, "was delivered after a later message");
}

/** Section 3.3.3: a message arrives with the payload that it was given, and only if it was given one. */
export function checkIntegrity(history: History): Finding {
  const damaged = fromOccurrences("integrity [MQTT 3.3.3]", history.damages, "was delivered with another payload");
  const strange = fromOccurrences("integrity [MQTT 3.3.3]", history.strangers, "was seen but never published");
  return {
    count: damaged.count + strange.count,
    violations: [...damaged.violations, ...strange.violations].slice(0, SPELLED_COUNT),
  };
}

/** What each quality of service promises. */
const CHECKERS: readonly (readonly Checker[])[] = [
  [checkAtMostOnce, checkOrder, checkIntegrity],
  [checkAtLeastOnce, checkOrder, checkIntegrity],
  [checkAtMostOnce, checkAtLeastOnce, checkOrder, checkIntegrity],
];

/** Every promise of a quality of service, in one finding. */
export function check(history: History, qos: Qos): Finding {
  const finding: Finding = { count: 0, violations: [] };
  for (const checker of CHECKERS[qos]) {
    const { count, violations } = checker(history);
    finding.count += count;
    finding.violations.push(...violations);
  }
  return finding;
}

function fromOccurrences(promise: string, occurrences: Occurrences, what: string): Finding {
  const finding: Finding = { count: 0, violations: [] };
  for (const { sensor, sequence, atUs } of occurrences.kept) {
    add(finding, promise, sensor, sequence, `${what}, at ${(atUs / 1e6).toFixed(3)} s`);
  }
  finding.count = occurrences.count;
  return finding;
}

function add(finding: Finding, promise: string, sensor: number, sequence: number, what: string): void {
  finding.count += 1;
  if (finding.violations.length >= SPELLED_COUNT) return;
  const text = `${promise}: message ${sequence} of sensor ${sensor} ${what}`;
  finding.violations.push({ promise, sensor, sequence, text });
}
