// A histogram of the sizes of a cgroup's packets. Shows values of each CPU's own, fixed arrays and a bounded loop.
//
//   tsbpf load programs/examples/packet-sizes.bpf.ts \
//     --attach ingress=cgroup:/sys/fs/cgroup/demo --attach egress=cgroup:/sys/fs/cgroup/demo

import { cgroup, type FixedArray, PerCpuArray, range, SkbEgressAction, type u32, u64 } from "tsbpf/stdlib";

export interface Histogram {
  packets: u64;
  bytes: u64;
  /** How many packets have 2ⁱ to 2ⁱ⁺¹ - 1 bytes. What is larger than the last is in the last. */
  slots: FixedArray<u64, 18>;
}

/** 0 is what comes in, 1 what goes out. Each CPU counts alone; user space gets an array and adds. */
export const sizes = new PerCpuArray<Histogram>({ maxEntries: 2 });

/** The position of the highest bit. */
function log2(value: u32): u32 {
  let rest: u32 = value;
  let bits: u32 = 0;
  for (const _ of range(17)) {
    if (rest <= 1) break;
    rest >>>= 1;
    bits += 1;
  }
  return bits;
}

function record(direction: u32, length: u32): void {
  const histogram = sizes.get(direction);
  if (!histogram) return;
  histogram.packets += 1n;
  histogram.bytes += u64(length);
  const slot = log2(length);
  if (slot < 18) histogram.slots[slot]! += 1n;
}

export const ingress = cgroup.skbIngress((packet) => {
  record(0, packet.len);
  return true;
});

export const egress = cgroup.skbEgress((packet) => {
  record(1, packet.len);
  return SkbEgressAction.PASS;
});
