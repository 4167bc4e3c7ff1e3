import { sizeOf } from "../../compiler/ir/build.ts";
import type { IrMap } from "../../compiler/ir/module.ts";
import { E2BIG, EEXIST, EINVAL, ENOENT } from "../errno.ts";
import type { Machine } from "../machine.ts";
import { allocate, copyOf, keyOf, type Pointer } from "../memory.ts";

/** BPF_NOEXIST, BPF_EXIST. */
const CREATE = 1n;
const REPLACE = 2n;

export interface StoredEntry {
  readonly key: Uint8Array;
  /** The value; of a per-CPU map those of all CPUs, as user space sees them. */
  readonly value: Pointer;
}

/** A map as programs see it: by pointers, with the kernel's error numbers. */
export interface MapStorage {
  readonly map: IrMap;
  readonly keySize: number;
  /** Bytes of one value. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /** A pointer to the value itself, of the running CPU where each has one. */
  lookup(key: Pointer): Pointer | null;
  update(key: Pointer, value: Pointer, flags: bigint): number;
  remove(key: Pointer): number;
  /** As user space: every CPU's value, and no trace in what an LRU map remembers of use. */
  find(key: Pointer): Pointer | null;
  replace(key: Pointer, value: Pointer, flags: bigint): number;
  entries(): Iterable<StoredEntry>;
}

/** How the values of one entry lie in memory. */
export class ValueLayout {
  readonly size: number;
  readonly cpus: number;
  /** From one CPU's value to the next: a multiple of 8 bytes (kernel/bpf/hashtab.c, bpf_percpu_hash_copy). */
  readonly stride: number;

  constructor(size: number, cpus: number | undefined) {
    this.size = size;
    this.cpus = cpus ?? 1;
    this.stride = cpus === undefined ? size : Math.ceil(size / 8) * 8;
  }

  get total(): number {
    return this.stride * this.cpus;
  }

  of(entry: Pointer, cpu: number): Pointer {
    return this.cpus === 1 ? entry : entry.plus(this.stride * cpu);
  }
}

export function valueLayout(map: IrMap, machine: Machine): ValueLayout {
  const size = map.value === undefined ? 0 : sizeOf(map.value);
  return new ValueLayout(size, map.type.startsWith("percpu_") ? machine.cpus : undefined);
}

/** What the flags of an update say about an entry that is or is not there (kernel/bpf/hashtab.c, check_flags). */
export function checkFlags(exists: boolean, flags: bigint): number {
  if (flags > REPLACE) return EINVAL;
  if (exists && flags === CREATE) return EEXIST;
  return !exists && flags === REPLACE ? ENOENT : 0;
}

/** `BPF_MAP_TYPE_HASH`, its per-CPU and its LRU kind. */
export class HashStorage implements MapStorage {
  readonly map: IrMap;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly #machine: Machine;
  readonly #layout: ValueLayout;
  readonly #evicts: boolean;
  /** Of an LRU map in the order of last use. */
  readonly #entries = new Map<string, StoredEntry>();

  constructor(map: IrMap, machine: Machine) {
    if (map.key === undefined) throw new Error(`map ${map.name} has no key`);
    this.map = map;
    this.#machine = machine;
    this.#layout = valueLayout(map, machine);
    this.keySize = sizeOf(map.key);
    this.valueSize = this.#layout.size;
    this.maxEntries = map.maxEntries;
    this.#evicts = map.type.startsWith("lru_");
  }

  lookup(key: Pointer): Pointer | null {
    const name = keyOf(key.bytes(this.keySize));
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    this.#use(name, entry);
    return this.#layout.of(entry.value, this.#machine.cpu);
  }

  find(key: Pointer): Pointer | null {
    return this.#entries.get(keyOf(key.bytes(this.keySize)))?.value ?? null;
  }

