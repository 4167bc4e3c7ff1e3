import {
  entryExists,
  entryMissing,
  mapFull,
  unsupportedOnMap,
  valueMismatch,
} from "../../compiler/diagnostics/map-access.ts";
import type { IrMap } from "../../compiler/ir/module.ts";
import { type Codec, decode, encode, Mismatch } from "../../runtime/btf/codec/codec.ts";
import { show } from "../../runtime/btf/codec/scalar.ts";
import { BpfError } from "../../runtime/errors.ts";
import type { SetMode } from "../../runtime/maps/keyed-map.ts";
import { codecOf } from "../codec.ts";
import { E2BIG, EEXIST, ENOENT, ENOSPC } from "../errno.ts";
import { type Pointer, pointerTo } from "../memory.ts";
import type { SimulatedSocket } from "../socket.ts";
import type { SkStorageStorage, SocketStorage } from "./sockets.ts";
import { type MapStorage, ValueLayout } from "./storage.ts";

const modes: Readonly<Record<SetMode, bigint>> = { any: 0n, create: 1n, replace: 2n };

/** A map as a test sees it: what `load` gives for the same map, without a kernel. */
export abstract class SimulatedMap {
  readonly name: string;
  /** The kernel's name of the kind, lower case: `lru_hash`. */
  readonly type: string;
  readonly maxEntries: number;
  /** `BPF_F_*`. */
  readonly flags: number;

  constructor(map: IrMap) {
    this.name = map.name;
    this.type = map.type;
    this.maxEntries = map.maxEntries;
    this.flags = map.flags;
  }
}

/** The values of all CPUs, one after another. */
function perCpuCodec(codec: Codec, cpus: number): Codec {
  const layout = new ValueLayout(codec.size, cpus);
  return {
    size: layout.total,
    name: `${codec.name} on ${cpus} CPUs`,
    work: codec.work * cpus,
    read: (view, at) => Array.from({ length: cpus }, (_, cpu) => codec.read(view, at + cpu * layout.stride)),
    write(view, at, value) {
      if (!Array.isArray(value)) throw new Mismatch(`is ${show(value)}, a per-CPU value is an array`);
      if (value.length !== cpus) throw new Mismatch(`has ${value.length} elements, there are ${cpus} CPUs`);
      for (let cpu = 0; cpu < cpus; cpu++) codec.write(view, at + cpu * layout.stride, value[cpu]);
    },
  };
}

/** Hash maps, arrays and tries. `K` and `V` are as in `load`. */
export class SimulatedKeyedMap<K = unknown, V = unknown> extends SimulatedMap implements Iterable<[K, V]> {
  readonly keySize: number;
  readonly valueSize: number;
  readonly #storage: MapStorage;
  readonly #key: Codec;
  readonly #value: Codec;

  /** @internal */
  constructor(storage: MapStorage, cpus: number) {
    super(storage.map);
    const { key, value, type } = storage.map;
    if (key === undefined || value === undefined) throw new Error(`map ${this.name} is incomplete`);
    this.#storage = storage;
    this.keySize = storage.keySize;
    this.valueSize = storage.valueSize;
    this.#key = codecOf(key);
    const plain = codecOf(value);
    this.#value = type.startsWith("percpu_") ? perCpuCodec(plain, cpus) : plain;
  }

  /** A copy of the value, or `undefined` where there is none under this key. */
  get(key: K): V | undefined {
    const found = this.#storage.find(this.#keyBytes("get from", key));
    return found === null ? undefined : this.#decode(found);
  }

  has(key: K): boolean {
    return this.#storage.find(this.#keyBytes("look into", key)) !== null;
  }

