import type { FixedArray } from "./fixed-array.js";
import type { SockHash, SockMap } from "./maps.js";
import type { Program } from "./program.js";
import type { Socket } from "./sockets.js";
import type { be32, i32, u32, u64 } from "./types.js";
import type { AddressFamily, MapUpdate, SockOp, SockOpsCallback, TcpState } from "./uapi.js";

/** What every operation has (`struct bpf_sock_ops`). The fields of TCP's state are 0 unless `isFullsock` is 1. */
export interface SockOpsCommon {
  readonly family: AddressFamily;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** Network order: `ntohl(ctx.remotePort)` is the port. */
  readonly remotePort: be32;
  /** Host order. */
  readonly localPort: u32;
  readonly isFullsock: u32;
  readonly sndCwnd: u32;
  /** Smoothed round trip, in units of 1/8 µs. */
  readonly srttUs: u32;
  /** The `SockOpsCallback` bits that are set. */
  readonly bpfSockOpsCbFlags: u32;
  readonly state: TcpState;
  readonly rttMin: u32;
  readonly sndSsthresh: u32;
  readonly rcvNxt: u32;
  readonly sndNxt: u32;
  readonly sndUna: u32;
  readonly mssCache: u32;
  readonly ecnFlags: u32;
  readonly rateDelivered: u32;
  readonly rateIntervalUs: u32;
  readonly packetsOut: u32;
  readonly retransOut: u32;
  readonly totalRetrans: u32;
  readonly segsIn: u32;
  readonly dataSegsIn: u32;
  readonly segsOut: u32;
  readonly dataSegsOut: u32;
  readonly lostOut: u32;
  readonly sackedOut: u32;
  skTxhash: u32;
  readonly bytesReceived: u64;
  readonly bytesAcked: u64;
  /** `undefined` unless it is a full socket. */
  readonly sk: Socket | undefined;
  /** Chooses which optional operations this connection calls for, all of them at once: 0, or the bits the kernel does not know. */
  setCallbacks(flags: SockOpsCallback): i32;
  /** Puts the socket into the map: 0, or a negative errno. */
  sockHashUpdate<K>(map: SockHash<K>, key: K, flags?: MapUpdate): i32;
  /** Puts the socket into the map: 0, or a negative errno. */
  sockMapUpdate(map: SockMap, index: u32, flags?: MapUpdate): i32;
  /** 0, or a negative errno. `value` is what setsockopt(2) would be given. */
  setsockopt<T>(level: i32, option: i32, value: T): i32;
  /** A number of the socket that no other gets. */
  socketCookie(): u64;
  /** A number of the network namespace that no other gets. Linux 5.15. */
  netnsCookie(): u64;
}

/** Operations that ask for a number: `reply` is the answer, and 0 leaves the kernel's default. */
export interface SockOpsReply extends SockOpsCommon {
  readonly op: SockOp.TIMEOUT_INIT | SockOp.RWND_INIT | SockOp.NEEDS_ECN | SockOp.BASE_RTT;
  reply: u32;
}

/** The connection's stages. */
export interface SockOpsConnection extends SockOpsCommon {
  readonly op:
    | SockOp.TCP_CONNECT_CB
    | SockOp.ACTIVE_ESTABLISHED_CB
    | SockOp.PASSIVE_ESTABLISHED_CB
    | SockOp.TCP_LISTEN_CB;
}

/** A change of TCP state. Called for with `SockOpsCallback.STATE_CB_FLAG`. */
export interface SockOpsState extends SockOpsCommon {
  readonly op: SockOp.STATE_CB;
  readonly args: FixedArray<u32, 4>;
  /** `args[0]`. */
  readonly oldState: TcpState;
  /** `args[1]`. */
  readonly newState: TcpState;
}

/** Operations with arguments, as the kernel's `BPF_SOCK_OPS_…` comments number them. Called for with `SockOpsCallback`. */
export interface SockOpsArguments extends SockOpsCommon {
  readonly op:
    | SockOp.RTO_CB
    | SockOp.RETRANS_CB
    | SockOp.RTT_CB
    | SockOp.PARSE_HDR_OPT_CB
    | SockOp.HDR_OPT_LEN_CB
    | SockOp.WRITE_HDR_OPT_CB;
  readonly args: FixedArray<u32, 4>;
}

/** Transmit timestamps of a socket that asked for them with `SK_BPF_CB_FLAGS`. Linux 6.15. */
export interface SockOpsTimestamp extends SockOpsCommon {
  readonly op:
    | SockOp.TSTAMP_SCHED_CB
    | SockOp.TSTAMP_SND_SW_CB
    | SockOp.TSTAMP_SND_HW_CB
    | SockOp.TSTAMP_ACK_CB
    | SockOp.TSTAMP_SENDMSG_CB;
}

/** `switch (ctx.op)` narrows it. */
export type SockOpsContext =
  | SockOpsReply
  | SockOpsConnection
  | SockOpsState
  | SockOpsArguments
  | SockOpsTimestamp;

/**
 * Runs at the turning points of the TCP connections of a cgroup (section `sockops`). It decides nothing, so it returns nothing.
 * https://docs.kernel.org/bpf/libbpf/program_types.html, kernel: `include/net/tcp.h`, `tcp_call_bpf`.
 */
export declare function sockOps(program: (ctx: SockOpsContext) => void): Program<"sockOps">;
