import {
  type CgroupSkbContext,
  getCurrentAncestorCgroupId,
  getCurrentCgroupId,
  HashMap,
  i32,
  range,
  type u64,
} from "tsbpf/stdlib";

/** Who sent a SYN that no socket of the mesh sent. An identity like any other: a rule may name it. */
export const UNKNOWN: u64 = 0n;

/** How deep a workload's cgroup may lie below the root. */
const DEPTH = 12;

export interface Workload {
  /** The processes of the workload do what the shortcut cannot carry: see `shortcut.bpf.ts`. */
  shortcutOff: boolean;
}

/** Workloads by cgroup id. What runs below one belongs to it; what belongs to none is a workload of its own. */
export const workloads = new HashMap<u64, Workload>({ maxEntries: 4096 });

/** The workload of a packet's socket: of the cgroup in which the socket was made, wherever its process is now. */
export function workloadOf(skb: CgroupSkbContext): u64 {
  let found = skb.cgroupId();
  for (const level of range(DEPTH)) {
    const ancestor = skb.ancestorCgroupId(i32(level));
    if (ancestor === 0n) break;
    if (workloads.has(ancestor)) found = ancestor;
  }
  return found;
}

/** The workload of the current task. */
export function currentWorkload(): u64 {
  let found = getCurrentCgroupId();
  for (const level of range(DEPTH)) {
    const ancestor = getCurrentAncestorCgroupId(i32(level));
    if (ancestor === 0n) break;
    if (workloads.has(ancestor)) found = ancestor;
  }
  return found;
}

export function shortcutAllowed(workload: u64): boolean {
  const known = workloads.get(workload);
  return known === undefined || !known.shortcutOff;
}
