// Keeps the shortest and the longest round trip of each TCP connection, in the socket itself. Shows socket storage and references to the
// kernel's own structs.
//
//   tsbpf load programs/examples/rtt.bpf.ts --attach measure=cgroup:/sys/fs/cgroup/demo

import { SkStorage, SockOp, SockOpsCallback, sockOps, type u32 } from "tsbpf/stdlib";

export interface RoundTrips {
  /** How many round trips were measured. */
  samples: u32;
  /** In microseconds, smoothed as TCP smooths it. */
  shortestUs: u32;
  longestUs: u32;
}

/** User space reads a connection's value by the socket's file descriptor. */
export const roundTrips = new SkStorage<RoundTrips>();

export const measure = sockOps((ctx) => {
  switch (ctx.op) {
    case SockOp.ACTIVE_ESTABLISHED_CB:
    case SockOp.PASSIVE_ESTABLISHED_CB:
      ctx.setCallbacks(SockOpsCallback.RTT_CB_FLAG);
      return;
    case SockOp.RTT_CB: {
      const socket = ctx.sk;
      if (!socket) return;
      const tcp = socket.tcpSock();
      if (!tcp) return;
      const entry = roundTrips.getOrCreate(socket);
      if (!entry) return;
      // The kernel counts in eighths of a microsecond.
      const smoothed = tcp.srttUs >>> 3;
      if (entry.samples === 0 || smoothed < entry.shortestUs) entry.shortestUs = smoothed;
      if (smoothed > entry.longestUs) entry.longestUs = smoothed;
      entry.samples += 1;
    }
  }
});
