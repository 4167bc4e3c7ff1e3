import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type SimulatedCollection,
  SimulatedKeyedMap,
  SimulatedRingBuffer,
  type SimulateOptions,
  simulate,
} from "../../../simulator/index.ts";

/** A file of its own, gone once it is compiled. */
function simulateSource(source: string, options: SimulateOptions = {}): SimulatedCollection {
  const cwd = mkdtempSync(join(tmpdir(), "tsbpf-simulator-"));
  try {
    writeFileSync(join(cwd, "main.bpf.ts"), source);
    return simulate("main.bpf.ts", { ...options, compiler: { cwd } });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

const source = `import { ArrayMap, HashMap, LpmTrie, LruHashMap, MapUpdate, PerCpuHashMap, RingBuffer, TcAction, tc,
  type be32, type u8, type u16, type u32, type u64 } from "tsbpf/stdlib";
export interface Key { a: u8; b: u32 }
export interface Prefix { prefixlen: u32; address: be32 }
export const hash = new HashMap<Key, u64>({ maxEntries: 2 });
export const lru = new LruHashMap<u32, u32>({ maxEntries: 2 });
export const array = new ArrayMap<u16>({ maxEntries: 2 });
export const each = new PerCpuHashMap<u32, u32>({ maxEntries: 2 });
export const trie = new LpmTrie<Prefix, u32>({ maxEntries: 2 });
export const ring = new RingBuffer<Key>({ maxEntries: 4096 });
export let errno: i32 = 0;
export let full: u32 = 0;
import type { i32 } from "tsbpf/stdlib";
export const put = tc((packet) => {
  errno = hash.set({ a: 1, b: packet.mark }, 5n, packet.priority === 1 ? MapUpdate.NOEXIST : MapUpdate.ANY);
  return TcAction.OK;
});
export const replace = tc((packet) => {
  errno = hash.set({ a: 1, b: packet.mark }, 6n, MapUpdate.EXIST);
  return TcAction.OK;
});
export const remove = tc((packet) => {
  errno = hash.delete({ a: 1, b: packet.mark });
  return TcAction.OK;
});
export const touch = tc((packet) => {
  lru.get(packet.mark);
  return TcAction.OK;
});
export const count = tc((packet) => {
  each.set(1, (each.get(1) ?? 0) + 1);
  return TcAction.OK;
});
export const beyond = tc((packet) => {
  errno = array.set(packet.mark, 7);
  return TcAction.OK;
});
export const fill = tc((packet) => {
  using event = ring.reserve();
  if (!event) {
    full++;
    return TcAction.OK;
  }
  event.record.b = packet.mark;
  if (packet.mark === 3) return TcAction.SHOT;
  event.submit();
  return TcAction.OK;
});
export const tag = tc((packet) => {
  packet.vlanPop();
  return TcAction.OK;
});
`;

const app = () => simulateSource(source);

function keyed<K, V>(collection: SimulatedCollection, name: string): SimulatedKeyedMap<K, V> {
  const map = collection.map(name);
  if (!(map instanceof SimulatedKeyedMap)) throw new Error(`${name} has no entries`);
  return map as SimulatedKeyedMap<K, V>;
}

describe("simulated maps", () => {
  test("a hash map answers with the kernel's errors", () => {
    const it = app();
    const run = (program: string, mark: number, priority = 0) => {
      it.program(program).run({ mark, priority });
      return it.globals.errno;
    };
    expect(run("put", 1)).toBe(0);
    expect(run("put", 1, 1)).toBe(-17);
    expect(run("put", 2)).toBe(0);
    expect(run("put", 3)).toBe(-7);
    expect(run("replace", 3)).toBe(-2);
    expect(run("replace", 2)).toBe(0);
    expect(run("remove", 3)).toBe(-2);
    expect(run("remove", 1)).toBe(0);
    const hash = keyed(it, "hash");
    expect([...hash]).toEqual([[{ a: 1, b: 2 }, 6n]]);
    hash.set({ a: 0, b: 0 }, 1n);
    expect(() => hash.set({ a: 9, b: 9 }, 1n)).toThrow(
      expect.objectContaining({ code: "TSB4032", errno: 7 }),
    );
    expect(() => hash.set({ a: 0, b: 0 }, 1n, { mode: "create" })).toThrow(
      expect.objectContaining({ code: "TSB4033" }),
    );
    expect(() => hash.set({ a: 300, b: 0 }, 1n)).toThrow(expect.objectContaining({ code: "TSB4030" }));
    expect(() => hash.get({ a: 1 })).toThrow(expect.objectContaining({ code: "TSB4030" }));
    hash.clear();
    expect(hash.size).toBe(0);
  });

  test("an LRU map drops what was not used for longest", () => {
    const it = app();
    const lru = keyed<number, number>(it, "lru");
    lru.set(1, 10).set(2, 20);
    it.program("touch").run({ mark: 1 });
    lru.set(3, 30);
    expect([...lru.keys()].sort()).toEqual([1, 3]);
  });

  test("an array has every entry, and none beyond", () => {
    const it = app();
    const array = keyed<number, number>(it, "array");
    it.program("beyond").run({ mark: 2 });
    expect(it.globals.errno).toBe(-7);
    it.program("beyond").run({ mark: 1 });
    expect([...array]).toEqual([
      [0, 0],
      [1, 7],
    ]);
    expect(() => array.set(2, 1)).toThrow(expect.objectContaining({ code: "TSB4034" }));
    expect(() => array.delete(0)).toThrow(expect.objectContaining({ code: "TSB4035" }));
  });

  test("each CPU has its own value", () => {
    const it = simulateSource(source, { cpus: 3, cpu: 1 });
    it.program("count").run();
    it.program("count").run();
    it.machine.cpu = 2;
    it.program("count").run();
    expect(keyed(it, "each").get(1)).toEqual([0, 2, 1]);
  });

  test("a trie refuses when it is full, and prefixes that are too long", () => {
    const trie = keyed<{ prefixlen: number; address: number }, number>(app(), "trie");
    trie.set({ prefixlen: 0, address: 0 }, 1).set({ prefixlen: 24, address: 0x0a000000 }, 2);
    expect(trie.get({ prefixlen: 32, address: 0x0a0000ff })).toBe(2);
    expect(trie.get({ prefixlen: 32, address: 0x0a0001ff })).toBe(1);
    expect(trie.get({ prefixlen: 33, address: 0 })).toBeUndefined();
    expect(() => trie.set({ prefixlen: 8, address: 0 }, 3)).toThrow(
      expect.objectContaining({ code: "TSB4032" }),
    );
    expect(() => trie.set({ prefixlen: 33, address: 0 }, 3)).toThrow(expect.objectContaining({ errno: 22 }));
  });

  test("a ring buffer holds what fits, and what is not submitted is discarded", () => {
    const it = app();
    const ring = it.map("ring");
    if (!(ring instanceof SimulatedRingBuffer)) throw new Error("no ring buffer");
    for (const mark of [1, 3, 2]) it.program("fill").run({ mark });
    expect(ring.drain()).toEqual([
      { a: 0, b: 1 },
      { a: 0, b: 2 },
    ]);
    // 16 bytes each; one byte of the buffer stays free.
    for (let count = 0; count < 256; count++) it.program("fill").run({ mark: count + 10 });
    expect(it.globals.full).toBe(1);
    expect(ring.drain()).toHaveLength(255);
  });

  test("TSB4080: a helper without a simulation is named", () => {
    expect(() => app().program("tag").run()).toThrow("`bpf_skb_vlan_pop` is not simulated");
  });

  test("TSB4081: a field that the context does not have", () => {
    expect(() => app().program("tag").run({ port: 1 })).toThrow(expect.objectContaining({ code: "TSB4081" }));
  });

  test("a program that does not compile says why", () => {
    expect(() => simulateSource("export const x: Missing = 1;")).toThrow(
      expect.objectContaining({ name: "CompileError" }),
    );
  });
});
