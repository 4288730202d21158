// Each checker is fed a history that keeps its promise and one that breaks it.
import { describe, expect, test } from "vitest";
import {
  check,
  checkAtLeastOnce,
  checkAtMostOnce,
  checkIntegrity,
  checkOrder,
  History,
} from "../../host/simulation/index.ts";

/** A history of two sensors, of which sensor 1 has published four messages that were all acknowledged. */
function published(): History {
  const history = new History(2);
  for (let sequence = 0; sequence < 4; sequence += 1) {
    history.invoked(1, 1000 * sequence);
    history.sent(1, sequence, 1000 * sequence);
    history.acknowledged(1, sequence, 1000 * sequence + 600);
  }
  return history;
}

/** `published`, with these deliveries in this order. */
function delivered(...sequences: number[]): History {
  const history = published();
  sequences.forEach((sequence, index) => {
    history.delivered(1, sequence, 5000 + index, true);
  });
  return history;
}

describe("a history without fault", () => {
  test("keeps every promise at every quality of service", () => {
    for (const qos of [0, 1, 2] as const)
      expect(check(delivered(0, 1, 2, 3), qos)).toEqual({ count: 0, violations: [] });
  });

  test("may lack what was never acknowledged, or have it: unknown is asserted neither way", () => {
    const history = delivered(0, 1, 2, 3);
    history.invoked(1, 9000);
    history.sent(1, 4, 9000);
    for (const qos of [0, 1, 2] as const) expect(check(history, qos).count).toBe(0);
    history.delivered(1, 4, 9900, true);
    for (const qos of [0, 1, 2] as const) expect(check(history, qos).count).toBe(0);
  });

  test("may lack what was refused", () => {
    const history = delivered(0, 1, 2, 3);
    history.refused(1, 9000);
    for (const qos of [0, 1, 2] as const) expect(check(history, qos).count).toBe(0);
  });
});

describe("a message that was acknowledged and never delivered", () => {
  const history = delivered(0, 1, 3);

  test("breaks at least once, and is named", () => {
    const finding = checkAtLeastOnce(history);
    expect(finding.count).toBe(1);
    expect(finding.violations[0]).toMatchObject({ sensor: 1, sequence: 2 });
    expect(finding.violations[0].text).toContain("MQTT-4.3.2-2");
  });

  test("is held against QoS 1 and 2, and not against QoS 0", () => {
    expect([0, 1, 2].map(qos => check(history, qos as 0 | 1 | 2).count)).toEqual([0, 1, 1]);
  });
});

describe("a message that was delivered twice", () => {
  const history = delivered(0, 1, 1, 2, 3);

  test("breaks at most once, and is named with its time", () => {
    const finding = checkAtMostOnce(history);
    expect(finding.count).toBe(1);
    expect(finding.violations[0]).toMatchObject({ sensor: 1, sequence: 1 });
    expect(finding.violations[0].text).toContain("0.005 s");
  });

  test("is held against QoS 0 and 2, and not against QoS 1", () => {
    expect([0, 1, 2].map(qos => check(history, qos as 0 | 1 | 2).count)).toEqual([1, 0, 1]);
  });

  test("is counted however often it comes, and spelled out ten times", () => {
    const many = delivered(0, 1, 2, 3);
    for (let index = 0; index < 250; index += 1) many.delivered(1, 3, 6000 + index, true);
    const finding = checkAtMostOnce(many);
    expect(finding.count).toBe(250);
    expect(finding.violations).toHaveLength(10);
  });
});

describe("order", () => {
  test("is broken by a first delivery after a later message, at every quality of service", () => {
    const history = delivered(0, 2, 1, 3);
    expect(checkOrder(history).violations[0]).toMatchObject({ sensor: 1, sequence: 1 });
    expect([0, 1, 2].map(qos => check(history, qos as 0 | 1 | 2).count)).toEqual([1, 1, 1]);
  });

  test("is not broken by repeats of what has been delivered: section 4.6 allows 1, 2, 3, 2, 3, 4", () => {
    expect(checkOrder(delivered(0, 1, 2, 1, 2, 3)).count).toBe(0);
  });

  test("is kept for each sensor apart", () => {
    const history = delivered(0, 1, 2, 3);
    history.invoked(0, 0);
    history.delivered(0, 0, 9000, true);
    expect(checkOrder(history).count).toBe(0);
  });
});

describe("integrity", () => {
  test("is broken by another payload", () => {
    const history = delivered(0, 1, 2);
    history.delivered(1, 3, 9000, false);
    expect(checkIntegrity(history).violations[0]).toMatchObject({ sensor: 1, sequence: 3 });
  });

  test("is broken by a message that nobody published, of a sensor or of nobody", () => {
    const history = delivered(0, 1, 2, 3);
    history.delivered(1, 4, 9000, true);
    history.delivered(7, 0, 9001, true);
    history.acknowledged(0, 0, 9002);
    expect(checkIntegrity(history).count).toBe(3);
    expect([0, 1, 2].map(qos => check(history, qos as 0 | 1 | 2).count)).toEqual([3, 3, 3]);
  });
});
