// One configuration for every suite; with PERIGEE_LONG=1 the random ones try more (test/effort.ts).
import { defineConfig } from "vitest/config";

const long = process.env.PERIGEE_LONG === "1";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: long ? 1_200_000 : 30_000,
    globalSetup: ["test/peers.ts"],
    setupFiles: ["test/after-each.ts", "test/seed.ts"],
    // Files share the modules that they load: reading them anew for each was a third of the work, and none keeps state in one.
    isolate: false,
    // A core is left idle otherwise, and most suites wait for processes.
    maxWorkers: "100%",
  },
});
