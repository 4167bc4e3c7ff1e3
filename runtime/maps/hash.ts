import { KeyedMap } from "./keyed-map.ts";

/** `BPF_MAP_TYPE_HASH`. Minimum kernel: 3.19, batches 5.6. */
export class HashMap<K = unknown, V = unknown> extends KeyedMap<K, V> {
  declare readonly type: "hash";
}