  update(key: Pointer, value: Pointer, flags: bigint): number {
    if (this.#layout.cpus === 1) return this.replace(key, value, flags);
    const known = this.#entries.get(keyOf(key.bytes(this.keySize)));
    const failed = this.#mayWrite(known !== undefined, flags);
    if (failed !== 0) return failed;
    // One CPU's value is written in place; in a new entry those of the others are zero (pcpu_init_value).
    const values = known?.value ?? allocate(this.#layout.total);
    this.#layout.of(values, this.#machine.cpu).assign(value, this.valueSize);
    if (known === undefined) this.#add(key, values);
    return 0;
  }

  replace(key: Pointer, value: Pointer, flags: bigint): number {
    const exists = this.#entries.has(keyOf(key.bytes(this.keySize)));
    const failed = this.#mayWrite(exists, flags);
    if (failed !== 0) return failed;
    // An entry is exchanged, not written: who refers to the old one keeps it.
    this.#add(key, copyOf(value, this.#layout.total));
    return 0;
  }

  remove(key: Pointer): number {
    return this.#entries.delete(keyOf(key.bytes(this.keySize))) ? 0 : ENOENT;
  }

  entries(): Iterable<StoredEntry> {
    return this.#entries.values();
  }

  #mayWrite(exists: boolean, flags: bigint): number {
    const failed = checkFlags(exists, flags);
    if (failed !== 0 || exists || this.#entries.size < this.maxEntries) return failed;
    if (!this.#evicts) return E2BIG;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
    return 0;
  }

  #add(key: Pointer, value: Pointer): void {
    const bytes = key.bytes(this.keySize).slice();
    const entry = { key: bytes, value };
    const name = keyOf(bytes);
    this.#entries.set(name, entry);
    this.#use(name, entry);
  }

  #use(name: string, entry: StoredEntry): void {
    if (!this.#evicts) return;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
  }
}

/** `BPF_MAP_TYPE_ARRAY` and its per-CPU kind: every entry is there from the start, and is written in place. */
export class ArrayStorage implements MapStorage {
  readonly map: IrMap;
  readonly keySize = 4;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly #machine: Machine;
  readonly #layout: ValueLayout;
  readonly #values: readonly Pointer[];

  constructor(map: IrMap, machine: Machine) {
    this.map = map;
    this.#machine = machine;
    this.#layout = valueLayout(map, machine);
    this.valueSize = this.#layout.size;
    this.maxEntries = map.maxEntries;
    const whole = allocate(this.#layout.total * this.maxEntries);
    this.#values = Array.from({ length: this.maxEntries }, (_, index) =>
      whole.plus(index * this.#layout.total),
    );
  }

  lookup(key: Pointer): Pointer | null {
    const values = this.find(key);
    return values === null ? null : this.#layout.of(values, this.#machine.cpu);
  }

  find(key: Pointer): Pointer | null {
    return this.#values[key.u32(0)] ?? null;
  }

  update(key: Pointer, value: Pointer, flags: bigint): number {
    const failed = this.#mayWrite(key, flags);
    if (failed === 0) this.lookup(key)?.assign(value, this.valueSize);
    return failed;
  }

  replace(key: Pointer, value: Pointer, flags: bigint): number {
    const failed = this.#mayWrite(key, flags);
    if (failed === 0) this.find(key)?.assign(value, this.#layout.total);
    return failed;
  }

  remove(_key: Pointer): number {
    return EINVAL;
  }

  *entries(): Iterable<StoredEntry> {
    for (const [index, value] of this.#values.entries()) {
      const key = new Uint8Array(4);
      new DataView(key.buffer).setUint32(0, index, true);
      yield { key, value };
    }
  }

  /** kernel/bpf/arraymap.c, array_map_update_elem. */
  #mayWrite(key: Pointer, flags: bigint): number {
    if (flags > REPLACE) return EINVAL;
    if (key.u32(0) >= this.maxEntries) return E2BIG;
    return flags === CREATE ? EEXIST : 0;
  }
}
