import type * as K from "tsbpf/stdlib";
import type { KeyedMap } from "../runtime/maps/keyed-map.ts";
import type { RingBuffer } from "../runtime/maps/ring-buffer.ts";
import type { SkStorage } from "../runtime/maps/sk-storage.ts";
import type { SockHash, SockMap } from "../runtime/maps/socket-maps.ts";
import type { MapsOf, User } from "../runtime/types.ts";
import type { SimulatedKeyedMap, SimulatedSkStorage, SimulatedSocketMap } from "./maps/user-maps.ts";
import type { SimulatedRingBuffer } from "./maps/user-ring-buffer.ts";
import type { SimulatedProgram } from "./program.ts";

// What the types of a kernel module become in the simulator: as in `load`, with maps and programs that need no kernel.

/** The context that programs of a kind have. */
interface Contexts {
  sockOps: K.SockOpsContext;
  skMsg: K.SkMsgContext;
  "skSkb.parser": K.SkSkbContext;
  "skSkb.verdict": K.SkSkbVerdictContext;
  "cgroup.connect4": K.Connect4Context;
  "cgroup.connect6": K.Connect6Context;
  "cgroup.setsockopt": K.SetsockoptContext;
  "cgroup.skbIngress": K.CgroupSkbContext;
  "cgroup.skbEgress": K.CgroupSkbContext;
  xdp: K.XdpContext;
  tc: K.TcContext;
}

/** Names of fields that any of a union has. */
type AllKeys<C> = C extends C ? keyof C : never;
type ValueAt<C, P> = C extends C ? (P extends keyof C ? C[P] : never) : never;
type Plain = number | bigint | boolean | K.FixedElements<K.u32, number> | K.FixedElements<K.be32, number>;

/** The fields of a context as user space writes them: numbers in host order, `bigint`s, arrays of numbers. */
export type ContextValues<Kind extends string> = Kind extends keyof Contexts
  ? {
      -readonly [P in AllKeys<Contexts[Kind]> as ValueAt<Contexts[Kind], P> extends Plain ? P : never]: User<
        ValueAt<Contexts[Kind], P>
      >;
    }
  : Record<string, unknown>;

type SimulatedMapOf<T> =
  T extends RingBuffer<infer R>
    ? SimulatedRingBuffer<R>
    : T extends SkStorage<infer V>
      ? SimulatedSkStorage<V>
      : T extends SockMap
        ? SimulatedSocketMap<number>
        : T extends SockHash<infer Key>
          ? SimulatedSocketMap<Key>
          : T extends KeyedMap<infer Key, infer Value>
            ? SimulatedKeyedMap<Key, Value>
            : never;

/** The maps that a kernel module exports. */
export type SimulatedMapsOf<M> = { readonly [P in keyof MapsOf<M>]: SimulatedMapOf<MapsOf<M>[P]> };

/** The programs that a kernel module exports. */
export type SimulatedProgramsOf<M> = {
  readonly [P in keyof M as M[P] extends K.Program<string> ? P : never]: M[P] extends K.Program<infer Kind>
    ? SimulatedProgram<Kind>
    : never;
};
