// What all random programs of a file share: types with padding, maps that are soon full, globals, and a function with an effect, so that the
// order in which operands are evaluated can be seen.

export const header = `import {
  type be16, type be32, type FixedArray, type u8, type u16, type u32, type u64, type i8, type i16, type i32, type i64,
  ArrayMap, HashMap, LpmTrie, TcAction, atomics, htonl, htons, max, min, ntohl, ntohs, range, tc, zero,
  u8 as toU8, u16 as toU16, u32 as toU32, u64 as toU64, i8 as toI8, i16 as toI16, i32 as toI32, i64 as toI64,
} from "tsbpf/stdlib";

export interface Pair {
  a: u8;
  b: u32;
}

export interface Wide {
  flag: boolean;
  x: u16;
  y: i64;
  pair: Pair;
  list: FixedArray<i16, 4>;
  z: i8;
  port: be16;
  address: be32;
  total: u64;
}

export interface Prefix {
  prefixlen: u32;
  bits: be32;
}

export const table = new HashMap<Pair, Wide>({ maxEntries: 3 });
export const counts = new HashMap<u32, u64>({ maxEntries: 2 });
export const slots = new ArrayMap<Wide>({ maxEntries: 2 });
export const networks = new LpmTrie<Prefix, u32>({ maxEntries: 3 });

export let g0: u32 = 0;
export let g1: i64 = 0n;
export let g2: u8 = 0;
export let g3: i32 = 0;
export let result: u64 = 0n;
export let numbers: FixedArray<u32, 4> = [1, 2, 3, 4];

function bump(by: u32): u32 {
  g0 = g0 * 3 + by;
  return g0;
}

function mix(value: u64): void {
  result = result * 31n + value;
}

function part(wide: Wide, by: u32): Pair {
  if (by > 9) return { a: toU8(by & 1), b: 0 };
  return { ...wide.pair, a: 1 };
}

function twist(wide: Wide, by: i16): i32 {
  wide.x = toU16(wide.x + 1);
  wide.list[toU32(by) & 3]! += by;
  wide.pair = { a: toU8(by), b: wide.pair.b ^ 7 };
  return wide.list[0] + by;
}
`;

export const globals = ["g0", "g1", "g2", "g3", "result", "numbers"] as const;
export const maps = ["table", "counts", "slots", "networks"] as const;
