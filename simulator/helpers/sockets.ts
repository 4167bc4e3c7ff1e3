import { SimulatedContext } from "../context.ts";
import { EINVAL, EOPNOTSUPP } from "../errno.ts";
import type { SkStorageStorage, SocketStorage } from "../maps/sockets.ts";
import { box, type Pointer } from "../memory.ts";
import { type SimulatedSocket, SocketPointer } from "../socket.ts";
import type { HelperFactory } from "./helper.ts";

/** BPF_SK_STORAGE_GET_F_CREATE (include/uapi/linux/bpf.h). */
const CREATE = 1n;
/** SK_DROP, SK_PASS. */
const DROP = 0;
const PASS = 1;

function socketOf(given: SimulatedContext | Pointer | null): SimulatedSocket | undefined {
  if (given instanceof SimulatedContext) return given.socket;
  return given instanceof SocketPointer ? given.socket : undefined;
}

/** Sockets: what they are, what is kept for them, and where data is sent by them. */
export const sockets: HelperFactory = (machine) => {
  const redirect = (map: SocketStorage, key: Pointer, flags: bigint): number => {
    const socket = map.get(key);
    // net/core/sock_map.c: only BPF_F_INGRESS is known.
    if (socket === undefined || flags > 1n) return DROP;
    machine.effects.push({ kind: "redirect", socket, flags });
    return PASS;
  };
  const redirectHash = (_ctx: SimulatedContext, map: SocketStorage, key: Pointer, flags: bigint) =>
    redirect(map, key, flags);
  const redirectMap = (_ctx: SimulatedContext, map: SocketStorage, key: number, flags: bigint) =>
    redirect(map, box("u32", key), flags);
  const update = (ctx: SimulatedContext, map: SocketStorage, key: Pointer, flags: bigint) =>
    ctx.socket === undefined ? EOPNOTSUPP : map.put(key, ctx.socket, flags);
  const cgroups = (given: SimulatedContext): readonly bigint[] => given.socket?.cgroupIds ?? [];
  return {
    get_socket_cookie: (given: SimulatedContext | Pointer) => socketOf(given)?.cookie ?? 0n,
    get_netns_cookie: (given: SimulatedContext | Pointer) => socketOf(given)?.netnsCookie ?? 1n,
    skb_cgroup_id: (ctx: SimulatedContext) => cgroups(ctx).at(-1) ?? 0n,
    skb_ancestor_cgroup_id: (ctx: SimulatedContext, level: number) => cgroups(ctx)[level] ?? 0n,
    sk_fullsock: (socket: Pointer) => socketOf(socket)?.pointer ?? null,
    tcp_sock: (socket: Pointer) => socketOf(socket)?.tcp ?? null,
    get_listener_sock: (socket: Pointer) => socketOf(socket)?.listener?.pointer ?? null,
    sk_storage_get: (map: SkStorageStorage, given: Pointer, _value: null, flags: bigint) => {
      const socket = socketOf(given);
      if (socket === undefined) return null;
      return flags === CREATE ? map.create(socket) : map.get(socket);
    },
    sk_storage_delete: (map: SkStorageStorage, given: Pointer) => {
      const socket = socketOf(given);
      return socket === undefined ? EINVAL : map.remove(socket);
    },
    setsockopt: (_ctx: SimulatedContext, level: number, option: number, value: Pointer, size: number) => {
      machine.effects.push({ kind: "setsockopt", level, option, value: value.bytes(size).slice() });
      return 0;
    },
    bind: (_ctx: SimulatedContext, address: Pointer, size: number) => {
      machine.effects.push({ kind: "bind", address: address.bytes(size).slice() });
      return 0;
    },
    sock_hash_update: update,
    sock_map_update: update,
    msg_redirect_hash: redirectHash,
    msg_redirect_map: redirectMap,
    sk_redirect_hash: redirectHash,
    sk_redirect_map: redirectMap,
    msg_apply_bytes: (_ctx: SimulatedContext, bytes: number) => {
      machine.effects.push({ kind: "applyBytes", bytes });
      return 0;
    },
    msg_cork_bytes: (_ctx: SimulatedContext, bytes: number) => {
      machine.effects.push({ kind: "corkBytes", bytes });
      return 0;
    },
  };
};
