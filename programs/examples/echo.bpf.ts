// An echo server whose process never sees a byte: what arrives at its connections is sent back in the kernel. Shows two programs that
// work together through a map of sockets.
//
//   tsbpf load programs/examples/echo.bpf.ts --set port=7007 \
//     --attach enrol=cgroup:/sys/fs/cgroup/demo --attach reply=sockmap:connections

import { type be32, constant, SockHash, SockOp, skSkb, sockOps, type u32 } from "tsbpf/stdlib";

export const port = constant<u32>(7);

/** A connection of the server, as the server sees it. */
export interface Peer {
  address: be32;
  /** In network order, in the upper half, as the kernel keeps it. */
  port: be32;
}

export const connections = new SockHash<Peer>({ maxEntries: 1024 });

/** Puts each connection that the server accepts into the map. Only what arrives afterwards is echoed. */
export const enrol = sockOps((ctx) => {
  if (ctx.op !== SockOp.PASSIVE_ESTABLISHED_CB || ctx.localPort !== port) return;
  const error = ctx.sockHashUpdate(connections, { address: ctx.remoteIp4, port: ctx.remotePort });
  if (error !== 0) console.warn(`connection with ${ctx.remoteIp4} is not echoed: ${error}`);
});

/** Runs on what arrives at a connection in the map, and sends it to the connection's own peer. */
export const reply = skSkb.verdict((skb) => {
  const peer: Peer = { address: skb.remoteIp4, port: skb.remotePort };
  return skb.redirectHash(connections, peer);
});
