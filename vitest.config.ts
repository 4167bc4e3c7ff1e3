import { defineConfig } from "vitest/config";

// Two workers: more would only make the tests that wait for the kernel wait for each other on a machine with two cores.
export default defineConfig({
  // Tests run from source; the package's imports map names the built file.
  resolve: {
    alias: { "#typescript": new URL("./compiler/frontend/load-typescript.ts", import.meta.url).pathname },
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
