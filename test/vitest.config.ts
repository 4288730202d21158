// One configuration for every suite; the long suites carry ".long.test.ts" and run with PERIGEE_LONG=1 (see .ci/run).
import { configDefaults, defineConfig } from "vitest/config";

const long = process.env.PERIGEE_LONG === "1";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    exclude: long ? configDefaults.exclude : [...configDefaults.exclude, "test/**/*.long.test.ts"],
    testTimeout: 30_000,
    globalSetup: ["test/peers.ts"],
  },
});
