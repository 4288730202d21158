// One configuration for every suite; with PERIGEE_LONG=1 the random ones try more (test/effort.ts).
import { defineConfig } from "vitest/config";

const long = process.env.PERIGEE_LONG === "1";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: long ? 1_200_000 : 30_000,
    globalSetup: ["test/peers.ts"],
    // A core is left idle otherwise, and most suites wait for processes.
    maxWorkers: "100%",
  },
});
