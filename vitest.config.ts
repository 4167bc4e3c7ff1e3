import { defineConfig } from "vitest/config";

// One worker: kernel tests share one kernel's cgroup tree and namespaces, and the machine may have two cores.
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
