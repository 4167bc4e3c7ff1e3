import { KeyedMap } from "./keyed-map.ts";

/**
 * `BPF_MAP_TYPE_LRU_HASH`: makes room by evicting what was used least recently, so `set` never finds it full. Reading from user space does
 * not count as a use (kernel/bpf/hashtab.c, htab_lru_map_lookup_elem_sys). Minimum kernel: 4.10.
 */
export class LruHashMap<K = unknown, V = unknown> extends KeyedMap<K, V> {
  declare readonly type: "lru_hash";
}
