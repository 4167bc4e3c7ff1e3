import { type Codec, Mismatch } from "../btf/codec/codec.ts";
import { show } from "../btf/codec/scalar.ts";
import { binding } from "../native.ts";
import { IndexedMap } from "./array.ts";
import type { MapSource } from "./bpf-map.ts";
import { KeyedMap } from "./keyed-map.ts";

/**
 * The values of all possible CPUs, one after another, each in a multiple of 8 bytes (kernel/bpf/hashtab.c, bpf_percpu_hash_copy). CPUs that
 * are possible but absent count too.
 */
function perCpuCodec(codec: Codec): Codec {
  const cpus = binding().possibleCpus();
  const stride = Math.ceil(codec.size / 8) * 8;
  return {
    size: stride * cpus,
    name: `${codec.name} on ${cpus} CPUs`,
    work: codec.work * cpus,
    read: (view, at) => Array.from({ length: cpus }, (_, cpu) => codec.read(view, at + cpu * stride)),
    write(view, at, value) {
      if (!Array.isArray(value)) throw new Mismatch(`is ${show(value)}, a per-CPU value is an array`);
      if (value.length !== cpus) {
        throw new Mismatch(
          `has ${value.length} elements, this machine has ${cpus} possible CPUs`,
          "give one value per CPU",
        );
      }
      value.forEach((element, cpu) => {
        try {
          codec.write(view, at + cpu * stride, element);
        } catch (error) {
          throw error instanceof Mismatch ? error.under(`[${cpu}]`) : error;
        }
      });
    },
  };
}

/** `BPF_MAP_TYPE_PERCPU_HASH`: each entry is an array, one value per possible CPU. Minimum kernel: 4.6. */
export class PerCpuHashMap<K = unknown, V = unknown> extends KeyedMap<K, V[]> {
  declare readonly type: "percpu_hash" | "lru_percpu_hash";

  constructor(source: MapSource) {
    super(source, perCpuCodec);
  }
}

/** `BPF_MAP_TYPE_PERCPU_ARRAY`: each entry is an array, one value per possible CPU. Minimum kernel: 4.6, batches 5.13. */
export class PerCpuArray<V = unknown> extends IndexedMap<V[]> {
  declare readonly type: "percpu_array";

  constructor(source: MapSource) {
    super(source, perCpuCodec);
  }
}
