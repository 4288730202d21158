/** A client whose TCP is full both ways: what it has no room for waits, and nothing is lost. */
import { expect, it } from "vitest";
import { LWIP, parseTc } from "../../host/link/index.ts";
import { run } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

it("a window that fills TCP both ways waits for room, and keeps its promises", () => {
  const link = parseTc("delay 50ms rate 32kbit");
  const overrides = { link, tcp: LWIP, sensorCount: 1, intervalUs: 10_000, durationUs: 60e6 };
  const result = run(scenario(7n, { ...overrides, window: 1000, outboxBytes: 1_000_000 }), 2);
  expect(result.finding).toEqual({ count: 0, violations: [] });
  expect(result.history.deliveredCount).toBe(result.history.invokedCount);
});
