import type * as K from "tsbpf/stdlib";
import type { AttachTarget, MapTarget } from "./links/attach.ts";
import type { CgroupTarget } from "./links/cgroup.ts";
import type { Link } from "./links/link.ts";
import type { TcTarget } from "./links/tc.ts";
import type { XdpTarget } from "./links/xdp.ts";
import type { ArrayMap } from "./maps/array.ts";
import type { HashMap } from "./maps/hash.ts";
import type { LpmTrie } from "./maps/lpm-trie.ts";
import type { LruHashMap } from "./maps/lru-hash.ts";
import type { PerCpuArray, PerCpuHashMap } from "./maps/per-cpu.ts";
import type { RingBuffer } from "./maps/ring-buffer.ts";
import type { SkStorage } from "./maps/sk-storage.ts";
import type { SockHash, SockMap } from "./maps/socket-maps.ts";
import type { Program } from "./program.ts";

// What the types of a kernel module become in user space: `u64` is a `bigint`, every narrower integer a `number`, network order is undone,
// `FixedArray`s of integers are typed arrays, structs are plain objects. `codec/` does to the bytes what this does to the types.

/** The tags that a flavoured or branded scalar of the DSL carries; `never` for a plain number, a literal or an enum. */
type TagOf<T> = T extends { readonly [K.flavour]?: infer Tag } ? Exclude<Tag, undefined> & string : never;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The typed array of integers with these tags; `Otherwise` where the elements are no plain integers. */
type TypedArrayOf<T, Otherwise> = T extends K.be16
  ? Uint16Array
  : T extends K.be32
    ? Uint32Array
    : T extends K.be64
      ? BigUint64Array
      : Same<TagOf<T>, TagOf<K.u8>> extends true
        ? Uint8Array
        : Same<TagOf<T>, TagOf<K.u16>> extends true
          ? Uint16Array
          : Same<TagOf<T>, TagOf<K.u32>> extends true
            ? Uint32Array
            : Same<TagOf<T>, TagOf<K.i8>> extends true
              ? Int8Array
              : Same<TagOf<T>, TagOf<K.i16>> extends true
                ? Int16Array
                : Same<TagOf<T>, TagOf<K.i32>> extends true
                  ? Int32Array
                  : Same<TagOf<T>, TagOf<K.u64>> extends true
                    ? BigUint64Array
                    : Same<TagOf<T>, TagOf<K.i64>> extends true
                      ? BigInt64Array
                      : Otherwise;

/** An enum or a literal stays what it is, a flavoured number is a `number`. */
type UserNumber<T> = [TagOf<T>] extends [never] ? T : number;

/** What user space reads where the kernel module has a `T`. */
export type User<T> = T extends boolean
  ? T
  : T extends bigint
    ? bigint
    : T extends number
      ? UserNumber<T>
      : T extends K.FixedElements<infer Element, infer _Length>
        ? TypedArrayOf<Element, User<Element>[]>
        : T extends object
          ? { -readonly [P in keyof T]: User<T[P]> }
          : T;

/** What user space has of a map of the DSL. */
type UserMap<D> =
  D extends K.HashMap<infer Key, infer Value>
    ? HashMap<User<Key>, User<Value>>
    : D extends K.LruHashMap<infer Key, infer Value>
      ? LruHashMap<User<Key>, User<Value>>
      : D extends K.PerCpuHashMap<infer Key, infer Value>
        ? PerCpuHashMap<User<Key>, User<Value>>
        : D extends K.ArrayMap<infer Value>
          ? ArrayMap<User<Value>>
          : D extends K.PerCpuArray<infer Value>
            ? PerCpuArray<User<Value>>
            : D extends K.LpmTrie<infer Key, infer Value>
              ? LpmTrie<User<Key>, User<Value>>
              : D extends K.SockMap
                ? SockMap
                : D extends K.SockHash<infer Key>
                  ? SockHash<User<Key>>
                  : D extends K.SkStorage<infer Value>
                    ? SkStorage<User<Value>>
                    : D extends K.RingBuffer<infer Value>
                      ? RingBuffer<User<Value>>
                      : never;

/** Where programs of a kind are attached. */
type TargetOf<Kind extends string> = Kind extends "skMsg" | `skSkb.${string}`
  ? MapTarget
  : Kind extends "xdp"
    ? XdpTarget
    : Kind extends "tc"
      ? TcTarget
      : Kind extends "sockOps" | `cgroup.${string}`
        ? CgroupTarget
        : AttachTarget;

/** A program whose kind is known: `attach` takes only what fits it. */
export interface TypedProgram<Kind extends string> extends Program {
  attach(target: TargetOf<Kind>): Link;
}

type AnyMap = { readonly [K.mapType]: string };
type AnyFunction = (...parameters: never[]) => unknown;

/** The maps that a kernel module exports. */
export type MapsOf<M> = {
  readonly [P in keyof M as M[P] extends AnyMap ? P : never]: UserMap<M[P]>;
};

/** The programs that a kernel module exports. */
export type ProgramsOf<M> = {
  readonly [P in keyof M as M[P] extends K.Program<string> ? P : never]: M[P] extends K.Program<infer Kind>
    ? TypedProgram<Kind>
    : never;
};

/**
 * The constants and variables that a kernel module exports. TypeScript does not tell a module's `let` from its `const`, nor a `constant(…)` from a
 * plain constant, which the compiler folds away: using a name that the object does not have is an error when it runs.
 */
export type GlobalsOf<M> = {
  -readonly [P in keyof M as M[P] extends AnyMap | K.Program<string> | AnyFunction ? never : P]: User<M[P]>;
};