  /** @throws {BpfError} TSB4030, TSB4032, TSB4033, TSB4034, as in the kernel. */
  set(key: K, value: V, options: { readonly mode?: SetMode } = {}): this {
    const operation = `set in map ${this.name}`;
    const keyBytes = this.#keyBytes("set in", key);
    const bytes = pointerTo(encode(this.#value, value, operation, "value"));
    const result = this.#storage.replace(keyBytes, bytes, modes[options.mode ?? "any"]);
    if (result !== 0) throw this.#refused(operation, result);
    return this;
  }

  /** Removes the entry. False where there was none. */
  delete(key: K): boolean {
    this.#assertRemovable();
    return this.#storage.remove(this.#keyBytes("delete from", key)) === 0;
  }

  setMany(entries: Iterable<readonly [K, V]>, options: { readonly mode?: SetMode } = {}): this {
    for (const [key, value] of entries) this.set(key, value, options);
    return this;
  }

  *entries(): IterableIterator<[K, V]> {
    for (const { key, value } of [...this.#storage.entries()]) {
      yield [decode(this.#key, key) as K, this.#decode(value)];
    }
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  get size(): number {
    return [...this.#storage.entries()].length;
  }

  /** Removes all entries. */
  clear(): void {
    this.#assertRemovable();
    for (const { key } of [...this.#storage.entries()]) this.#storage.remove(pointerTo(key));
  }

  #decode(value: Pointer): V {
    return this.#value.read(value.view, value.at) as V;
  }

  #keyBytes(verb: string, key: K): Pointer {
    return pointerTo(encode(this.#key, key, `${verb} map ${this.name}`, "key"));
  }

  #assertRemovable(): void {
    if (!this.type.endsWith("array")) return;
    const help = "set the entry to zero, or declare a hash map";
    const unsupported = unsupportedOnMap(undefined, this.name, this.type, "delete", help);
    throw new BpfError(`delete from map ${this.name}`, unsupported);
  }

  #refused(operation: string, result: number): BpfError {
    const options = { errno: -result };
    if ((result === E2BIG && this.type.endsWith("array")) || result === ENOENT) {
      return new BpfError(operation, entryMissing(undefined, this.name), options);
    }
    if (result === E2BIG || result === ENOSPC) {
      return new BpfError(operation, mapFull(undefined, this.name, this.maxEntries), options);
    }
    if (result === EEXIST) return new BpfError(operation, entryExists(undefined, this.name), options);
    const what = `is refused by the map (errno ${-result})`;
    return new BpfError(operation, valueMismatch(undefined, "key", what), options);
  }
}

/** `SockMap` and `SockHash`: sockets by key. */
export class SimulatedSocketMap<K = unknown> extends SimulatedMap {
  readonly #storage: SocketStorage;
  readonly #key: Codec;

  /** @internal */
  constructor(storage: SocketStorage) {
    super(storage.map);
    if (storage.map.key === undefined) throw new Error(`map ${this.name} has no key`);
    this.#storage = storage;
    this.#key = codecOf(storage.map.key);
  }

  /** The cookie of the socket under this key. */
  get(key: K): bigint | undefined {
    return this.#storage.get(this.#bytes("get from", key))?.cookie;
  }

  /** @throws {BpfError} TSB4032 where the map is full. */
  set(key: K, socket: SimulatedSocket): this {
    const operation = `set in map ${this.name}`;
    if (this.#storage.put(this.#bytes("set in", key), socket, 0n) !== 0) {
      throw new BpfError(operation, mapFull(undefined, this.name, this.maxEntries), { errno: -E2BIG });
    }
    return this;
  }

  delete(key: K): boolean {
    return this.#storage.remove(this.#bytes("delete from", key)) === 0;
  }

  *keys(): IterableIterator<K> {
    for (const key of this.#storage.keys()) yield decode(this.#key, key) as K;
  }

  #bytes(verb: string, key: K): Pointer {
    return pointerTo(encode(this.#key, key, `${verb} map ${this.name}`, "key"));
  }
}

/** `SkStorage`: a value in a socket. */
export class SimulatedSkStorage<V = unknown> extends SimulatedMap {
  readonly #storage: SkStorageStorage;
  readonly #value: Codec;

  /** @internal */
  constructor(storage: SkStorageStorage) {
    super(storage.map);
    if (storage.map.value === undefined) throw new Error(`map ${this.name} has no value`);
    this.#storage = storage;
    this.#value = codecOf(storage.map.value);
  }

  get(socket: SimulatedSocket): V | undefined {
    const found = this.#storage.get(socket);
    return found === null ? undefined : (this.#value.read(found.view, found.at) as V);
  }

  set(socket: SimulatedSocket, value: V): this {
    const bytes = encode(this.#value, value, `set in map ${this.name}`, "value");
    this.#storage.create(socket).bytes(bytes.length).set(bytes);
    return this;
  }

  delete(socket: SimulatedSocket): boolean {
    return this.#storage.remove(socket) === 0;
  }
}
