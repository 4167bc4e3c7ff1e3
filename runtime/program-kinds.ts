import { attachTypes, programTypes } from "../compiler/kernel/uapi.gen.ts";

// What a program's ELF section says about it, and where programs of its kind are attached.

/** The shape of `attach`'s argument. */
export type AttachPoint = "cgroup" | "map" | "xdp" | "tc" | "netns" | "none";

export interface ProgramKind {
  /** The constructor of the language that makes it, such as `cgroup.connect4`; for other kinds libbpf's section. */
  readonly name: string;
  /** `enum bpf_prog_type`. */
  readonly type: number;
  /** `enum bpf_attach_type`, 0 where the kind has none. */
  readonly attachType: number;
  readonly attachPoint: AttachPoint;
}

type Row = readonly [
  section: string,
  name: string,
  type: number,
  attachType: number,
  attachPoint: AttachPoint,
];

const p = programTypes;
const a = attachTypes;

/** By libbpf's section name. A section matches a row whose name it has, or has up to a `/`. Longer names come first. */
const rows: readonly Row[] = [
  ["sockops", "sockOps", p.sock_ops, a.cgroup_sock_ops, "cgroup"],
  ["sk_msg", "skMsg", p.sk_msg, a.sk_msg_verdict, "map"],
  ["sk_skb/stream_parser", "skSkb.parser", p.sk_skb, a.sk_skb_stream_parser, "map"],
  ["sk_skb/stream_verdict", "skSkb.verdict", p.sk_skb, a.sk_skb_stream_verdict, "map"],
  ["sk_skb/verdict", "sk_skb/verdict", p.sk_skb, a.sk_skb_verdict, "map"],
  ["cgroup_skb/ingress", "cgroup.skbIngress", p.cgroup_skb, a.cgroup_inet_ingress, "cgroup"],
  ["cgroup_skb/egress", "cgroup.skbEgress", p.cgroup_skb, a.cgroup_inet_egress, "cgroup"],
  ["cgroup/connect4", "cgroup.connect4", p.cgroup_sock_addr, a.cgroup_inet4_connect, "cgroup"],
  ["cgroup/connect6", "cgroup.connect6", p.cgroup_sock_addr, a.cgroup_inet6_connect, "cgroup"],
  ["cgroup/sendmsg4", "cgroup.sendmsg4", p.cgroup_sock_addr, a.cgroup_udp4_sendmsg, "cgroup"],
  ["cgroup/sendmsg6", "cgroup.sendmsg6", p.cgroup_sock_addr, a.cgroup_udp6_sendmsg, "cgroup"],
  ["cgroup/recvmsg4", "cgroup.recvmsg4", p.cgroup_sock_addr, a.cgroup_udp4_recvmsg, "cgroup"],
  ["cgroup/recvmsg6", "cgroup.recvmsg6", p.cgroup_sock_addr, a.cgroup_udp6_recvmsg, "cgroup"],
  ["cgroup/getpeername4", "cgroup.getpeername4", p.cgroup_sock_addr, a.cgroup_inet4_getpeername, "cgroup"],
  ["cgroup/getpeername6", "cgroup.getpeername6", p.cgroup_sock_addr, a.cgroup_inet6_getpeername, "cgroup"],
  ["cgroup/getsockname4", "cgroup.getsockname4", p.cgroup_sock_addr, a.cgroup_inet4_getsockname, "cgroup"],
  ["cgroup/getsockname6", "cgroup.getsockname6", p.cgroup_sock_addr, a.cgroup_inet6_getsockname, "cgroup"],
  ["cgroup/bind4", "cgroup.bind4", p.cgroup_sock_addr, a.cgroup_inet4_bind, "cgroup"],
  ["cgroup/bind6", "cgroup.bind6", p.cgroup_sock_addr, a.cgroup_inet6_bind, "cgroup"],
  ["cgroup/post_bind4", "cgroup.postBind4", p.cgroup_sock, a.cgroup_inet4_post_bind, "cgroup"],
  ["cgroup/post_bind6", "cgroup.postBind6", p.cgroup_sock, a.cgroup_inet6_post_bind, "cgroup"],
  ["cgroup/sock_create", "cgroup.sockCreate", p.cgroup_sock, a.cgroup_inet_sock_create, "cgroup"],
  ["cgroup/sock_release", "cgroup.sockRelease", p.cgroup_sock, a.cgroup_inet_sock_release, "cgroup"],
  ["cgroup/getsockopt", "cgroup.getsockopt", p.cgroup_sockopt, a.cgroup_getsockopt, "cgroup"],
  ["cgroup/setsockopt", "cgroup.setsockopt", p.cgroup_sockopt, a.cgroup_setsockopt, "cgroup"],
  ["cgroup/sysctl", "cgroup.sysctl", p.cgroup_sysctl, a.cgroup_sysctl, "cgroup"],
  ["cgroup/dev", "cgroup.device", p.cgroup_device, a.cgroup_device, "cgroup"],
  ["xdp/devmap", "xdp/devmap", p.xdp, a.xdp_devmap, "none"],
  ["xdp.frags/devmap", "xdp/devmap", p.xdp, a.xdp_devmap, "none"],
  ["xdp/cpumap", "xdp/cpumap", p.xdp, a.xdp_cpumap, "none"],
  ["xdp.frags/cpumap", "xdp/cpumap", p.xdp, a.xdp_cpumap, "none"],
  ["xdp.frags", "xdp", p.xdp, a.xdp, "xdp"],
  ["xdp", "xdp", p.xdp, a.xdp, "xdp"],
  ["tcx/ingress", "tc", p.sched_cls, a.tcx_ingress, "tc"],
  ["tcx/egress", "tc", p.sched_cls, a.tcx_egress, "tc"],
  ["tc/ingress", "tc", p.sched_cls, a.tcx_ingress, "tc"],
  ["tc/egress", "tc", p.sched_cls, a.tcx_egress, "tc"],
  ["tc", "tc", p.sched_cls, 0, "tc"],
  ["classifier", "tc", p.sched_cls, 0, "tc"],
  ["sk_lookup", "skLookup", p.sk_lookup, a.sk_lookup, "netns"],
  ["flow_dissector", "flowDissector", p.flow_dissector, a.flow_dissector, "netns"],
  ["sk_reuseport/migrate", "skReuseport", p.sk_reuseport, a.sk_reuseport_select_or_migrate, "none"],
  ["sk_reuseport", "skReuseport", p.sk_reuseport, a.sk_reuseport_select, "none"],
  ["socket", "socketFilter", p.socket_filter, 0, "none"],
  ["syscall", "syscall", p.syscall, 0, "none"],
];

/** The kind that a section's name says, or `undefined` where the name is not known here. */
export function programKindOf(section: string): ProgramKind | undefined {
  // A leading `?` leaves the program out of loading until it is asked for (libbpf, bpf_object__init_prog).
  const name = section.startsWith("?") ? section.slice(1) : section;
  const row = rows.find(([prefix]) => name === prefix || name.startsWith(`${prefix}/`));
  return row === undefined
    ? undefined
    : { name: row[1], type: row[2], attachType: row[3], attachPoint: row[4] };
}

/** The kind of a program in the kernel, of which only the numbers are known. */
export function programKindByType(type: number, attachType: number): ProgramKind {
  const row =
    rows.find((candidate) => candidate[2] === type && candidate[3] === attachType) ??
    rows.find((candidate) => candidate[2] === type && attachType === 0);
  return row === undefined
    ? { name: programTypeName(type), type, attachType, attachPoint: "none" }
    : { name: row[1], type, attachType: row[3], attachPoint: row[4] };
}

/** The kernel's name of a program type, lower case: `sched_cls`. */
export function programTypeName(type: number): string {
  return Object.entries(programTypes).find(([, number]) => number === type)?.[0] ?? `type ${type}`;
}
