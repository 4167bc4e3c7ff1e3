// Contexts: which fields of which kernel struct each DSL context interface shows, with what type, and which may be written.
// Sources: the `*_is_valid_access` functions of net/core/filter.c; they decide what the verifier accepts.

import type { IntType } from "../ir/types.ts";
import { be16, be32, i32, u32, u64 } from "./ints.ts";
import { camelCase, type KernelStructName } from "./structs.ts";
import { type UapiStruct, uapiStructs } from "./uapi.gen.ts";
import type { KernelVersion } from "./version.ts";

export interface ContextField {
  /** The DSL's name. */
  readonly name: string;
  /** The kernel's name: what `contextLoad.field` carries. */
  readonly kernel: string;
  /**
   * The type of the value. The struct's member may be wider (`user_port` is 32 bits that hold a be16, zero-extended): loads and stores have the
   * member's width. For a reference: the struct that it points to, kernel memory, not writable.
   */
  readonly type:
    | IntType
    | { readonly kind: "reference"; readonly struct: KernelStructName; readonly nullable: boolean };
  /** The stdlib enum that the DSL types the field with. */
  readonly enum?: string;
  /** The DSL shows a `FixedArray` of so many elements. Only constant indices. */
  readonly length?: number;
  /** The DSL's field is this element of the kernel's array. */
  readonly index?: number;
  readonly writable: boolean;
  readonly since?: KernelVersion;
}

export interface Context {
  /** The interface in `tsbpf/stdlib`, or the type alias of a union of them. */
  readonly name: string;
  readonly struct: UapiStruct;
  /** By the DSL's name. */
  readonly fields: ReadonlyMap<string, ContextField>;
  /** How to reach the packet: members of the struct that hold its first byte and the first one behind it, and whether it may be written. */
  readonly packet?: { readonly data: string; readonly end: string; readonly writable: boolean };
}

type FieldDetails = Partial<Omit<ContextField, "kernel">>;

function context(
  name: string,
  struct: UapiStruct,
  fields: Readonly<Record<string, FieldDetails>>,
  packet?: Context["packet"],
): Context {
  const byName = new Map<string, ContextField>();
  for (const [key, details] of Object.entries(fields)) {
    const [kernel = key] = key.split(":");
    const member = struct.fields.find((field) => field.name === kernel);
    if (member === undefined) throw new Error(`struct ${struct.name} has no ${kernel}`);
    const wide = member.size / (member.length ?? 1) === 8;
    const field: ContextField = {
      name: camelCase(kernel),
      kernel,
      type: wide ? u64 : u32,
      writable: false,
      ...(member.length !== undefined && details.index === undefined ? { length: member.length } : {}),
      ...details,
    };
    byName.set(field.name, field);
  }
  return { name, struct, fields: byName, ...(packet === undefined ? {} : { packet }) };
}

const plain: FieldDetails = {};
const writable: FieldDetails = { writable: true };
const port: FieldDetails = { type: be16 };
const address: FieldDetails = { type: be32 };
const family: FieldDetails = { enum: "AddressFamily" };
const socket = (struct: KernelStructName, nullable: boolean): FieldDetails => ({
  type: { kind: "reference", struct, nullable },
});

/** The connection's addresses. `remote_port` holds the port in network order in the upper half: as a be32 it is the port. */
const addresses = {
  family,
  remote_ip4: address,
  local_ip4: address,
  remote_ip6: address,
  local_ip6: address,
  remote_port: address,
  local_port: plain,
};

