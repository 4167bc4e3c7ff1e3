// Kernel helpers that take neither a context nor a map: each is the helper's name without `bpf_`.

import type { i32, u32, u64 } from "./types.js";

/** Nanoseconds since boot, without the time suspended. Any program. */
export declare function ktimeGetNs(): u64;
/** Nanoseconds since boot, with the time suspended. Any program. Linux 5.8. */
export declare function ktimeGetBootNs(): u64;
/** As `ktimeGetNs`, cheaper, as exact as the timer tick. Any program. Linux 5.11. */
export declare function ktimeGetCoarseNs(): u64;
/** The timer tick. Any program. */
export declare function jiffies64(): u64;
/** A pseudo-random number. Any program. */
export declare function getPrandomU32(): u32;
/** The CPU the program runs on. Any program. */
export declare function getSmpProcessorId(): u32;
/** The NUMA node the program runs on. Any program. */
export declare function getNumaNodeId(): i32;
/** The current task's cgroup v2 id. `cgroup.connect4/6`, `cgroup.setsockopt` and `skMsg`; elsewhere Linux 6.12. */
export declare function getCurrentCgroupId(): u64;
/**
 * The id of the current task's ancestor cgroup at `level` (the root is 0). `cgroup.connect4/6` and `skMsg`; `cgroup.setsockopt`: Linux 6.1;
 * elsewhere Linux 6.12.
 */
export declare function getCurrentAncestorCgroupId(level: i32): u64;
/**
 * The current task: the process's id in the upper half, the thread's in the lower. `cgroup.connect4/6` and `skMsg`; `cgroup.setsockopt`: Linux
 * 6.1; elsewhere Linux 6.10.
 */
export declare function getCurrentPidTgid(): u64;
/**
 * The current task: the group's id in the upper half, the user's in the lower. `cgroup.connect4/6`, `cgroup.setsockopt` and `skMsg`; elsewhere
 * Linux 6.16.
 */
export declare function getCurrentUidGid(): u64;
