import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addonPath, compileC, describeKernel, makeTemporary } from "../support/kernel.ts";

// Damaged object files, some hundreds, in a process of their own: an error is well, a crash is not.

const SOURCE = `
#include "bpf.h"
struct key { __u32 a; __u16 b; __u16 c; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, struct key); __type(value, __u64); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
const volatile __u32 limit = 3;
__u64 total;
__u32 start = 7;
SEC("xdp") int count(struct xdp_md *ctx) {
  struct key key = { limit, 2, 3 };
  __u64 *value = bpf_map_lookup_elem(&counts, &key);
  if (value) __sync_fetch_and_add(value, 1);
  bpf_ringbuf_output(&events, &key, sizeof key, 0);
  return XDP_PASS;
}
SEC("cgroup_skb/ingress") int allow(struct __sk_buff *skb) { total++; return start & 1; }
`;

const SCRIPT = `
const native = require(${JSON.stringify(addonPath)});
const original = require("node:fs").readFileSync(process.argv[2]);
const sectionHeaders = Number(original.readBigUInt64LE(40));
const outcomes = { opened: 0, loaded: 0, refused: 0 };
// Repeatable: a failure names its number.
for (let seed = 1; seed <= 600; seed++) {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const random = () => { state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; return (state >>>= 0); };
  let bytes = Uint8Array.from(original);
  const mode = seed % 5;
  if (mode === 0) bytes = bytes.subarray(0, random() % bytes.length);
  else if (mode === 1) bytes = Uint8Array.from({ length: random() % 4096 }, (_, i) => (i < 4 ? original[i] : random()));
  else for (let n = 1 + (random() % 12); n > 0; n--) {
    const from = mode === 2 ? sectionHeaders : mode === 3 ? 16 : 0;
    const size = mode === 3 ? 48 : bytes.length - from;
    bytes[from + (random() % size)] = [0, 1, 0x7f, 0x80, 0xff, random()][random() % 6];
  }
  process.stderr.write(seed + "\\n");
  try {
    const object = new native.BpfObject(bytes, { name: "damaged" });
    outcomes.opened++;
    try {
      for (const map of object.maps) object.editMap(map.name, { pinPath: null });
      object.programs;
      object.load({});
      outcomes.loaded++;
    } finally {
      object.close();
    }
  } catch (error) {
    if (typeof error.code !== "string" || !(error.errno > 0)) throw error;
    outcomes.refused++;
  }
}
console.log(JSON.stringify(outcomes));
`;

describeKernel(
  "native objects from damaged files",
  () => {
    test("are refused with an error", () => {
      using folder = makeTemporary("hostile");
      const object = join(folder.path, "object.o");
      const script = join(folder.path, "script.cjs");
      writeFileSync(object, compileC(SOURCE));
      writeFileSync(script, SCRIPT);
      const result = spawnSync(process.execPath, [script, object], { encoding: "utf8", timeout: 60_000 });
      const last = result.stderr.trim().split("\n").slice(-3).join("\n");
      expect({ status: result.status, signal: result.signal }, `at number ${last}`).toEqual({
        status: 0,
        signal: null,
      });
      const { opened, loaded, refused } = JSON.parse(result.stdout);
      // All three ways were taken, or the damage is not of the kind it is meant to be.
      expect(Math.min(opened, loaded, refused)).toBeGreaterThan(10);
      expect(loaded + refused).toBe(600);
    }, 90_000);
  },
  "clang",
);