const sockOps = context("SockOpsContext", uapiStructs.bpf_sock_ops, {
  op: { enum: "SockOp" },
  args: plain,
  "args:old": { name: "oldState", index: 0, enum: "TcpState" },
  "args:new": { name: "newState", index: 1, enum: "TcpState" },
  reply: writable,
  ...addresses,
  is_fullsock: plain,
  snd_cwnd: plain,
  srtt_us: plain,
  bpf_sock_ops_cb_flags: plain,
  state: { enum: "TcpState" },
  rtt_min: plain,
  snd_ssthresh: plain,
  rcv_nxt: plain,
  snd_nxt: plain,
  snd_una: plain,
  mss_cache: plain,
  ecn_flags: plain,
  rate_delivered: plain,
  rate_interval_us: plain,
  packets_out: plain,
  retrans_out: plain,
  total_retrans: plain,
  segs_in: plain,
  data_segs_in: plain,
  segs_out: plain,
  data_segs_out: plain,
  lost_out: plain,
  sacked_out: plain,
  sk_txhash: writable,
  bytes_received: plain,
  bytes_acked: plain,
  sk: socket("Socket", true),
});

const skMsg = context(
  "SkMsgContext",
  uapiStructs.sk_msg_md,
  { ...addresses, size: plain, sk: socket("Socket", false) },
  { data: "data", end: "data_end", writable: true },
);

const skSkbFields = {
  len: plain,
  protocol: port,
  ifindex: plain,
  ingress_ifindex: plain,
  ...addresses,
  priority: writable,
  tc_index: writable,
  sk: socket("SocketCommon", true),
};
const skbPacket = { data: "data", end: "data_end", writable: true };

const sockAddr = {
  user_family: family,
  family,
  type: { enum: "SocketType" },
  protocol: { enum: "IpProtocol" },
  sk: socket("Socket", false),
};

/** What `cgroup.skb*` and `tc` have in common. */
const skb = {
  len: plain,
  pkt_type: plain,
  mark: writable,
  queue_mapping: plain,
  protocol: port,
  vlan_present: plain,
  vlan_tci: plain,
  vlan_proto: port,
  priority: writable,
  ingress_ifindex: plain,
  ifindex: plain,
  tc_index: plain,
  cb: writable,
  hash: plain,
  napi_id: plain,
  tstamp: writable,
  gso_segs: plain,
  gso_size: plain,
  sk: socket("SocketCommon", true),
};

export const contexts = {
  SockOpsContext: sockOps,
  SkMsgContext: skMsg,
  SkSkbContext: context("SkSkbContext", uapiStructs.__sk_buff, skSkbFields, skbPacket),
  SkSkbVerdictContext: context("SkSkbVerdictContext", uapiStructs.__sk_buff, skSkbFields, skbPacket),
  Connect4Context: context("Connect4Context", uapiStructs.bpf_sock_addr, {
    ...sockAddr,
    user_ip4: { type: be32, writable: true },
    user_port: { type: be16, writable: true },
  }),
  Connect6Context: context("Connect6Context", uapiStructs.bpf_sock_addr, {
    ...sockAddr,
    user_ip6: { type: be32, writable: true },
    user_port: { type: be16, writable: true },
  }),
  // kernel/bpf/cgroup.c cg_sockopt_is_valid_access(). The option's value is not shown yet: only what is set and on which socket.
  SetsockoptContext: context("SetsockoptContext", uapiStructs.bpf_sockopt, {
    sk: socket("Socket", false),
    level: { type: i32, enum: "SocketLevel", writable: true },
    optname: { type: i32, writable: true },
    optlen: { type: i32, writable: true },
  }),
  CgroupSkbContext: context(
    "CgroupSkbContext",
    uapiStructs.__sk_buff,
    { ...skb, ...addresses },
    { data: "data", end: "data_end", writable: false },
  ),
  XdpContext: context(
    "XdpContext",
    uapiStructs.xdp_md,
    { ingress_ifindex: plain, rx_queue_index: plain },
    { data: "data", end: "data_end", writable: true },
  ),
  TcContext: context(
    "TcContext",
    uapiStructs.__sk_buff,
    { ...skb, queue_mapping: writable, tc_index: writable, tc_classid: writable, wire_len: plain },
    skbPacket,
  ),
} as const satisfies Record<string, Context>;

export type ContextName = keyof typeof contexts;
