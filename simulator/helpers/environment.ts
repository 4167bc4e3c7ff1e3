import type { SimulatedContext } from "../context.ts";
import { EINVAL } from "../errno.ts";
import type { RingStorage } from "../maps/ring-buffer.ts";
import type { Pointer } from "../memory.ts";
import type { HelperFactory } from "./helper.ts";

/** Clocks, identities and ring buffers: what needs no packet and no socket. */
export const environment: HelperFactory = (machine) => ({
  ktime_get_ns: () => machine.timeNs,
  ktime_get_boot_ns: () => machine.timeNs,
  ktime_get_coarse_ns: () => machine.timeNs,
  // A kernel of 1000 Hz.
  jiffies64: () => machine.timeNs / 1_000_000n,
  get_prandom_u32: () => machine.random() >>> 0,
  get_smp_processor_id: () => machine.cpu,
  get_numa_node_id: () => machine.numaNode,
  get_current_cgroup_id: () => machine.cgroupIds.at(-1) ?? 0n,
  get_current_ancestor_cgroup_id: (level: number) => machine.cgroupIds[level] ?? 0n,
  get_current_pid_tgid: () => machine.pidTgid,
  get_current_uid_gid: () => machine.uidGid,
  ringbuf_output: (map: RingStorage, value: Pointer, size: bigint, _flags: bigint) =>
    map.output(value, Number(size)),
  ringbuf_query: (map: RingStorage, flags: bigint) => map.query(flags),
  set_retval: (value: number) => {
    if (value > 0) return EINVAL;
    machine.retval = value;
    machine.effects.push({ kind: "retval", value });
    return 0;
  },
  get_retval: () => machine.retval,
  sock_ops_cb_flags_set: (ctx: SimulatedContext, flags: number) => {
    machine.effects.push({ kind: "callbacks", flags });
    ctx.put(flags, "bpf_sock_ops_cb_flags");
    return 0;
  },
});
