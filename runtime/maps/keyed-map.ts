import { entryExists, entryMissing, mapFull } from "../../compiler/diagnostics/map-access.ts";
import { type Codec, decode, encode, encodeInto } from "../btf/codec/codec.ts";
import { BpfError, errno, isSystemError, meansUnsupported, systemFailure } from "../errors.ts";
import { binding } from "../native.ts";
import { BpfMap, type MapSource } from "./bpf-map.ts";
import { type RawEntry, walkEntries } from "./walk.ts";

/** `any` writes always, `create` only where there is no entry, `replace` only where there is one. */
export type SetMode = "any" | "create" | "replace";

/** BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
const modes: Readonly<Record<SetMode, bigint>> = { any: 0n, create: 1n, replace: 2n };

/** What all maps with keys and values have in common. `K` and `V` are as JavaScript sees them: see `Codec`. */
export abstract class KeyedMap<K, V> extends BpfMap implements Iterable<[K, V]> {
  /** @internal */
  protected readonly keyCodec: Codec;
  /** @internal */
  protected readonly valueCodec: Codec;

  constructor(source: MapSource, values?: (codec: Codec) => Codec) {
    super(source);
    this.keyCodec = this.makeKeyCodec();
    const plain = this.makeValueCodec();
    this.valueCodec = values === undefined ? plain : values(plain);
  }

  /** A copy of the value, or `undefined` where there is none under this key. */
  get(key: K): V | undefined {
    const operation = `get from map ${this.name}`;
    const bytes = encode(this.keyCodec, key, operation, "key");
    const found = this.read(operation, () =>
      binding().mapLookup(this.descriptor, bytes, this.valueCodec.size),
    );
    return found === undefined ? undefined : (decode(this.valueCodec, found) as V);
  }

  has(key: K): boolean {
    const operation = `look into map ${this.name}`;
    const bytes = encode(this.keyCodec, key, operation, "key");
    return (
      this.read(operation, () => binding().mapLookup(this.descriptor, bytes, this.valueCodec.size)) !==
      undefined
    );
  }

  /**
   * Writes a copy of the value.
   *
   * @throws {BpfError} TSB4030 where key or value does not fit its type, TSB4032 where the map is full, TSB4033 and TSB4034 by the mode.
   */
  set(key: K, value: V, options: { readonly mode?: SetMode } = {}): this {
    const operation = `set in map ${this.name}`;
    const keyBytes = encode(this.keyCodec, key, operation, "key");
    const valueBytes = encode(this.valueCodec, value, operation, "value");
    try {
      binding().mapUpdate(this.descriptor, keyBytes, valueBytes, modes[options.mode ?? "any"]);
    } catch (error) {
      throw this.writeFailure(operation, error);
    }
    return this;
  }

  /** Removes the entry. False where there was none. */
  delete(key: K): boolean {
    const operation = `delete from map ${this.name}`;
    const bytes = encode(this.keyCodec, key, operation, "key");
    return this.read(operation, () => binding().mapDelete(this.descriptor, bytes));
  }

  /**
   * Writes many entries, in one system call where the kernel can (5.6).
   *
   * @throws {BpfError} as {@link set}; entries before the one that failed are written.
   */
  setMany(entries: Iterable<readonly [K, V]>, options: { readonly mode?: SetMode } = {}): this {
    const operation = `set in map ${this.name}`;
    const all = [...entries];
    if (all.length === 0) return this;
    const keys = new Uint8Array(all.length * this.keyCodec.size);
    const values = new Uint8Array(all.length * this.valueCodec.size);
    all.forEach(([key, value], index) => {
      encodeInto(this.keyCodec, key, keys, index * this.keyCodec.size, operation, `key of entry ${index}`);
      encodeInto(
        this.valueCodec,
        value,
        values,
        index * this.valueCodec.size,
        operation,
        `value of entry ${index}`,
      );
    });
    try {
      binding().mapUpdateBatch(this.descriptor, keys, values, all.length, modes[options.mode ?? "any"]);
    } catch (error) {
      if (!isSystemError(error) || !meansUnsupported(error.errno)) throw this.writeFailure(operation, error);
      // E2BIG is both "full" and "no such operation": writing one by one finds out which.
      for (const [key, value] of all) this.set(key, value, options);
    }
    return this;
  }

  /**
   * All entries, as they are while one walks: an entry that is there throughout comes once, one that comes or goes meanwhile may or may not.
   * Changing the map while walking is safe, and the walk ends however fast others change it.
   */
  *entries(): IterableIterator<[K, V]> {
    for (const { key, value } of this.walk()) {
      yield [decode(this.keyCodec, key) as K, decode(this.valueCodec, value) as V];
    }
  }

  *keys(): IterableIterator<K> {
    for (const { key } of this.walk()) yield decode(this.keyCodec, key) as K;
  }

  *values(): IterableIterator<V> {
    for (const { value } of this.walk()) yield decode(this.valueCodec, value) as V;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** How many entries there are now: the kernel does not count them, so all are walked. */
  get size(): number {
    let count = 0;
    for (const _ of this.walk()) count++;
    return count;
  }

  /** Removes all entries. */
  clear(): void {
    for (const { key } of [...this.walk()])
      this.read(`clear map ${this.name}`, () => binding().mapDelete(this.descriptor, key));
  }

  /** @internal The bytes of the entries. */
  protected walk(): Iterable<RawEntry> {
    return walkEntries(this, this.keyCodec.size, this.valueCodec.size);
  }

  private read<T>(operation: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw systemFailure(operation, error);
    }
  }

  /** What a refused update means on this kind of map. */
  protected writeFailure(operation: string, error: unknown): BpfError {
    if (isSystemError(error)) {
      const options = { errno: error.errno, cause: error };
      if (error.errno === errno.E2BIG || error.errno === errno.ENOSPC) {
        return new BpfError(operation, mapFull(undefined, this.name, this.maxEntries), options);
      }
      if (error.errno === errno.EEXIST)
        return new BpfError(operation, entryExists(undefined, this.name), options);
      if (error.errno === errno.ENOENT)
        return new BpfError(operation, entryMissing(undefined, this.name), options);
    }
    return systemFailure(operation, error);
  }
}
