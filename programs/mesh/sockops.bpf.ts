import {
  AddressFamily,
  atomics,
  max,
  ntohl,
  SockOp,
  SockOpsCallback,
  type SockOpsContext,
  sockOps,
  TcpState,
  u64,
} from "tsbpf/stdlib";
import { connections, type Half, halves, Role } from "./connection.bpf.ts";
import { type Endpoint, mapped } from "./endpoint.bpf.ts";
import { trafficOf } from "./metrics.bpf.ts";
import { enrol } from "./shortcut.bpf.ts";

function localEnd(ctx: SockOpsContext): Endpoint {
  if (ctx.family === AddressFamily.INET) return mapped(ctx.localIp4, ctx.localPort);
  const ip = ctx.localIp6;
  return { address: [ip[0], ip[1], ip[2], ip[3]], port: ctx.localPort };
}

function remoteEnd(ctx: SockOpsContext): Endpoint {
  const port = ntohl(ctx.remotePort);
  if (ctx.family === AddressFamily.INET) return mapped(ctx.remoteIp4, port);
  const ip = ctx.remoteIp6;
  return { address: [ip[0], ip[1], ip[2], ip[3]], port };
}

function halfOf(ctx: SockOpsContext): Half | undefined {
  const socket = ctx.sk;
  return socket ? halves.get(socket) : undefined;
}

/** The handshake is over. No payload has been sent or received, but for what the SYN itself carried. */
function established(ctx: SockOpsContext, half: Half): void {
  const client = half.role === Role.CLIENT;
  const clientSequence = half.key.sequence + 1;
  half.serverSequence = client ? ctx.rcvNxt : ctx.sndNxt;
  half.sentEnd = client ? clientSequence : half.serverSequence;
  half.receivedEnd = client ? half.serverSequence : clientSequence;
  half.established = true;
  const counters = trafficOf(half.workload, half.key.server, half.role);
  if (counters) atomics.add(counters, "opened", 1n);
  enrol(ctx, half);
}

function accepted(ctx: SockOpsContext): void {
  ctx.setCallbacks(SockOpsCallback.STATE_CB_FLAG | SockOpsCallback.RTT_CB_FLAG);
  const socket = ctx.sk;
  if (!socket) return;
  const half = halves.getOrCreate(socket);
  if (!half) return;
  half.role = Role.SERVER;
  half.key = { client: remoteEnd(ctx), server: localEnd(ctx), sequence: ctx.rcvNxt - 1 };
  established(ctx, half);
}

function connected(ctx: SockOpsContext): void {
  const half = halfOf(ctx);
  if (half) established(ctx, half);
}

function sampled(ctx: SockOpsContext): void {
  const half = halfOf(ctx);
  if (!half) return;
  const counters = trafficOf(half.workload, half.key.server, half.role);
  if (!counters) return;
  const rtt = u64(ctx.srttUs >> 3);
  atomics.add(counters, "rttSamples", 1n);
  atomics.add(counters, "rttTotalUs", rtt);
  counters.rttMaxUs = max(counters.rttMaxUs, rtt);
}

function closed(ctx: SockOpsContext): void {
  const half = halfOf(ctx);
  if (!half) return;
  const counters = trafficOf(half.workload, half.key.server, half.role);
  if (counters) {
    if (half.established) atomics.add(counters, "closed", 1n);
    else atomics.add(counters, "failed", 1n);
  }
  // The other end, where it still sends, finds no connection and goes on over TCP.
  connections.delete(half.key);
}

export const sockops = sockOps((ctx) => {
  switch (ctx.op) {
    case SockOp.TCP_CONNECT_CB:
      ctx.setCallbacks(SockOpsCallback.STATE_CB_FLAG | SockOpsCallback.RTT_CB_FLAG);
      break;
    case SockOp.ACTIVE_ESTABLISHED_CB:
      connected(ctx);
      break;
    case SockOp.PASSIVE_ESTABLISHED_CB:
      accepted(ctx);
      break;
    case SockOp.RTT_CB:
      sampled(ctx);
      break;
    case SockOp.STATE_CB:
      if (ctx.newState === TcpState.CLOSE) closed(ctx);
      break;
  }
});
