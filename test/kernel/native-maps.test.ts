import { expect, test } from "vitest";
import type { Binding } from "../../runtime/native.ts";
import { binding } from "../../runtime/native.ts";
import { describeKernel } from "../support/kernel.ts";

// include/uapi/linux/bpf.h: enum bpf_map_type, BPF_NOEXIST, BPF_F_NO_PREALLOC.
const HASH = 1;
const ARRAY = 2;
const PERCPU_HASH = 5;
const PERCPU_ARRAY = 6;
const LPM_TRIE = 11;
const QUEUE = 22;
const NOEXIST = 1n;
const NO_PREALLOC = 1;

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const u64 = (...values: bigint[]) => new Uint8Array(BigUint64Array.from(values).buffer);
const toU32 = (bytes: Uint8Array | undefined) =>
  bytes && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function makeMap(shape: Partial<Binding.MapShape> = {}): Binding.Descriptor & Disposable {
  const map = binding().mapCreate({ type: HASH, keySize: 4, valueSize: 8, maxEntries: 64, ...shape });
  return Object.assign(map, { [Symbol.dispose]: () => map.close() });
}

function errorOf(
  body: () => unknown,
): Error & { code?: string; errno?: number; operation?: string; count?: number } {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describeKernel("native map operations", () => {
  test("a hash map holds what is put in", () => {
    using map = makeMap({ name: "tsbpf_hash" });
    const native = binding();
    expect(native.mapLookup(map, u32(1), 8)).toBeUndefined();
    native.mapUpdate(map, u32(1), u64(10n));
    native.mapUpdate(map, u32(1), u64(11n));
    expect(native.mapLookup(map, u32(1), 8)).toEqual(u64(11n));
    expect(errorOf(() => native.mapUpdate(map, u32(1), u64(12n), NOEXIST))).toMatchObject({
      code: "EEXIST",
      errno: 17,
      operation: "map_update_elem",
    });
    expect(native.mapLookupAndDelete(map, u32(1), 8)).toEqual(u64(11n));
    expect(native.mapLookupAndDelete(map, u32(1), 8)).toBeUndefined();
    native.mapUpdate(map, u32(2), u64(2n));
    expect(native.mapDelete(map, u32(2))).toBe(true);
    expect(native.mapDelete(map, u32(2))).toBe(false);
    expect(native.mapInfo(map)).toMatchObject({
      type: HASH,
      name: "tsbpf_hash",
      keySize: 4,
      valueSize: 8,
      maxEntries: 64,
    });
  });

  test("keys can be walked, an end is no error", () => {
    using map = makeMap();
    const native = binding();
    expect(native.mapNextKey(map, undefined, 4)).toBeUndefined();
    for (const n of [5, 6, 7]) native.mapUpdate(map, u32(n), u64(BigInt(n)));
    const keys: number[] = [];
    for (let key = native.mapNextKey(map, undefined, 4); key; key = native.mapNextKey(map, key, 4)) {
      keys.push(toU32(key) as number);
    }
    expect(keys.sort()).toEqual([5, 6, 7]);
  });

  test("a per-CPU map's value is that of all possible CPUs, each rounded up to 8 bytes", () => {
    const native = binding();
    const cpus = native.possibleCpus();
    for (const type of [PERCPU_HASH, PERCPU_ARRAY]) {
      using map = makeMap({ type, valueSize: 4 });
      const value = u64(...Array.from({ length: cpus }, (_, cpu) => BigInt(cpu + 1)));
      native.mapUpdate(map, u32(0), value);
      expect(native.mapLookup(map, u32(0), 8 * cpus)).toEqual(value);
      // The size of one CPU's value is what a caller would think of; the kernel writes all.
      expect(errorOf(() => native.mapLookup(map, u32(0), 4))).toMatchObject({ code: "EINVAL" });
      expect(errorOf(() => native.mapUpdate(map, u32(0), u32(1)))).toMatchObject({ code: "EINVAL" });
    }
  });

  test("a longest-prefix map finds the longest prefix", () => {
    using map = makeMap({ type: LPM_TRIE, keySize: 8, valueSize: 4, flags: NO_PREALLOC });
    const native = binding();
    const key = (bits: number, ...address: number[]) => Uint8Array.from([...u32(bits), ...address]);
    native.mapUpdate(map, key(8, 10, 0, 0, 0), u32(8));
    native.mapUpdate(map, key(24, 10, 1, 2, 0), u32(24));
    expect(toU32(native.mapLookup(map, key(32, 10, 1, 2, 3), 4))).toBe(24);
    expect(toU32(native.mapLookup(map, key(32, 10, 9, 9, 9), 4))).toBe(8);
    expect(native.mapLookup(map, key(32, 11, 0, 0, 1), 4)).toBeUndefined();
  });

  test("a queue has no keys", () => {
    using map = makeMap({ type: QUEUE, keySize: 0, valueSize: 4 });
    const native = binding();
    const none = new Uint8Array(0);
    native.mapUpdate(map, none, u32(1));
    native.mapUpdate(map, none, u32(2));
    expect(toU32(native.mapLookup(map, none, 4))).toBe(1);
    expect(toU32(native.mapLookupAndDelete(map, none, 4))).toBe(1);
    expect(toU32(native.mapLookupAndDelete(map, none, 4))).toBe(2);
    expect(native.mapLookupAndDelete(map, none, 4)).toBeUndefined();
  });

  test("a map of maps takes descriptors and gives identifiers", () => {
    using inner = makeMap({ type: ARRAY, valueSize: 4, maxEntries: 2 });
    const native = binding();
    using outer = makeMap({ type: 12, valueSize: 4, maxEntries: 4, innerMap: inner });
    native.mapUpdate(outer, u32(1), u32(inner.fd));
    expect(toU32(native.mapLookup(outer, u32(1), 4))).toBe(native.mapInfo(inner).id);
  });

  test("a frozen map takes no more", () => {
    using map = makeMap({ type: ARRAY });
    const native = binding();
    native.mapFreeze(map);
    expect(errorOf(() => native.mapUpdate(map, u32(0), u64(1n)))).toMatchObject({ code: "EPERM" });
    expect(native.mapLookup(map, u32(0), 8)).toEqual(u64(0n));
  });
});

describeKernel("native map batches", () => {
  const native = () => binding();

  function readAll(
    map: Binding.Descriptor,
    count: number,
    keySize: number,
    valueSize: number,
    remove = false,
  ) {
    const found = new Map<number, Uint8Array>();
    let cursor: Uint8Array | undefined;
    do {
      const batch = native().mapLookupBatch(map, cursor, count, keySize, valueSize, { delete: remove });
      expect(batch.keys.length).toBe(batch.count * keySize);
      expect(batch.values.length).toBe(batch.count * valueSize);
      for (let i = 0; i < batch.count; i++) {
        const key = batch.keys.subarray(i * keySize, (i + 1) * keySize);
        found.set(toU32(key) as number, batch.values.slice(i * valueSize, (i + 1) * valueSize));
      }
      cursor = batch.cursor;
    } while (cursor !== undefined);
    return found;
  }

  test("a hash map is written, read and emptied in batches", () => {
    using map = makeMap({ maxEntries: 1000 });
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    expect(
      native().mapUpdateBatch(map, u32(...numbers), u64(...numbers.map((n) => BigInt(n) * 3n)), 500),
    ).toBe(500);
    const all = readAll(map, 64, 4, 8);
    expect([...all.keys()].sort((a, b) => a - b)).toEqual(numbers);
    expect(all.get(499)).toEqual(u64(1497n));
    expect(native().mapDeleteBatch(map, u32(0, 1, 2), 3)).toBe(3);
    expect(readAll(map, 64, 4, 8, true).size).toBe(497);
    expect(native().mapNextKey(map, undefined, 4)).toBeUndefined();
    expect(readAll(map, 64, 4, 8).size).toBe(0);
  });

  test("a per-CPU hash map's batch has all CPUs' values", () => {
    using map = makeMap({ type: PERCPU_HASH });
    const cpus = native().possibleCpus();
    const one = Array.from({ length: cpus }, (_, cpu) => BigInt(cpu));
    native().mapUpdateBatch(map, u32(1, 2, 3), u64(...one, ...one, ...one), 3);
    const all = readAll(map, 16, 4, 8 * cpus);
    expect([...all.keys()].sort()).toEqual([1, 2, 3]);
    expect(all.get(2)).toEqual(u64(...one));
  });

  test("a longest-prefix map's cursor is a key", () => {
    using map = makeMap({ type: LPM_TRIE, keySize: 8, valueSize: 4, flags: NO_PREALLOC });
    const keys = [1, 2, 3].flatMap((n) => [...u32(32), 10, 0, 0, n]);
    native().mapUpdateBatch(map, Uint8Array.from(keys), u32(1, 2, 3), 3);
    const first = native().mapLookupBatch(map, undefined, 2, 8, 4);
    expect(first).toMatchObject({ count: 2 });
    expect(first.cursor).toHaveLength(8);
    const rest = native().mapLookupBatch(map, first.cursor, 2, 8, 4);
    expect(rest).toMatchObject({ count: 1, cursor: undefined });
  });

  test("a batch that stops says where", () => {
    using map = makeMap({ maxEntries: 4 });
    native().mapUpdateBatch(map, u32(1, 2), u64(1n, 2n), 2);
    expect(errorOf(() => native().mapDeleteBatch(map, u32(1, 9, 2), 3))).toMatchObject({
      code: "ENOENT",
      count: 1,
    });
    expect(native().mapLookup(map, u32(2), 8)).toEqual(u64(2n));
  });

  test("one that is refused as a whole has done nothing", () => {
    using map = makeMap();
    const error = errorOf(() => native().mapUpdateBatch(map, u32(1), u64(1n), 1, 1n << 40n));
    expect(error).toMatchObject({ code: "EINVAL", count: 0 });
  });

  test("sizes that do not fit are refused before the kernel sees them", () => {
    using map = makeMap();
    const bad: (() => unknown)[] = [
      () => native().mapLookup(map, u32(1), 4),
      () => native().mapLookup(map, u32(1), 4_000_000_000),
      () => native().mapLookup(map, new Uint8Array(3), 8),
      () => native().mapLookup(map, new Uint8Array(0), 8),
      () => native().mapUpdate(map, u32(1), u32(1)),
      () => native().mapDelete(map, new Uint8Array(5)),
      () => native().mapNextKey(map, undefined, 8),
      () => native().mapNextKey(map, new Uint8Array(1), 4),
      () => native().mapLookupBatch(map, undefined, 10, 4, 4),
      () => native().mapLookupBatch(map, undefined, 10, 8, 8),
      () => native().mapLookupBatch(map, undefined, 0, 4, 8),
      () => native().mapLookupBatch(map, new Uint8Array(3), 10, 4, 8),
      () => native().mapUpdateBatch(map, u32(1), u64(1n), 2),
      () => native().mapUpdateBatch(map, u32(1), u64(1n), 4_294_967_295),
      () => native().mapDeleteBatch(map, u32(1, 2), 1),
    ];
    for (const body of bad) expect(errorOf(body), String(body)).toMatchObject({ code: "EINVAL" });
    // More than the map can hold is not asked of it, and not allocated.
    expect(native().mapLookupBatch(map, undefined, 4_294_967_295, 4, 8)).toMatchObject({ count: 0 });
  });

  test("wrong types are type errors", () => {
    using map = makeMap();
    const loose = native() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const bad: (() => unknown)[] = [
      () => loose.mapLookup?.(),
      () => loose.mapLookup?.({}, u32(1), 8),
      () => loose.mapLookup?.(Object.create(Object.getPrototypeOf(map)), u32(1), 8),
      () => loose.mapLookup?.(map, "key!", 8),
      () => loose.mapLookup?.(map, new Float32Array(1), 8),
      () => loose.mapLookup?.(map, u32(1), 8.5),
      () => loose.mapLookup?.(map, u32(1), -8),
      () => loose.mapLookup?.(map, u32(1), 8, 5),
      () => loose.mapLookup?.(map, u32(1), 8, -1n),
      () => loose.mapLookup?.(map, u32(1), 8, 1n << 64n),
      () => loose.mapCreate?.(),
      () => loose.mapCreate?.({ type: HASH, name: "a\0b", keySize: 4, valueSize: 4, maxEntries: 1 }),
    ];
    for (const body of bad) expect(errorOf(body), String(body)).toBeInstanceOf(TypeError);
  });
});
