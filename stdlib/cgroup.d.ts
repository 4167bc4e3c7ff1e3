import type { FixedArray } from "./fixed-array.js";
import type { PacketReader, ReadonlyHeaders } from "./packet.js";
import type { Program } from "./program.js";
import type { Socket, SocketCommon } from "./sockets.js";
import type { be16, be32, i32, u32, u64 } from "./types.js";
import type { AddressFamily, IpProtocol, SkbEgressAction, SocketLevel, SocketType } from "./uapi.js";

/** The address that a task of the cgroup gave to a system call (`struct bpf_sock_addr`). */
export interface SockAddrCommon {
  /** The family of the address. */
  readonly userFamily: AddressFamily;
  /** The family of the socket. */
  readonly family: AddressFamily;
  readonly type: SocketType;
  readonly protocol: IpProtocol;
  readonly sk: Socket;
  /** 0, or a negative errno. `value` is what setsockopt(2) would be given. Linux 5.8. */
  setsockopt<T>(level: i32, option: i32, value: T): i32;
  /** What the system call returns where the program refuses, such as `-Errno.ECONNREFUSED`; -EPERM otherwise. Linux 5.18. */
  setRetval(retval: i32): i32;
  /** What the system call would return now. Linux 5.18. */
  getRetval(): i32;
  /** A number of the socket that no other gets. */
  socketCookie(): u64;
  /** A number of the network namespace that no other gets. */
  netnsCookie(): u64;
}

export interface Connect4Context extends SockAddrCommon {
  userIp4: be32;
  userPort: be16;
  /** Binds the socket to a local address before it connects; port 0 leaves the port to the kernel. 0, or a negative errno. */
  bind(address: be32, port: be16): i32;
}

export interface Connect6Context extends SockAddrCommon {
  userIp6: FixedArray<be32, 4>;
  userPort: be16;
  /** Binds the socket to a local address before it connects; port 0 leaves the port to the kernel. 0, or a negative errno. */
  bind(address: FixedArray<be32, 4>, port: be16): i32;
}

/** A socket option that a task of the cgroup sets (`struct bpf_sockopt`). */
export interface SetsockoptContext {
  readonly sk: Socket;
  level: SocketLevel;
  /** A `SocketOption` at `SocketLevel.SOCKET`, a `TcpOption` at `SocketLevel.TCP`. */
  optname: i32;
  /** The length of the value in bytes. -1 makes setsockopt(2) succeed without having set anything. */
  optlen: i32;
  /** What setsockopt(2) returns where the program refuses, such as `-Errno.ENOPROTOOPT`; -EPERM otherwise. Linux 5.18. */
  setRetval(retval: i32): i32;
  /** What setsockopt(2) would return now. Linux 5.18. */
  getRetval(): i32;
  /** A number of the network namespace that no other gets. Linux 5.15. */
  netnsCookie(): u64;
}

/** A packet from or to a socket of the cgroup (`struct __sk_buff`). It begins with the IP header. */
export interface CgroupSkbContext extends PacketReader, ReadonlyHeaders {
  /** In bytes, from the IP header on. */
  readonly len: u32;
  readonly pktType: u32;
  mark: u32;
  readonly queueMapping: u32;
  readonly protocol: be16;
  readonly vlanPresent: u32;
  readonly vlanTci: u32;
  readonly vlanProto: be16;
  priority: u32;
  readonly ingressIfindex: u32;
  readonly ifindex: u32;
  readonly tcIndex: u32;
  cb: FixedArray<u32, 5>;
  readonly hash: u32;
  readonly napiId: u32;
  readonly family: AddressFamily;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** Network order: `ntohl(skb.remotePort)` is the port. */
  readonly remotePort: be32;
  /** Host order. */
  readonly localPort: u32;
  tstamp: u64;
  /** Segments of an aggregated packet. */
  readonly gsoSegs: u32;
  readonly gsoSize: u32;
  readonly sk: SocketCommon | undefined;
  /** The cgroup v2 id of the packet's socket. */
  cgroupId(): u64;
  /** The id of that cgroup's ancestor at `level` (the root is 0). */
  ancestorCgroupId(level: i32): u64;
  /** A number of the packet's socket that no other gets. */
  socketCookie(): u64;
  /** A number of the network namespace that no other gets. Linux 6.15. */
  netnsCookie(): u64;
}

export declare namespace cgroup {
  /** Runs when a task of the cgroup connects an IPv4 socket; `false` refuses (section `cgroup/connect4`). */
  function connect4(program: (ctx: Connect4Context) => boolean): Program<"cgroup.connect4">;
  /** Runs when a task of the cgroup connects an IPv6 socket, to a v4-mapped address too; `false` refuses (section `cgroup/connect6`). */
  function connect6(program: (ctx: Connect6Context) => boolean): Program<"cgroup.connect6">;
  /** Runs when a task of the cgroup sets an option of a socket; `false` refuses (section `cgroup/setsockopt`). */
  function setsockopt(program: (ctx: SetsockoptContext) => boolean): Program<"cgroup.setsockopt">;
  /** Runs on each packet for a socket of the cgroup; `false` drops it (section `cgroup_skb/ingress`). */
  function skbIngress(program: (skb: CgroupSkbContext) => boolean): Program<"cgroup.skbIngress">;
  /** Runs on each packet from a socket of the cgroup (section `cgroup_skb/egress`). */
  function skbEgress(program: (skb: CgroupSkbContext) => SkbEgressAction): Program<"cgroup.skbEgress">;
}
