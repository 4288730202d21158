// `npm run test:boards`: the suites that compile images and run them in emulators. They are not part of `npm test`.
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  test: {
    include: ["test/boards/**/*.boards.ts"],
    testTimeout: 540_000,
    hookTimeout: 120_000,
    globalSetup: ["test/peers.ts"],
    setupFiles: ["test/after-each.ts"],
    maxWorkers: "100%",
  },
});
