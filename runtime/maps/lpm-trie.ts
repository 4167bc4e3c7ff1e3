import { KeyedMap } from "./keyed-map.ts";

/**
 * `BPF_MAP_TYPE_LPM_TRIE`: longest-prefix match. The key is a struct that begins with `prefixlen`, in bits, followed by the prefix, whose
 * bits count from the first byte's highest on. `get` and `has` find the most specific entry that covers the key; `set` and `delete` mean
 * exactly the prefix given. Minimum kernel: 4.11.
 */
export class LpmTrie<K = unknown, V = unknown> extends KeyedMap<K, V> {
  declare readonly type: "lpm_trie";
}
