import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, type TestFunction, test } from "vitest";
import { clang } from "./compile-c.ts";

// Tests that need the kernel are written with these instead of `describe` and `test`. Where the environment cannot run them they are
// skipped and the name says why; with CI=true that is a failure, so that a green CI run has really loaded programs.

const require = createRequire(import.meta.url);
export const addonPath = fileURLToPath(new URL("../../native/build/Release/tsbpf.node", import.meta.url));

function whyNoKernel(): string | undefined {
  if (process.platform !== "linux") return "BPF is a part of Linux";
  if (process.getuid?.() !== 0) return "needs root";
  if (!existsSync(addonPath)) return "the native addon is not built (npm run setup)";
  try {
    const native: typeof import("../../native/binding.js") = require(addonPath);
    // BPF_MAP_TYPE_ARRAY: what every kernel with BPF has.
    native.mapCreate({ type: 2, name: "tsbpf_probe", keySize: 4, valueSize: 4, maxEntries: 1 }).close();
  } catch (error) {
    return `the kernel refuses BPF: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}

/** Why kernel tests cannot run here; `undefined` where they can. */
export const kernelUnavailable: string | undefined = whyNoKernel();

const mustRun = process.env.CI === "true";

/** What a test may need beside root and BPF. Each returns why it is missing. */
export const requirements = {
  clang: () => (clang === undefined ? "needs clang" : undefined),
  ip: () => (spawnSync("ip", ["-V"], { stdio: "ignore" }).status === 0 ? undefined : "needs iproute2"),
  curl: () => (spawnSync("curl", ["-V"], { stdio: "ignore" }).status === 0 ? undefined : "needs curl"),
} satisfies Record<string, () => string | undefined>;

export type Requirement = keyof typeof requirements;

function missing(needs: readonly Requirement[]): string | undefined {
  if (kernelUnavailable !== undefined) return kernelUnavailable;
  for (const need of needs) {
    const reason = requirements[need]();
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** `describe` for tests that load into the kernel. */
export function describeKernel(name: string, body: () => void, ...needs: Requirement[]): void {
  const reason = missing(needs);
  if (reason === undefined) describe(name, body);
  else if (mustRun) describe(name, () => test("can run here", () => Promise.reject(new Error(reason))));
  else describe.skip(`${name} (skipped: ${reason})`, body);
}

/** `test` for a single one that loads into the kernel. */
export function kernelTest(name: string, body: TestFunction, timeoutMs?: number): void {
  const reason = missing([]);
  if (reason === undefined) test(name, body, timeoutMs);
  else if (mustRun) test(name, () => Promise.reject(new Error(reason)));
  else test.skip(`${name} (skipped: ${reason})`, body);
}

export { ensureBpffs, makeTemporary } from "./bpffs.ts";
export { type Cgroup, cgroup2Root, makeCgroup } from "./cgroup.ts";
export { clang, compileC } from "./compile-c.ts";
export { makeNetns, makeVeth, type Netns, type Veth } from "./netns.ts";
