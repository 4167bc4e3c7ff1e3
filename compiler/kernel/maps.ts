// Map classes of the DSL: the kernel's map type behind each, and what its options may say.

import type { IntType } from "../ir/types.ts";
import { i32, u32, u64 } from "./ints.ts";
import { mapTypes } from "./uapi.gen.ts";
import type { KernelVersion } from "./version.ts";

export type MapOption = "maxEntries" | "flags" | "pin" | "numaNode" | "clone";

export interface MapClass {
  /** The class in `tsbpf/stdlib`. */
  readonly name: string;
  /** The kernel's name in lower case without `BPF_MAP_TYPE_`: what `IrMap.type` carries. */
  readonly type: keyof typeof mapTypes;
  /** `enum bpf_map_type`. */
  readonly number: number;
  /** What the class's type arguments are, in order. */
  readonly typeArguments: readonly ("key" | "value")[];
  /** The key, where no type argument gives it; absent where the map has no keys. */
  readonly key?: IntType;
  /** The value, where no type argument gives it; absent where the map has no values. */
  readonly value?: IntType;
  /** The key is a struct that begins with a u32 `prefixlen`, and at least one byte and at most 256 follow it. */
  readonly lpmKey?: true;
  /** One value per CPU. */
  readonly perCpu?: true;
  /** The key is the index, below `maxEntries`. */
  readonly indexed?: true;
  readonly requiredFlags: number;
  /** `BPF_F_*` bits that the user may add. */
  readonly allowedFlags: number;
  readonly options: readonly MapOption[];
  /** `bytes`: a power of two and a multiple of the page size. `none`: the kernel wants 0. */
  readonly maxEntries: "entries" | "bytes" | "none";
  readonly since: KernelVersion;
}

/** `BPF_F_*` of `BPF_MAP_CREATE` (include/uapi/linux/bpf.h); `stdlib/uapi.d.ts` has them as `MapFlags`. */
export const mapFlags = {
  NO_PREALLOC: 1 << 0,
  NO_COMMON_LRU: 1 << 1,
  NUMA_NODE: 1 << 2,
  RDONLY: 1 << 3,
  WRONLY: 1 << 4,
  ZERO_SEED: 1 << 6,
  RDONLY_PROG: 1 << 7,
  WRONLY_PROG: 1 << 8,
  CLONE: 1 << 9,
  MMAPABLE: 1 << 10,
  INNER_MAP: 1 << 12,
} as const;

const access = mapFlags.RDONLY | mapFlags.WRONLY | mapFlags.RDONLY_PROG | mapFlags.WRONLY_PROG;
const entryOptions: readonly MapOption[] = ["maxEntries", "flags", "pin", "numaNode"];
/** kernel/bpf/hashtab.c HTAB_CREATE_FLAG_MASK and htab_map_alloc_check(). */
const hashFlags = mapFlags.NO_PREALLOC | mapFlags.ZERO_SEED | access;
const lruFlags = mapFlags.NO_COMMON_LRU | mapFlags.ZERO_SEED | access;

export const mapClasses = {
  HashMap: {
    name: "HashMap",
    type: "hash",
    number: mapTypes.hash,
    typeArguments: ["key", "value"],
    requiredFlags: 0,
    allowedFlags: hashFlags,
    options: entryOptions,
    maxEntries: "entries",
    since: [3, 19],
  },
  LruHashMap: {
    name: "LruHashMap",
    type: "lru_hash",
    number: mapTypes.lru_hash,
    typeArguments: ["key", "value"],
    requiredFlags: 0,
    allowedFlags: lruFlags,
    options: entryOptions,
    maxEntries: "entries",
    since: [4, 10],
  },
  PerCpuHashMap: {
    name: "PerCpuHashMap",
    type: "percpu_hash",
    number: mapTypes.percpu_hash,
    typeArguments: ["key", "value"],
    perCpu: true,
    requiredFlags: 0,
    allowedFlags: mapFlags.NO_PREALLOC | mapFlags.ZERO_SEED | access,
    options: ["maxEntries", "flags", "pin"],
    maxEntries: "entries",
    since: [4, 6],
  },
  ArrayMap: {
    name: "ArrayMap",
    type: "array",
    number: mapTypes.array,
    typeArguments: ["value"],
    key: u32,
    indexed: true,
    requiredFlags: 0,
    allowedFlags: mapFlags.MMAPABLE | mapFlags.INNER_MAP | access,
    options: entryOptions,
    maxEntries: "entries",
    since: [3, 19],
  },
  PerCpuArray: {
    name: "PerCpuArray",
    type: "percpu_array",
    number: mapTypes.percpu_array,
    typeArguments: ["value"],
    key: u32,
    perCpu: true,
    indexed: true,
    requiredFlags: 0,
    allowedFlags: access,
    options: ["maxEntries", "flags", "pin"],
    maxEntries: "entries",
    since: [4, 6],
  },
  LpmTrie: {
    name: "LpmTrie",
    type: "lpm_trie",
    number: mapTypes.lpm_trie,
    typeArguments: ["key", "value"],
    lpmKey: true,
    // kernel/bpf/lpm_trie.c trie_alloc() refuses a trie without it.
    requiredFlags: mapFlags.NO_PREALLOC,
    allowedFlags: mapFlags.NO_PREALLOC | access,
    options: entryOptions,
    maxEntries: "entries",
    since: [4, 11],
  },
  SockMap: {
    name: "SockMap",
    type: "sockmap",
    number: mapTypes.sockmap,
    typeArguments: [],
    key: u32,
    // 8 bytes, so that a lookup from user space answers the socket's cookie (net/core/sock_map.c sock_map_lookup_sys()).
    value: u64,
    indexed: true,
    requiredFlags: 0,
    allowedFlags: mapFlags.RDONLY | mapFlags.WRONLY,
    options: entryOptions,
    maxEntries: "entries",
    since: [4, 14],
  },
  SockHash: {
    name: "SockHash",
    type: "sockhash",
    number: mapTypes.sockhash,
    typeArguments: ["key"],
    value: u64,
    requiredFlags: 0,
    allowedFlags: mapFlags.RDONLY | mapFlags.WRONLY,
    options: entryOptions,
    maxEntries: "entries",
    since: [4, 18],
  },
  SkStorage: {
    name: "SkStorage",
    type: "sk_storage",
    number: mapTypes.sk_storage,
    typeArguments: ["value"],
    // A socket's file descriptor, in user space.
    key: i32,
    // kernel/bpf/bpf_local_storage.c bpf_local_storage_map_alloc_check(): NO_PREALLOC, max_entries 0.
    requiredFlags: mapFlags.NO_PREALLOC,
    allowedFlags: mapFlags.NO_PREALLOC | mapFlags.CLONE,
    options: ["clone", "pin"],
    maxEntries: "none",
    since: [5, 2],
  },
  RingBuffer: {
    name: "RingBuffer",
    type: "ringbuf",
    number: mapTypes.ringbuf,
    // The record's type is known to the DSL alone: the kernel's map has neither key nor value size.
    typeArguments: ["value"],
    requiredFlags: 0,
    allowedFlags: 0,
    options: ["maxEntries", "pin", "numaNode"],
    maxEntries: "bytes",
    since: [5, 8],
  },
} as const satisfies Record<string, MapClass>;

export type MapClassName = keyof typeof mapClasses;

export function mapClass(name: string): MapClass | undefined {
  return Object.hasOwn(mapClasses, name) ? mapClasses[name as MapClassName] : undefined;
}
