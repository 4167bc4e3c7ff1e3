// Counts the TCP connections of a cgroup by the peer's IPv4 address. Shows a program, a map and narrowing by operation.
//
//   tsbpf load programs/examples/count-connections.bpf.ts --attach count=cgroup:/sys/fs/cgroup/demo

import { AddressFamily, atomics, type be32, HashMap, SockOp, sockOps, type u64 } from "tsbpf/stdlib";

/** Peer address to number of connections. User space reads it while the program runs. */
export const connections = new HashMap<be32, u64>({ maxEntries: 1024 });

export const count = sockOps((ctx) => {
  switch (ctx.op) {
    case SockOp.ACTIVE_ESTABLISHED_CB:
    case SockOp.PASSIVE_ESTABLISHED_CB: {
      if (ctx.family !== AddressFamily.INET) return;
      // `ref` is the place in the map, so that CPUs add to one number.
      const known = connections.ref(ctx.remoteIp4);
      if (known) atomics.add(known, "value", 1n);
      else connections.set(ctx.remoteIp4, 1n);
      console.log(`connection ${ctx.localPort} with ${ctx.remoteIp4}`);
    }
  }
});
