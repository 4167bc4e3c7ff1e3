import type { FixedArray } from "./fixed-array.js";
import type { be16, be32, i32, u32, u64 } from "./types.js";
import type { AddressFamily, IpProtocol, SocketType, TcpState } from "./uapi.js";

/** What every socket has, also a request or time-wait socket (`struct bpf_sock` reached as `sock_common`). */
export interface SocketCommon {
  readonly boundDevIf: u32;
  readonly family: AddressFamily;
  readonly srcIp4: be32;
  readonly srcIp6: FixedArray<be32, 4>;
  /** Host order. */
  readonly srcPort: u32;
  readonly dstPort: be16;
  readonly dstIp4: be32;
  readonly dstIp6: FixedArray<be32, 4>;
  readonly state: TcpState;
  /** -1 where no receive queue is recorded. */
  readonly rxQueueMapping: i32;
  /** The full socket; `undefined` for a request or time-wait socket. `cgroup.skb*` and `tc`. */
  fullSock(): Socket | undefined;
  /** TCP's own numbers; `undefined` where it is no full TCP socket. `sockOps`, `cgroup.skb*` and `tc`. */
  tcpSock(): TcpSocket | undefined;
  /** The listener that a request socket belongs to, or the socket itself where it listens. `cgroup.skb*` and `tc`. */
  listenerSock(): Socket | undefined;
}

/** A full socket (`struct bpf_sock`). */
export interface Socket extends SocketCommon {
  readonly type: SocketType;
  readonly protocol: IpProtocol;
  readonly mark: u32;
  readonly priority: u32;
}

/** `struct bpf_tcp_sock`. Times are microseconds. */
export interface TcpSocket {
  readonly sndCwnd: u32;
  /** Smoothed round trip, in units of 1/8 µs. */
  readonly srttUs: u32;
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
  readonly bytesReceived: u64;
  readonly bytesAcked: u64;
  readonly dsackDups: u32;
  readonly delivered: u32;
  readonly deliveredCe: u32;
  readonly icskRetransmits: u32;
}
