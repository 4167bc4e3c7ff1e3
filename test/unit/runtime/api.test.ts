import { expect, test } from "vitest";
import * as runtime from "../../../runtime/index.ts";

// What users import. A change here is a change of the public API, and belongs into the changelog.
test("the public API", () => {
  expect(Object.keys(runtime).sort()).toEqual([
    "ArrayMap",
    "BpfError",
    "BpfMap",
    "Collection",
    "CompileError",
    "HashMap",
    "KernelLink",
    "KeyedMap",
    "Link",
    "LpmTrie",
    "LruHashMap",
    "NotSupportedError",
    "PerCpuArray",
    "PerCpuHashMap",
    "ProgArray",
    "Program",
    "RingBuffer",
    "SkStorage",
    "SockHash",
    "SockMap",
    "SocketMap",
    "VerifierError",
    "cgroup2Mount",
    "formatIp4",
    "formatIp6",
    "ip4",
    "ip6",
    "load",
    "loadObject",
    "open",
    "openPinnedLink",
    "openPinnedMap",
    "openPinnedProgram",
    "probeFeature",
    "probeFeatures",
  ]);
});

test("importing it needs neither Linux nor the addon", () => {
  // The import above would have loaded the addon if anything did so at import.
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: readonly string[] };
  expect(sharedObjects.filter((path) => path.endsWith("tsbpf.node"))).toEqual([]);
});
