import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  type ArrayMap,
  BpfError,
  type Collection,
  type HashMap,
  type KeyedMap,
  type LpmTrie,
  type LruHashMap,
  loadObject,
  open,
  type PerCpuArray,
  type PerCpuHashMap,
  ProgArray,
  type RingBuffer,
  type SkStorage,
  type SockHash,
  type SockMap,
} from "../../runtime/index.ts";
import { binding } from "../../runtime/native.ts";
import { compileC, describeKernel } from "../support/kernel.ts";

const header = `#include "bpf.h"
#define MAP(name, kind, k, v, n) struct { __uint(type, BPF_MAP_TYPE_##kind); __type(key, k); __type(value, v); __uint(max_entries, n); } name SEC(".maps");
`;

const open_: Collection[] = [];
afterEach(() => {
  for (const collection of open_.splice(0)) collection.close();
});

function loadC(source: string): Collection {
  const collection = loadObject(open(compileC(header + source), { name: "maps.bpf.o" }));
  open_.push(collection);
  return collection;
}

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof BpfError) return error.code;
    throw error;
  }
  return "accepted";
}

const tcpPair = async (): Promise<{ client: Socket; server: Socket; [Symbol.dispose](): void }> => {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const client = connect((listener.address() as { port: number }).port, "127.0.0.1");
  const [[server]] = await Promise.all([once(listener, "connection"), once(client, "connect")]);
  return {
    client,
    server,
    [Symbol.dispose]() {
      client.destroy();
      (server as Socket).destroy();
      listener.close();
    },
  };
};

