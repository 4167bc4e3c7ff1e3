// Which program kinds may call a helper, and since which kernel: the `*_func_proto` functions of net/core/filter.c and `bpf_base_func_proto`.
// `test/kernel/kernel-tables.test.ts` asks the running kernel about every line, `npm run test:kernels` others from 5.10 on.

import type { HelperName } from "./helpers.ts";
import { type ProgramKindName, programKinds } from "./programs.ts";
import { type KernelVersion, oldestKernel } from "./version.ts";

type Availability = Partial<Readonly<Record<ProgramKindName, KernelVersion>>>;

const kinds = Object.keys(programKinds) as ProgramKindName[];
const cgroupSkb = ["cgroup.skbIngress", "cgroup.skbEgress"] as const;
const connect = ["cgroup.connect4", "cgroup.connect6"] as const;
const skSkb = ["skSkb.parser", "skSkb.verdict"] as const;

/** Every kind since `version`. */
function everywhere(version: KernelVersion): Availability {
  return from(version, ...kinds);
}

function from(version: KernelVersion, ...names: readonly ProgramKindName[]): Availability {
  return Object.fromEntries(names.map((name) => [name, version]));
}

/** These kinds and no others, for as long as the compiler cares. */
function only(...names: readonly ProgramKindName[]): Availability {
  return from(oldestKernel, ...names);
}

const skb = only(...skSkb, "tc");

/** A helper that is not listed may be called from every kind. */
const table: Partial<Readonly<Record<HelperName, Availability>>> = {
  ktime_get_coarse_ns: from([5, 11], ...kinds.filter((kind) => kind !== "cgroup.setsockopt")),
  // Missing on 6.1 and there on 6.12.
  get_current_cgroup_id: { ...everywhere([6, 12]), ...only(...connect, "skMsg", "cgroup.setsockopt") },
  get_current_ancestor_cgroup_id: {
    ...everywhere([6, 12]),
    ...from([6, 1], "cgroup.setsockopt"),
    ...only(...connect, "skMsg"),
  },
  get_current_pid_tgid: {
    ...everywhere([6, 10]),
    ...from([6, 1], "cgroup.setsockopt"),
    ...only(...connect, "skMsg"),
  },
  get_current_uid_gid: { ...everywhere([6, 16]), ...only(...connect, "skMsg", "cgroup.setsockopt") },
  get_socket_cookie: only("sockOps", ...skSkb, ...connect, ...cgroupSkb, "tc"),
  get_netns_cookie: {
    ...only(...connect),
    ...from([5, 15], "sockOps", "skMsg", "cgroup.setsockopt"),
    ...from([6, 13], "tc"),
    ...from([6, 15], ...cgroupSkb),
  },
  setsockopt: { ...only("sockOps", ...connect), ...from([5, 15], "cgroup.setsockopt") },
  sock_ops_cb_flags_set: only("sockOps"),
  sock_hash_update: only("sockOps"),
  sock_map_update: only("sockOps"),
  msg_pull_data: only("skMsg"),
  msg_push_data: only("skMsg"),
  msg_pop_data: only("skMsg"),
  msg_apply_bytes: only("skMsg"),
  msg_cork_bytes: only("skMsg"),
  msg_redirect_hash: only("skMsg"),
  msg_redirect_map: only("skMsg"),
  sk_redirect_hash: only(...skSkb),
  sk_redirect_map: only(...skSkb),
  skb_load_bytes: only(...skSkb, ...cgroupSkb, "tc"),
  skb_store_bytes: skb,
  skb_pull_data: skb,
  skb_change_tail: skb,
  skb_change_head: skb,
  skb_cgroup_id: only(...cgroupSkb, "tc"),
  skb_ancestor_cgroup_id: only(...cgroupSkb, "tc"),
  set_retval: from([5, 18], ...connect, "cgroup.setsockopt"),
  get_retval: from([5, 18], ...connect, "cgroup.setsockopt"),
  bind: only(...connect),
  xdp_get_buff_len: from([5, 18], "xdp"),
  xdp_load_bytes: from([5, 18], "xdp"),
  xdp_store_bytes: from([5, 18], "xdp"),
  xdp_adjust_head: only("xdp"),
  xdp_adjust_tail: only("xdp"),
  redirect: only("xdp", "tc"),
  redirect_peer: only("tc"),
  l3_csum_replace: only("tc"),
  l4_csum_replace: only("tc"),
  skb_vlan_push: only("tc"),
  skb_vlan_pop: only("tc"),
  clone_redirect: only("tc"),
  sk_fullsock: only(...cgroupSkb, "tc"),
  tcp_sock: only("sockOps", "cgroup.setsockopt", ...cgroupSkb, "tc"),
  get_listener_sock: only(...cgroupSkb, "tc"),
  sk_storage_get: only("sockOps", "skMsg", ...connect, "cgroup.setsockopt", ...cgroupSkb, "tc"),
  sk_storage_delete: only("sockOps", "skMsg", ...connect, "cgroup.setsockopt", ...cgroupSkb, "tc"),
};

/** The first kernel on which a program of this kind may call the helper; undefined where none lets it. */
export function helperSince(helper: HelperName, kind: ProgramKindName): KernelVersion | undefined {
  const listed = table[helper];
  return listed === undefined ? oldestKernel : listed[kind];
}

/** The kinds that may call the helper. */
export function helperKinds(helper: HelperName): readonly ProgramKindName[] {
  return kinds.filter((kind) => helperSince(helper, kind) !== undefined);
}
