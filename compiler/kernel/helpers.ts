// Kernel helpers behind the DSL's functions and methods: which helper, with which arguments, from which program kinds.

import type { IntType } from "../ir/types.ts";
import type { ContextName } from "./contexts.ts";
import { be16, be32, i32, u32, u64 } from "./ints.ts";
import type { MapClassName } from "./maps.ts";
import type { KernelStructName } from "./structs.ts";
import type { helperIds } from "./uapi.gen.ts";

/** A helper's name without `bpf_`. */
export type HelperName = keyof typeof helperIds;

/** Where the kernel's arguments come from, in the kernel's order. `parameter` counts the DSL call's arguments from 0. */
export type HelperArgumentShape =
  /** The receiver: the context of a context's method, the reference of a struct's method. */
  | { readonly from: "receiver" }
  /** A scalar, converted to `type`. Where `optional` and not given: 0. Enums and expressions of flags are plain integers here. */
  | {
      readonly from: "parameter";
      readonly parameter: number;
      readonly type: IntType;
      readonly optional?: true;
    }
  /** A scalar of any integer type and byte order: its bits as they stand in memory, extended to a u64 by zeroes. */
  | { readonly from: "bits"; readonly parameter: number }
  /** A map of one of these classes, named directly. */
  | { readonly from: "map"; readonly parameter: number; readonly classes: readonly MapClassName[] }
  /** By address: a key of the map that parameter `map` names. */
  | { readonly from: "key"; readonly parameter: number; readonly map: number }
  /** By address: a value of any scalar or struct type, which the call's next argument (`size`) measures. */
  | { readonly from: "value"; readonly parameter: number }
  /** By address: room for a value of the call's type argument, measured by the next argument (`size`). The call's result is a copy of it. */
  | { readonly from: "output" }
  /** The bytes of the `value` or `output` before it, as u32. */
  | { readonly from: "size" }
  /** By address: a `sockaddr_in` (16 bytes) or `sockaddr_in6` (28 bytes) made of two parameters, the address and the port; then its size. */
  | {
      readonly from: "socketAddress";
      readonly family: 2 | 10;
      readonly address: number;
      readonly port: number;
    }
  | { readonly from: "constant"; readonly type: IntType; readonly value: bigint };

export type HelperResult =
  | { readonly kind: "void" }
  /** `enum` names the stdlib enum that the DSL types the result with. */
  | { readonly kind: "int"; readonly type: IntType; readonly enum?: string }
  /** Kernel memory that needs no release. */
  | { readonly kind: "reference"; readonly struct: KernelStructName; readonly nullable: true }
  /** What was written to `output`, where the helper returned 0, and `undefined` otherwise. */
  | { readonly kind: "output" };

export interface HelperUse {
  readonly helper: HelperName;
  readonly arguments: readonly HelperArgumentShape[];
  readonly result: HelperResult;
  /** References into the packet or message are dead after the call (kernel: `bpf_helper_changes_pkt_data`). */
  readonly movesPacket?: true;
}

const self: HelperArgumentShape = { from: "receiver" };
const size: HelperArgumentShape = { from: "size" };
const arg = (parameter: number, type: IntType): HelperArgumentShape => ({
  from: "parameter",
  parameter,
  type,
});
const flags = (parameter: number): HelperArgumentShape => ({
  from: "parameter",
  parameter,
  type: u64,
  optional: true,
});
const zero = (type: IntType): HelperArgumentShape => ({ from: "constant", type, value: 0n });
const hash: readonly HelperArgumentShape[] = [
  self,
  { from: "map", parameter: 0, classes: ["SockHash"] },
  { from: "key", parameter: 1, map: 0 },
  flags(2),
];
const int = (type: IntType): HelperResult => ({ kind: "int", type });
const action = (name: string): HelperResult => ({ kind: "int", type: i32, enum: name });
const errno = int(i32);

const cookie: HelperUse = { helper: "get_socket_cookie", arguments: [self], result: int(u64) };
const netnsCookie: HelperUse = { helper: "get_netns_cookie", arguments: [self], result: int(u64) };
const setsockopt: HelperUse = {
  helper: "setsockopt",
  arguments: [self, arg(0, i32), arg(1, i32), { from: "value", parameter: 2 }, size],
  result: errno,
};