/** Node has no public way to a socket's descriptor. */
const fdOf = (socket: Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

describeKernel(
  "maps",
  () => {
    test("hash: as JavaScript's Map", () => {
      const app = loadC("struct key { __u32 a; __u16 b; }; MAP(m, HASH, struct key, __u64, 100)");
      const map = app.map("m") as HashMap<{ a: number; b: number }, bigint>;
      expect(map.get({ a: 1, b: 2 })).toBeUndefined();
      expect(map.has({ a: 1, b: 2 })).toBe(false);
      expect(map.set({ a: 1, b: 2 }, 3n)).toBe(map);
      expect(map.get({ a: 1, b: 2 })).toBe(3n);
      expect(map.has({ a: 1, b: 2 })).toBe(true);
      expect(map.size).toBe(1);
      expect([...map]).toEqual([[{ a: 1, b: 2 }, 3n]]);
      expect([...map.keys()]).toEqual([{ a: 1, b: 2 }]);
      expect([...map.values()]).toEqual([3n]);
      expect(map.delete({ a: 1, b: 2 })).toBe(true);
      expect(map.delete({ a: 1, b: 2 })).toBe(false);
      expect(map.size).toBe(0);
    });

    test("hash: modes, full, wrong values", () => {
      const app = loadC("MAP(m, HASH, __u32, __u32, 2)");
      const map = app.map("m") as HashMap<number, number>;
      map.set(1, 1);
      expect(code(() => map.set(1, 2, { mode: "create" }))).toBe("TSB4033");
      expect(code(() => map.set(2, 2, { mode: "replace" }))).toBe("TSB4034");
      map.set(1, 3, { mode: "replace" }).set(2, 2, { mode: "create" });
      expect(map.get(1)).toBe(3);
      expect(code(() => map.set(3, 3))).toBe("TSB4032");
      expect(
        code(() =>
          map.setMany([
            [4, 4],
            [5, 5],
          ]),
        ),
      ).toBe("TSB4032");
      expect(code(() => map.set(1, -1))).toBe("TSB4030");
      expect(code(() => map.set("1" as never, 1))).toBe("TSB4030");
      expect(map.size).toBe(2);
    });

    test("hash: thousands of entries, written and walked in batches", () => {
      const app = loadC("MAP(m, HASH, __u32, __u64, 20000)");
      const map = app.map("m") as HashMap<number, bigint>;
      const entries = Array.from({ length: 15000 }, (_, index) => [index * 7, BigInt(index)] as const);
      map.setMany(entries);
      expect(map.size).toBe(15000);
      expect(new Map(map)).toEqual(new Map(entries));
      map.clear();
      expect(map.size).toBe(0);
    });

    test("hash: changed while walking, every entry that stays comes once", () => {
      const app = loadC("MAP(m, HASH, __u32, __u32, 4096)");
      const map = app.map("m") as HashMap<number, number>;
      map.setMany(Array.from({ length: 2000 }, (_, index) => [index, index] as const));
      const seen: number[] = [];
      for (const [key] of map) {
        seen.push(key);
        if (key % 2 === 1) map.delete(key);
        if (seen.length < 1500) map.set(10_000 + seen.length, 0);
      }
      const even = seen.filter((key) => key < 2000 && key % 2 === 0);
      expect(even.length).toBe(1000);
      expect(new Set(seen).size).toBe(seen.length);
    });

    test("LRU hash: evicts and is never full", () => {
      const app = loadC("MAP(m, LRU_HASH, __u32, __u32, 64)");
      const map = app.map("m") as LruHashMap<number, number>;
      for (let index = 0; index < 1000; index++) map.set(index, index);
      expect(map.size).toBeLessThanOrEqual(64);
      expect(map.get(999)).toBe(999);
    });

    test("array: entries are there from the start", () => {
      const app = loadC("struct v { __u16 a; __u8 b[2]; }; MAP(m, ARRAY, __u32, struct v, 3)");
      const map = app.map("m") as ArrayMap<{ a: number; b: Uint8Array }>;
      const zero = { a: 0, b: new Uint8Array(2) };
      expect([...map]).toEqual([
        [0, zero],
        [1, zero],
        [2, zero],
      ]);
      map.set(2, { a: 7, b: new Uint8Array([1, 2]) });
      expect(map.get(2)).toEqual({ a: 7, b: new Uint8Array([1, 2]) });
      expect(map.get(3)).toBeUndefined();
      expect([map.size, map.length]).toEqual([3, 3]);
      expect(code(() => map.set(3, zero))).toBe("TSB4034");
      expect(code(() => map.delete(0))).toBe("TSB4035");
      expect(code(() => map.clear())).toBe("TSB4035");
    });

    test("per-CPU maps: arrays of one value per possible CPU", () => {
      const app = loadC(
        "struct v { __u32 a; __u32 b; __u32 c; }; MAP(h, PERCPU_HASH, __u32, struct v, 100) MAP(a, PERCPU_ARRAY, __u32, __u64, 4)",
      );
      const cpus = binding().possibleCpus();
      const hash = app.map("h") as PerCpuHashMap<number, { a: number; b: number; c: number }>;
      const values = Array.from({ length: cpus }, (_, cpu) => ({ a: cpu, b: cpu * 2, c: cpu * 3 }));
      hash.set(5, values);
      expect(hash.get(5)).toEqual(values);
      hash.setMany([
        [6, values],
        [7, values],
      ]);
      expect([...hash].sort(([a], [b]) => a - b)).toEqual([
        [5, values],
        [6, values],
        [7, values],
      ]);
      const array = app.map("a") as PerCpuArray<bigint>;
      const numbers = Array.from({ length: cpus }, (_, cpu) => BigInt(cpu + 1));
      array.set(1, numbers);
      expect(array.get(1)).toEqual(numbers);
      expect([...array.values()]).toEqual(
        [0, 1, 2, 3].map((index) => (index === 1 ? numbers : numbers.map(() => 0n))),
      );
      expect(code(() => array.set(0, [1n, 2n, 3n, 4n, 5n, 6n, 7n].slice(0, cpus + 1).concat(1n)))).toBe(
        "TSB4030",
      );
    });

    test("LPM trie: finds the most specific prefix", () => {
      const app = loadC(`struct key { __u32 prefixlen; __be32 ip; };
        struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __type(key, struct key); __type(value, __u32); __uint(max_entries, 1000); __uint(map_flags, BPF_F_NO_PREALLOC); } m SEC(".maps");`);
      const map = app.map("m") as LpmTrie<{ prefixlen: number; ip: number }, number>;
      map
        .set({ prefixlen: 8, ip: 0x0a000000 }, 1)
        .set({ prefixlen: 24, ip: 0x0a000100 }, 2)
        .set({ prefixlen: 0, ip: 0 }, 3);
      expect(map.get({ prefixlen: 32, ip: 0x0a000105 })).toBe(2);
      expect(map.get({ prefixlen: 32, ip: 0x0a090909 })).toBe(1);
      expect(map.get({ prefixlen: 32, ip: 0x0b000000 })).toBe(3);
      expect([...map].map(([key, value]) => `${key.prefixlen}:${value}`).sort()).toEqual([
        "0:3",
        "24:2",
        "8:1",
      ]);
      map.delete({ prefixlen: 24, ip: 0x0a000100 });
      expect(map.get({ prefixlen: 32, ip: 0x0a000105 })).toBe(1);
      map.setMany(
        Array.from(
          { length: 500 },
          (_, index) => [{ prefixlen: 32, ip: 0xc0a80000 + index }, index] as const,
        ),
      );
      expect(map.size).toBe(502);
      let walked = 0;
      for (const [key] of map) {
        walked++;
        if (key.prefixlen === 32) map.delete(key);
      }
      expect(walked).toBeGreaterThanOrEqual(502);
      expect(map.size).toBe(2);
    });

    test("socket maps: sockets in, cookies out", async () => {
      using pair = await tcpPair();
      const app = loadC(
        "MAP(h, SOCKHASH, __u64, __u64, 8) MAP(m, SOCKMAP, __u32, __u64, 8) MAP(small, SOCKMAP, __u32, __u32, 8)",
      );
      const hash = app.map("h") as SockHash<bigint>;
      expect(hash.get(1n)).toBeUndefined();
      hash.set(1n, fdOf(pair.client)).set(2n, fdOf(pair.server));
      const cookie = hash.get(1n);
      expect(cookie).toBeTypeOf("bigint");
      expect(hash.get(2n)).not.toBe(cookie);
      expect([...hash.keys()].sort()).toEqual([1n, 2n]);
      expect(hash.delete(1n)).toBe(true);
      expect(hash.delete(1n)).toBe(false);
      const map = app.map("m") as SockMap;
      map.set(3, fdOf(pair.client));
      expect(map.get(3)).toBe(cookie);
      expect([...map.keys()]).toEqual([3]);
      expect(map.delete(3)).toBe(true);
      expect(map.delete(3)).toBe(false);
      const small = app.map("small") as SockMap;
      small.set(0, fdOf(pair.client));
      expect(code(() => small.get(0))).toBe("TSB4035");
      expect(code(() => map.set(0, 99999))).toBe("TSB4037");
      expect(code(() => map.set(0, -1))).toBe("TSB4030");
      const file = openSync("/dev/null", "r");
      expect(code(() => map.set(0, file))).toBe("TSB4037");
      closeSync(file);
    });

    test("socket storage: a value in a socket", async () => {
      using pair = await tcpPair();
      const app = loadC(`struct v { __u32 mark; __u32 more; };
        struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __type(key, int); __type(value, struct v); __uint(map_flags, BPF_F_NO_PREALLOC); } m SEC(".maps");`);
      const map = app.map("m") as SkStorage<{ mark: number; more: number }>;
      const fd = fdOf(pair.client);
      expect(map.get(fd)).toBeUndefined();
      map.set(fd, { mark: 7, more: 8 });
      expect(map.get(fd)).toEqual({ mark: 7, more: 8 });
      expect(map.get(fdOf(pair.server))).toBeUndefined();
      expect(map.delete(fd)).toBe(true);
      expect(map.delete(fd)).toBe(false);
      expect(code(() => map.get(99999))).toBe("TSB4037");
      const file = openSync("/dev/null", "r");
      expect(code(() => map.set(file, { mark: 1, more: 1 }))).toBe("TSB4037");
      closeSync(file);
    });

    test("program array: tail calls go where user space says", () => {
      const app = loadC(`MAP(jumps, PROG_ARRAY, __u32, __u32, 4)
        SEC("tc") int one(struct __sk_buff *skb) { return 1; }
        SEC("tc") int two(struct __sk_buff *skb) { return 2; }
        SEC("xdp") int other(struct xdp_md *ctx) { return 2; }
        SEC("tc") int entry(struct __sk_buff *skb) { bpf_tail_call(skb, &jumps, 0); return 0; }`);
      const jumps = app.map("jumps") as ProgArray;
      expect(jumps).toBeInstanceOf(ProgArray);
      const run = () => app.program("entry").run({ data: new Uint8Array(64) }).result;
      expect(run()).toBe(0);
      jumps.set(0, app.program("one"));
      expect(run()).toBe(1);
      expect(jumps.get(0)).toBe(app.program("one").id);
      jumps.set(0, app.program("two"));
      expect(run()).toBe(2);
      expect(code(() => jumps.set(1, app.program("other")))).toBe("TSB4030");
      expect(jumps.delete(0)).toBe(true);
      expect(jumps.delete(0)).toBe(false);
      expect(run()).toBe(0);
    });

    test("a map without BTF types passes bytes of exactly its sizes", () => {
      const app = loadC(
        'struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(key_size, 3); __uint(value_size, 5); __uint(max_entries, 4); } m SEC(".maps");',
      );
      const map = app.map("m") as KeyedMap<Uint8Array, Uint8Array>;
      map.set(new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 3, 4, 5]));
      expect(map.get(new Uint8Array([1, 2, 3]))).toEqual(new Uint8Array([1, 2, 3, 4, 5]));
      expect(code(() => map.get(new Uint8Array(4)))).toBe("TSB4030");
      expect(code(() => map.set(new Uint8Array(3), new Uint8Array(4)))).toBe("TSB4030");
    });

    test("a closed map says so", () => {
      const app = loadC(
        'MAP(m, HASH, __u32, __u32, 4) MAP(a, ARRAY, __u32, __u32, 4) MAP(s, SOCKHASH, __u32, __u64, 4) struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } r SEC(".maps");',
      );
      const [map, array, sockets, ring] = [
        app.map("m") as HashMap,
        app.map("a") as ArrayMap,
        app.map("s") as SockHash,
        app.map("r") as RingBuffer,
      ];
      const walk = map[Symbol.iterator]();
      app.close();
      app.close();
      map.close();
      for (const use of [
        () => map.get(1),
        () => map.has(1),
        () => map.set(1, 1),
        () => map.delete(1),
        () => [...map],
        () => map.size,
        () => walk.next(),
        () => map.pin("/sys/fs/bpf/tsbpf-nothing"),
        () => array.get(0),
        () => array.size,
        () => sockets.get(1),
        () => ring.on(() => {}),
        () => ring.drain(),
        () => ring[Symbol.asyncIterator](),
        () => app.map("m"),
        () => app.program("p"),
      ]) {
        expect(code(use)).toBe("TSB4060");
      }
    });
  },
  "clang",
);
