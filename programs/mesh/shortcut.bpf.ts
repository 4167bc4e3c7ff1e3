import {
  ArrayMap,
  cgroup,
  constant,
  Errno,
  MapUpdate,
  MsgFlags,
  minKernel,
  SkAction,
  SocketLevel,
  SocketOption,
  SockHash,
  type SockOpsContext,
  skMsg,
  skSkb,
  type u32,
  u64,
} from "tsbpf/stdlib";
import { type ConnectionKey, connections, type Half, halves, Path, Role } from "./connection.bpf.ts";
import { countRedirected } from "./metrics.bpf.ts";

// Earlier kernels let go of a socket in `unhash` and not in `destroy` (net/core/sock_map.c): when both sides had closed, what was not read was lost.
minKernel("6.1");

// Socket-to-socket delivery between two ends on one machine: what one writes is put into the other's receive queue and never becomes a
// packet. The stream stays what TCP would have made it, because
// - both ends are enrolled when the handshake ends, before either can have data queued that a redirect would overtake;
// - each end decides once, at its first message, and a decision for TCP is final;
// - what TCP's window would have held back is held back by a budget.

export interface ShortcutSettings {
  enabled: boolean;
  /** Bytes that an end may redirect while the other has not written: beyond, it is likely not being read, and TCP knows how to wait. */
  budget: u64;
  /** Bytes that an end may redirect in a connection's life: what a reader can pile up that writes but never reads. */
  limit: u64;
}

export const shortcutSettings = constant<ShortcutSettings>({
  enabled: true,
  budget: 262144n,
  limit: 67108864n,
});

export interface ShortcutState {
  /** Everything goes over TCP from now on: what is still to be read was redirected before. */
  paused: boolean;
}

export const shortcutState = new ArrayMap<ShortcutState>({ maxEntries: 1 });

/** One end of one connection. With both ends' sequence numbers no other socket can have the key, in whatever namespace it is. */
export interface SocketKey {
  connection: ConnectionKey;
  serverSequence: u32;
  role: Role;
}

export const sockets = new SockHash<SocketKey>({ maxEntries: 32768 });

/** Makes an end reachable for the other one, where both are in the mesh. */
export function enrol(ctx: SockOpsContext, half: Half): void {
  if (!shortcutSettings.enabled) return;
  const connection = connections.get(half.key);
  if (!connection?.local || connection.early || connection.ambiguous || half.lowWater) return;
  const key: SocketKey = { connection: half.key, serverSequence: half.serverSequence, role: half.role };
  half.enrolled = ctx.sockHashUpdate(sockets, key, MapUpdate.NOEXIST) === 0;
}

export const shortcut = skMsg((msg) => {
  const half = halves.get(msg.sk);
  if (!half) return SkAction.PASS;
  const connection = connections.get(half.key);
  if (!connection) {
    half.path = Path.TCP;
    return SkAction.PASS;
  }
  const state = shortcutState.get(0);
  if (!state || state.paused) half.path = Path.TCP;
  const client = half.role === Role.CLIENT;
  const own = client ? connection.client : connection.server;
  const other = client ? connection.server : connection.client;
  // Who writes has most likely read what it answers.
  other.outstanding = 0n;
  if (half.path === Path.TCP) return SkAction.PASS;

  const size = u64(msg.size);
  const outstanding = own.outstanding + size;
  const redirected = own.redirected + size;
  const peer: SocketKey = {
    connection: half.key,
    serverSequence: half.serverSequence,
    role: client ? Role.SERVER : Role.CLIENT,
  };
  if (
    outstanding > shortcutSettings.budget ||
    redirected > shortcutSettings.limit ||
    msg.redirectHash(sockets, peer, MsgFlags.INGRESS) !== SkAction.PASS
  ) {
    half.path = Path.TCP;
    return SkAction.PASS;
  }
  half.path = Path.REDIRECT;
  own.outstanding = outstanding;
  own.redirected = redirected;
  countRedirected(half, other.workload, size);
  return SkAction.PASS;
});

/**
 * FIONREAD on an enrolled socket knows only what is in its sockmap queue (net/ipv4/tcp_bpf.c, tcp_bpf_ioctl). A verdict program, even one that
 * passes everything, makes what comes over TCP go through that queue too; without it FIONREAD says 0, and nginx, Java and .NET wait.
 */
export const unread = skSkb.verdict(() => SkAction.PASS);

/**
 * An enrolled socket returns from a blocking read below its SO_RCVLOWAT, and then even with EAGAIN (net/ipv4/tcp_bpf.c knows no such mark). Who
 * sets it before the connection is made is not enrolled; who does it later is told that it cannot be changed, as Linux says of SO_SNDLOWAT.
 */
export const lowWater = cgroup.setsockopt((ctx) => {
  if (ctx.level !== SocketLevel.SOCKET || ctx.optname !== SocketOption.RCVLOWAT) return true;
  const half = halves.getOrCreate(ctx.sk);
  if (!half) return true;
  if (half.enrolled) {
    ctx.setRetval(-Errno.ENOPROTOOPT);
    return false;
  }
  half.lowWater = true;
  return true;
});
