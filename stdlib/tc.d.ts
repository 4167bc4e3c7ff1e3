import type { FixedArray } from "./fixed-array.js";
import type { PacketReader, PacketWriter, WritableHeaders } from "./packet.js";
import type { Program } from "./program.js";
import type { SocketCommon } from "./sockets.js";
import type { be16, be32, i32, u16, u32, u64 } from "./types.js";
import type { RedirectFlags, TcAction } from "./uapi.js";

/** A packet at a network device's ingress or egress (`struct __sk_buff`). It begins with the link-layer header. */
export interface TcContext extends PacketReader, WritableHeaders, PacketWriter {
  /** In bytes. */
  readonly len: u32;
  readonly pktType: u32;
  mark: u32;
  queueMapping: u32;
  readonly protocol: be16;
  readonly vlanPresent: u32;
  readonly vlanTci: u32;
  readonly vlanProto: be16;
  priority: u32;
  readonly ingressIfindex: u32;
  readonly ifindex: u32;
  tcIndex: u32;
  cb: FixedArray<u32, 5>;
  readonly hash: u32;
  tcClassid: u32;
  readonly napiId: u32;
  tstamp: u64;
  readonly wireLen: u32;
  /** Segments of an aggregated packet. */
  readonly gsoSegs: u32;
  readonly gsoSize: u32;
  readonly sk: SocketCommon | undefined;
  /** Replaces a checksum over the IPv4 header at `offset` for a field that changed; `flags` is the field's size, 2 or 4. Ends earlier references. */
  l3CsumReplace(offset: u32, from: be16 | be32 | u64, to: be16 | be32 | u64, flags: u32): i32;
  /** Replaces a checksum of TCP or UDP at `offset` for a field that changed; `flags` is the field's size, 2 or 4, and `ChecksumFlags`. Ends earlier references. */
  l4CsumReplace(offset: u32, from: be16 | be32 | u64, to: be16 | be32 | u64, flags: u32): i32;
  /** Pushes a VLAN tag. Ends earlier references. 0, or a negative errno. */
  vlanPush(protocol: be16, tci: u16): i32;
  /** Pops a VLAN tag. Ends earlier references. 0, or a negative errno. */
  vlanPop(): i32;
  /** Sends a copy out of another device (or, with `INGRESS`, into it). Ends earlier references. 0, or a negative errno. */
  cloneRedirect(ifindex: u32, flags?: RedirectFlags): i32;
  /** Sends the packet out of another device (or, with `INGRESS`, into it): return what it returns. */
  redirect(ifindex: u32, flags?: RedirectFlags): TcAction;
  /** Moves the packet to the peer of a veth pair in another namespace: return what it returns. Ingress only. Linux 5.10. */
  redirectPeer(ifindex: u32): TcAction;
  /** The cgroup v2 id of the packet's socket; 0 without one. */
  cgroupId(): u64;
  /** The id of that cgroup's ancestor at `level` (the root is 0). */
  ancestorCgroupId(level: i32): u64;
  /** A number of the packet's socket that no other gets; 0 without one. */
  socketCookie(): u64;
  /** A number of the network namespace that no other gets. Linux 6.13. */
  netnsCookie(): u64;
}

/** Runs on each packet at a network device's ingress or egress (section `tc`; attached by tcx or clsact). */
export declare function tc(program: (packet: TcContext) => TcAction): Program<"tc">;