/** Functions of `tsbpf/stdlib` that are helpers without a receiver. */
export const functions = {
  ktimeGetNs: { helper: "ktime_get_ns", arguments: [], result: int(u64) },
  ktimeGetBootNs: { helper: "ktime_get_boot_ns", arguments: [], result: int(u64) },
  ktimeGetCoarseNs: { helper: "ktime_get_coarse_ns", arguments: [], result: int(u64) },
  jiffies64: { helper: "jiffies64", arguments: [], result: int(u64) },
  getPrandomU32: { helper: "get_prandom_u32", arguments: [], result: int(u32) },
  getSmpProcessorId: { helper: "get_smp_processor_id", arguments: [], result: int(u32) },
  getNumaNodeId: { helper: "get_numa_node_id", arguments: [], result: int(i32) },
  getCurrentCgroupId: { helper: "get_current_cgroup_id", arguments: [], result: int(u64) },
  getCurrentAncestorCgroupId: {
    helper: "get_current_ancestor_cgroup_id",
    arguments: [arg(0, i32)],
    result: int(u64),
  },
  getCurrentPidTgid: { helper: "get_current_pid_tgid", arguments: [], result: int(u64) },
  getCurrentUidGid: { helper: "get_current_uid_gid", arguments: [], result: int(u64) },
} as const satisfies Record<string, HelperUse>;

const load: HelperUse = {
  helper: "skb_load_bytes",
  arguments: [self, arg(0, u32), { from: "output" }, size],
  result: { kind: "output" },
};
const pullData: HelperUse = {
  helper: "skb_pull_data",
  arguments: [self, arg(0, u32)],
  result: errno,
  movesPacket: true,
};
const changeTail: HelperUse = {
  helper: "skb_change_tail",
  arguments: [self, arg(0, u32), zero(u64)],
  result: errno,
  movesPacket: true,
};
const changeHead: HelperUse = {
  helper: "skb_change_head",
  arguments: [self, arg(0, u32), zero(u64)],
  result: errno,
  movesPacket: true,
};
const store: HelperUse = {
  helper: "skb_store_bytes",
  arguments: [self, arg(0, u32), { from: "value", parameter: 1 }, size, zero(u64)],
  result: errno,
  movesPacket: true,
};
const packetWriter = { load, store, pullData, changeTail, changeHead };
const skbSocket = {
  cgroupId: { helper: "skb_cgroup_id", arguments: [self], result: int(u64) },
  ancestorCgroupId: { helper: "skb_ancestor_cgroup_id", arguments: [self, arg(0, i32)], result: int(u64) },
  socketCookie: cookie,
  netnsCookie,
} as const satisfies Record<string, HelperUse>;
const sockAddr = {
  setsockopt,
  setRetval: { helper: "set_retval", arguments: [arg(0, i32)], result: errno },
  getRetval: { helper: "get_retval", arguments: [], result: errno },
  socketCookie: cookie,
  netnsCookie,
} as const satisfies Record<string, HelperUse>;
const messageRange = [self, arg(0, u32), arg(1, u32), flags(2)] as const;

