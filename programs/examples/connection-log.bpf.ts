// Sends user space a record for each TCP connection of a cgroup that ends. Shows a ring buffer, `using`, and how a program asks for the
// operations it wants.
//
//   tsbpf load programs/examples/connection-log.bpf.ts --attach log=cgroup:/sys/fs/cgroup/demo

import {
  AddressFamily,
  type be32,
  ktimeGetNs,
  ntohl,
  RingBuffer,
  SkStorage,
  SockOp,
  SockOpsCallback,
  sockOps,
  TcpState,
  u16,
  type u64,
} from "tsbpf/stdlib";

export interface Closed {
  remoteIp4: be32;
  remotePort: u16;
  localPort: u16;
  /** How long the connection was established, in nanoseconds. */
  durationNs: u64;
  bytesReceived: u64;
  bytesAcked: u64;
}

export const closed = new RingBuffer<Closed>({ maxEntries: 256 * 1024 });

interface Lifetime {
  establishedNs: u64;
}

/** Lives in the socket and goes with it. */
export const lifetimes = new SkStorage<Lifetime>();

/** Records that found the buffer full: none is lost in silence. */
export let lost: u64 = 0n;

export const log = sockOps((ctx) => {
  switch (ctx.op) {
    case SockOp.ACTIVE_ESTABLISHED_CB:
    case SockOp.PASSIVE_ESTABLISHED_CB: {
      if (ctx.family !== AddressFamily.INET || !ctx.sk) return;
      const lifetime = lifetimes.getOrCreate(ctx.sk);
      if (!lifetime) return;
      lifetime.establishedNs = ktimeGetNs();
      ctx.setCallbacks(SockOpsCallback.STATE_CB_FLAG);
      return;
    }
    case SockOp.STATE_CB: {
      if (ctx.newState !== TcpState.CLOSE || !ctx.sk) return;
      const lifetime = lifetimes.get(ctx.sk);
      if (!lifetime) return;
      using event = closed.reserve();
      if (!event) {
        lost += 1n;
        return;
      }
      event.record.remoteIp4 = ctx.remoteIp4;
      event.record.remotePort = u16(ntohl(ctx.remotePort));
      event.record.localPort = u16(ctx.localPort);
      event.record.durationNs = ktimeGetNs() - lifetime.establishedNs;
      event.record.bytesReceived = ctx.bytesReceived;
      event.record.bytesAcked = ctx.bytesAcked;
      event.submit();
    }
  }
});
