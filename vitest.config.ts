import { defineConfig } from "vitest/config";

// One worker: kernel tests share one kernel's cgroup tree and namespaces, and the machine may have two cores.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
