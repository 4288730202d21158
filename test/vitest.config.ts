// One configuration for every suite; with PERIGEE_LONG=1 the random ones try more (test/effort.ts).
import { defineConfig } from "vitest/config";

const long = process.env.PERIGEE_LONG === "1";

/** Suites that start a program for every case, a browser, or wait in real time: `npm test` has three minutes and leaves them out. */
const LONG_ONLY = [
  "test/broker/page.test.ts",
  "test/check/cast/saboteurs.test.ts",
  "test/check/hostile/tcp.test.ts",
  "test/cli/bad-input.test.ts",
  "test/cli/check-history-play.test.ts",
  "test/cli/check.test.ts",
  "test/cli/five.test.ts",
  "test/cli/format-peer.test.ts",
  "test/cli/misuse5.test.ts",
  "test/cli/order.test.ts",
  "test/cli/server-flags.test.ts",
  "test/cli/side-by-side.test.ts",
  "test/cli/sub-flags.test.ts",
  "test/cli/sweep.test.ts",
  "test/cli/tour.test.ts",
  "test/client/package.test.ts",
  "test/proxy/agreement.test.ts",
  "test/report/page.test.ts",
];
/** What `npm run test:long` runs: those, and suites that try more there. */
const LONG = [
  ...LONG_ONLY,
  "test/assembly/session/durability.test.ts",
  "test/assembly/session/equivalence.test.ts",
  "test/broker/storage/kill.test.ts",
  "test/check/**/*.test.ts",
  "test/fuzz/**/*.test.ts",
  "test/simulation/swarm.test.ts",
];

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: long ? LONG : ["test/**/*.test.ts"],
    exclude: long ? [] : LONG_ONLY,
    testTimeout: long ? 1_200_000 : 30_000,
    globalSetup: ["test/peers.ts"],
    setupFiles: ["test/after-each.ts", "test/seed.ts"],
    // Files share the modules that they load: reading them anew for each was a third of the work, and none keeps state in one.
    isolate: false,
    // A core is left idle otherwise, and most suites wait for processes.
    maxWorkers: "100%",
  },
});
