import type { Socket, SocketCommon } from "./sockets.js";
import type { i32, Ref, Scalar, u32 } from "./types.js";
import type { MapFlags, MapUpdate } from "./uapi.js";

/** Tells the map classes apart where their members are alike. */
export declare const mapType: unique symbol;

export interface MapOptions {
  /** How many entries the map may hold. */
  readonly maxEntries: number;
  readonly flags?: MapFlags;
  /** Keep the map in the pin directory under its own name, and use the one already there. */
  readonly pin?: boolean;
  /** Allocate on this NUMA node. */
  readonly numaNode?: number;
}

/** `ref` exists for scalar values only: what `get` returns for a struct already is a live reference. */
type ScalarRef<V> = [V] extends [Scalar] ? Ref<V> | undefined : never;

/** A map from `K` to `V` (`BPF_MAP_TYPE_HASH`). */
export declare class HashMap<K, V> {
  constructor(options: MapOptions);
  readonly [mapType]: "HashMap";
  /** A live reference to a struct, a copy of a scalar; `undefined` where there is none. */
  get(key: K): V | undefined;
  /** A live reference to a scalar. */
  ref(key: K): ScalarRef<V>;
  has(key: K): boolean;
  /** Copies `value` in: 0, or a negative errno (`-E2BIG` full, `-EEXIST` and `-ENOENT` by the flags). */
  set(key: K, value: V, flags?: MapUpdate): i32;
  /** 0, or `-ENOENT`. */
  delete(key: K): i32;
}

/** A `HashMap` that makes room by evicting what was least recently used (`BPF_MAP_TYPE_LRU_HASH`). */
export declare class LruHashMap<K, V> {
  constructor(options: MapOptions);
  readonly [mapType]: "LruHashMap";
  /** A live reference to a struct, a copy of a scalar; `undefined` where there is none. */
  get(key: K): V | undefined;
  /** A live reference to a scalar. */
  ref(key: K): ScalarRef<V>;
  has(key: K): boolean;
  /** Copies `value` in: 0, or a negative errno. */
  set(key: K, value: V, flags?: MapUpdate): i32;
  /** 0, or `-ENOENT`. */
  delete(key: K): i32;
}

/**
 * A `HashMap` with a value of its own on each CPU (`BPF_MAP_TYPE_PERCPU_HASH`): no contention. A program sees its CPU's value, user space
 * an array of all.
 */
export declare class PerCpuHashMap<K, V> {
  constructor(options: MapOptions);
  readonly [mapType]: "PerCpuHashMap";
  /** A live reference to a struct, a copy of a scalar; `undefined` where there is none. */
  get(key: K): V | undefined;
  /** A live reference to a scalar. */
  ref(key: K): ScalarRef<V>;
  has(key: K): boolean;
  /** Copies `value` in for this CPU: 0, or a negative errno. */
  set(key: K, value: V, flags?: MapUpdate): i32;
  /** Removes the values of all CPUs: 0, or `-ENOENT`. */
  delete(key: K): i32;
}

/** `maxEntries` values, all zero at first and never removed, by index (`BPF_MAP_TYPE_ARRAY`). */
export declare class ArrayMap<V> {
  constructor(options: MapOptions);
  readonly [mapType]: "ArrayMap";
  /** A live reference to a struct, a copy of a scalar. `get(0)!` is accepted where the index is provably in range. */
  get(index: u32): V | undefined;
  /** A live reference to a scalar. */
  ref(index: u32): ScalarRef<V>;
  /** Copies `value` in: 0, or `-E2BIG` where the index is out of range. */
  set(index: u32, value: V, flags?: MapUpdate): i32;
}

/** An `ArrayMap` with values of its own on each CPU (`BPF_MAP_TYPE_PERCPU_ARRAY`). */
export declare class PerCpuArray<V> {
  constructor(options: MapOptions);
  readonly [mapType]: "PerCpuArray";
  /** This CPU's value: a live reference to a struct, a copy of a scalar. */
  get(index: u32): V | undefined;
  /** A live reference to this CPU's scalar. */
  ref(index: u32): ScalarRef<V>;
  /** Copies `value` in for this CPU: 0, or `-E2BIG`. */
  set(index: u32, value: V, flags?: MapUpdate): i32;
}

/** What the key of an `LpmTrie` begins with: how many bits of the rest, from the first byte's highest on, are the prefix. */
export interface LpmKey {
  prefixlen: u32;
}

/**
 * Longest-prefix match (`BPF_MAP_TYPE_LPM_TRIE`). The key is a struct whose first field is `prefixlen`; `get` takes one with the
 * longest prefix of interest and finds the most specific entry that covers it.
 */
export declare class LpmTrie<K extends LpmKey, V> {
  constructor(options: MapOptions);
  readonly [mapType]: "LpmTrie";
  /** A live reference to a struct, a copy of a scalar; `undefined` where no entry covers the key. */
  get(key: K): V | undefined;
  /** A live reference to a scalar. */
  ref(key: K): ScalarRef<V>;
  has(key: K): boolean;
  /** Copies `value` in: 0, or a negative errno. */
  set(key: K, value: V, flags?: MapUpdate): i32;
  /** 0, or `-ENOENT`. */
  delete(key: K): i32;
}

/** Sockets by index (`BPF_MAP_TYPE_SOCKMAP`): filled by `sockMapUpdate` or from user space, the target of `redirectMap`. */
export declare class SockMap {
  constructor(options: MapOptions);
  readonly [mapType]: "SockMap";
  /** Takes the socket out: 0, or a negative errno. Data queued by redirects is dropped. */
  delete(index: u32): i32;
}

/** Sockets by key (`BPF_MAP_TYPE_SOCKHASH`): filled by `sockHashUpdate` or from user space, the target of `redirectHash`. */
export declare class SockHash<K> {
  constructor(options: MapOptions);
  readonly [mapType]: "SockHash";
  /** Carries the key's type. */
  readonly key?: K;
  /** Takes the socket out: 0, or `-ENOENT`. Data queued by redirects is dropped. */
  delete(key: K): i32;
}

export interface SkStorageOptions {
  /** A connection that a listener accepts gets a copy of the listener's value (`BPF_F_CLONE`). */
  readonly clone?: boolean;
  readonly pin?: boolean;
}

/** A value that lives in a socket and goes with it (`BPF_MAP_TYPE_SK_STORAGE`). */
export declare class SkStorage<V> {
  constructor(options?: SkStorageOptions);
  readonly [mapType]: "SkStorage";
  /** A live reference to a struct, a copy of a scalar; `undefined` where the socket has none. */
  get(socket: Socket | SocketCommon): V | undefined;
  /** A live reference to a scalar. */
  ref(socket: Socket | SocketCommon): ScalarRef<V>;
  /** As `get`, but makes a value of zeroes first; `undefined` where memory is short or the socket is being closed. */
  getOrCreate(socket: Socket | SocketCommon): V | undefined;
  /** 0, or `-ENOENT`. */
  delete(socket: Socket | SocketCommon): i32;
}
