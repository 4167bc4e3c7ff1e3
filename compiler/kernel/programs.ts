// Program types of the DSL: what each is to the kernel, and what it may return.

import type { ContextName } from "./contexts.ts";
import { attachTypes, programTypes } from "./uapi.gen.ts";
import type { KernelVersion } from "./version.ts";

/** What the DSL function may return, and what the kernel gets of it. */
export type ResultRule =
  /** The function returns nothing; the kernel always gets `value`. */
  | { readonly kind: "void"; readonly value: 1 }
  /** The function returns a boolean; the kernel gets 0 or 1. */
  | { readonly kind: "boolean" }
  /** The function returns a constant of the stdlib enum, and the kernel accepts no other. */
  | { readonly kind: "enum"; readonly name: "SkAction" | "XdpAction" | "TcAction" | "SkbEgressAction" }
  /** The function returns a u32 or an i32 that the kernel takes as a length or a negative errno. */
  | { readonly kind: "length" };

export interface ProgramKind {
  /** Path of the constructor in `tsbpf/stdlib`, such as `cgroup.connect4`; also the kind's name everywhere. */
  readonly name: string;
  /** The ELF section as libbpf names it. */
  readonly section: string;
  /** `enum bpf_prog_type`. */
  readonly type: number;
  /** `enum bpf_attach_type`; absent where the type has only one way to attach that needs no number at load. */
  readonly attachType?: number;
  readonly context: ContextName;
  readonly result: ResultRule;
  readonly since: KernelVersion;
}

const at = (major: number, minor: number): KernelVersion => [major, minor];

export const programKinds = {
  sockOps: {
    name: "sockOps",
    section: "sockops",
    type: programTypes.sock_ops,
    attachType: attachTypes.cgroup_sock_ops,
    context: "SockOpsContext",
    // net/ipv4: tcp_call_bpf() takes `reply` as the answer where the program returns 1, and -1 where it returns 0.
    result: { kind: "void", value: 1 },
    since: at(4, 13),
  },
  skMsg: {
    name: "skMsg",
    section: "sk_msg",
    type: programTypes.sk_msg,
    attachType: attachTypes.sk_msg_verdict,
    context: "SkMsgContext",
    result: { kind: "enum", name: "SkAction" },
    since: at(4, 17),
  },
  "skSkb.parser": {
    name: "skSkb.parser",
    section: "sk_skb/stream_parser",
    type: programTypes.sk_skb,
    attachType: attachTypes.sk_skb_stream_parser,
    context: "SkSkbContext",
    result: { kind: "length" },
    since: at(4, 14),
  },
  "skSkb.verdict": {
    name: "skSkb.verdict",
    section: "sk_skb/stream_verdict",
    type: programTypes.sk_skb,
    attachType: attachTypes.sk_skb_stream_verdict,
    context: "SkSkbVerdictContext",
    result: { kind: "enum", name: "SkAction" },
    since: at(4, 14),
  },
  "cgroup.connect4": {
    name: "cgroup.connect4",
    section: "cgroup/connect4",
    type: programTypes.cgroup_sock_addr,
    attachType: attachTypes.cgroup_inet4_connect,
    context: "Connect4Context",
    result: { kind: "boolean" },
    since: at(4, 17),
  },
  "cgroup.connect6": {
    name: "cgroup.connect6",
    section: "cgroup/connect6",
    type: programTypes.cgroup_sock_addr,
    attachType: attachTypes.cgroup_inet6_connect,
    context: "Connect6Context",
    result: { kind: "boolean" },
    since: at(4, 17),
  },
  "cgroup.setsockopt": {
    name: "cgroup.setsockopt",
    section: "cgroup/setsockopt",
    type: programTypes.cgroup_sockopt,
    attachType: attachTypes.cgroup_setsockopt,
    context: "SetsockoptContext",
    result: { kind: "boolean" },
    since: at(5, 3),
  },
  "cgroup.skbIngress": {
    name: "cgroup.skbIngress",
    section: "cgroup_skb/ingress",
    type: programTypes.cgroup_skb,
    attachType: attachTypes.cgroup_inet_ingress,
    context: "CgroupSkbContext",
    result: { kind: "boolean" },
    since: at(4, 10),
  },
  "cgroup.skbEgress": {
    name: "cgroup.skbEgress",
    section: "cgroup_skb/egress",
    type: programTypes.cgroup_skb,
    attachType: attachTypes.cgroup_inet_egress,
    context: "CgroupSkbContext",
    // kernel/bpf/verifier.c check_return_code(): an egress program may return 0 to 3.
    result: { kind: "enum", name: "SkbEgressAction" },
    since: at(4, 10),
  },
  xdp: {
    name: "xdp",
    section: "xdp",
    type: programTypes.xdp,
    attachType: attachTypes.xdp,
    context: "XdpContext",
    result: { kind: "enum", name: "XdpAction" },
    since: at(4, 8),
  },
  tc: {
    name: "tc",
    section: "tc",
    type: programTypes.sched_cls,
    context: "TcContext",
    result: { kind: "enum", name: "TcAction" },
    since: at(4, 1),
  },
} as const satisfies Record<string, ProgramKind>;

export type ProgramKindName = keyof typeof programKinds;

/** The kind that a constructor of this name makes. */
export function programKind(name: string): ProgramKind | undefined {
  return Object.hasOwn(programKinds, name) ? programKinds[name as ProgramKindName] : undefined;
}