/** Methods of the contexts. `header` and `data` are packet accesses of the language, not helpers, and so not here. */
export const contextMethods: Readonly<Record<ContextName, Readonly<Record<string, HelperUse>>>> = {
  SockOpsContext: {
    setCallbacks: { helper: "sock_ops_cb_flags_set", arguments: [self, arg(0, i32)], result: errno },
    sockHashUpdate: { helper: "sock_hash_update", arguments: hash, result: errno },
    sockMapUpdate: {
      helper: "sock_map_update",
      arguments: [
        self,
        { from: "map", parameter: 0, classes: ["SockMap"] },
        { from: "key", parameter: 1, map: 0 },
        flags(2),
      ],
      result: errno,
    },
    setsockopt,
    socketCookie: cookie,
    netnsCookie,
  },
  SkMsgContext: {
    pullData: { helper: "msg_pull_data", arguments: messageRange, result: errno, movesPacket: true },
    pushData: { helper: "msg_push_data", arguments: messageRange, result: errno, movesPacket: true },
    popData: { helper: "msg_pop_data", arguments: messageRange, result: errno, movesPacket: true },
    applyBytes: { helper: "msg_apply_bytes", arguments: [self, arg(0, u32)], result: errno },
    corkBytes: { helper: "msg_cork_bytes", arguments: [self, arg(0, u32)], result: errno },
    redirectHash: { helper: "msg_redirect_hash", arguments: hash, result: action("SkAction") },
    redirectMap: {
      helper: "msg_redirect_map",
      arguments: [self, { from: "map", parameter: 0, classes: ["SockMap"] }, arg(1, u32), flags(2)],
      result: action("SkAction"),
    },
    netnsCookie,
  },
  SkSkbContext: { ...packetWriter, socketCookie: cookie },
  SkSkbVerdictContext: {
    ...packetWriter,
    socketCookie: cookie,
    redirectHash: { helper: "sk_redirect_hash", arguments: hash, result: action("SkAction") },
    redirectMap: {
      helper: "sk_redirect_map",
      arguments: [self, { from: "map", parameter: 0, classes: ["SockMap"] }, arg(1, u32), flags(2)],
      result: action("SkAction"),
    },
  },
  Connect4Context: {
    ...sockAddr,
    bind: {
      helper: "bind",
      arguments: [self, { from: "socketAddress", family: 2, address: 0, port: 1 }],
      result: errno,
    },
  },
  Connect6Context: {
    ...sockAddr,
    bind: {
      helper: "bind",
      arguments: [self, { from: "socketAddress", family: 10, address: 0, port: 1 }],
      result: errno,
    },
  },
  // bpf_setsockopt wants the socket here, not the context (net/core/filter.c bpf_sk_setsockopt_proto).
  SetsockoptContext: {
    setRetval: sockAddr.setRetval,
    getRetval: sockAddr.getRetval,
    netnsCookie,
  },
  CgroupSkbContext: { load, ...skbSocket },
  XdpContext: {
    getBuffLen: { helper: "xdp_get_buff_len", arguments: [self], result: int(u32) },
    load: {
      helper: "xdp_load_bytes",
      arguments: [self, arg(0, u32), { from: "output" }, size],
      result: { kind: "output" },
    },
    store: {
      helper: "xdp_store_bytes",
      arguments: [self, arg(0, u32), { from: "value", parameter: 1 }, size],
      result: errno,
    },
    adjustHead: {
      helper: "xdp_adjust_head",
      arguments: [self, arg(0, i32)],
      result: errno,
      movesPacket: true,
    },
    adjustTail: {
      helper: "xdp_adjust_tail",
      arguments: [self, arg(0, i32)],
      result: errno,
      movesPacket: true,
    },
    redirect: { helper: "redirect", arguments: [arg(0, u32), zero(u64)], result: action("XdpAction") },
  },
  TcContext: {
    ...packetWriter,
    ...skbSocket,
    l3CsumReplace: {
      helper: "l3_csum_replace",
      arguments: [
        self,
        arg(0, u32),
        { from: "bits", parameter: 1 },
        { from: "bits", parameter: 2 },
        arg(3, u32),
      ],
      result: errno,
      movesPacket: true,
    },
    l4CsumReplace: {
      helper: "l4_csum_replace",
      arguments: [
        self,
        arg(0, u32),
        { from: "bits", parameter: 1 },
        { from: "bits", parameter: 2 },
        arg(3, u32),
      ],
      result: errno,
      movesPacket: true,
    },
    vlanPush: {
      helper: "skb_vlan_push",
      arguments: [self, arg(0, be16), arg(1, { kind: "int", bits: 16, signed: false })],
      result: errno,
      movesPacket: true,
    },
    vlanPop: { helper: "skb_vlan_pop", arguments: [self], result: errno, movesPacket: true },
    cloneRedirect: {
      helper: "clone_redirect",
      arguments: [self, arg(0, u32), flags(1)],
      result: errno,
      movesPacket: true,
    },
    redirect: { helper: "redirect", arguments: [arg(0, u32), flags(1)], result: action("TcAction") },
    redirectPeer: {
      helper: "redirect_peer",
      arguments: [arg(0, u32), zero(u64)],
      result: action("TcAction"),
    },
  },
};

const fullSock: HelperUse = {
  helper: "sk_fullsock",
  arguments: [self],
  result: { kind: "reference", struct: "Socket", nullable: true },
};
const tcpSock: HelperUse = {
  helper: "tcp_sock",
  arguments: [self],
  result: { kind: "reference", struct: "TcpSocket", nullable: true },
};
const listenerSock: HelperUse = {
  helper: "get_listener_sock",
  arguments: [self],
  result: { kind: "reference", struct: "Socket", nullable: true },
};

/** Methods of the kernel's structs. */
export const structMethods: Readonly<Record<KernelStructName, Readonly<Record<string, HelperUse>>>> = {
  Socket: { fullSock, tcpSock, listenerSock },
  SocketCommon: { fullSock, tcpSock, listenerSock },
  TcpSocket: {},
};

/** The address type of an IPv4 and an IPv6 `bind`, for the temporary that `socketAddress` makes. */
export const socketAddressTypes = { 2: be32, 10: be32, port: be16 } as const;
