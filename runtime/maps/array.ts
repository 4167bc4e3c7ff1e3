import { entryMissing, unsupportedOnMap } from "../../compiler/diagnostics/map-access.ts";
import type { Codec } from "../btf/codec/codec.ts";
import { BpfError } from "../errors.ts";
import type { MapSource } from "./bpf-map.ts";
import { KeyedMap, type SetMode } from "./keyed-map.ts";

/** Maps whose key is an index: all entries exist from the start, zero at first, and none can be removed. */
export abstract class IndexedMap<V> extends KeyedMap<number, V> {
  constructor(source: MapSource, values?: (codec: Codec) => Codec) {
    super(source, values);
  }

  /** The same as `maxEntries`. */
  get length(): number {
    return this.maxEntries;
  }

  override get size(): number {
    // Touches the descriptor, so that a closed map says so here too.
    return this.descriptor.closed ? 0 : this.maxEntries;
  }

  override set(index: number, value: V, options: { readonly mode?: SetMode } = {}): this {
    // The kernel answers E2BIG here, which on other maps means "full".
    if (Number.isInteger(index) && index >= this.maxEntries) {
      throw new BpfError(`set in map ${this.name}`, entryMissing(undefined, this.name));
    }
    return super.set(index, value, options);
  }

  /** @throws {BpfError} TSB4035 always: entries of an array cannot be removed. */
  override delete(_index: number): boolean {
    throw new BpfError(
      `delete from map ${this.name}`,
      unsupportedOnMap(
        undefined,
        this.name,
        this.type,
        "delete",
        "set the entry to zero, or declare a hash map",
      ),
    );
  }

  /** @throws {BpfError} TSB4035 always: entries of an array cannot be removed. */
  override clear(): void {
    this.delete(0);
  }
}

/** `BPF_MAP_TYPE_ARRAY`. Minimum kernel: 3.19, batches 5.6. */
export class ArrayMap<V = unknown> extends IndexedMap<V> {
  declare readonly type: "array";
}
