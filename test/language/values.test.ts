import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, compute } from "./support/snippet.ts";

const types = `
interface Inner { x: u32; y: u8 }
interface Pair { a: u32; b: u64; inner: Inner; list: FixedArray<u16, 4> }
const pairs = new HashMap<u32, Pair>({ maxEntries: 8 });
const scalars = new HashMap<u32, u32>({ maxEntries: 8 });
function bump(pair: Pair): void { pair.a += 1; }
function sum(pair: Readonly<Pair>): u32 { return pair.a + pair.inner.x; }
function made(a: u32): Pair { return { a, b: 0n, inner: { x: a, y: 0 }, list: [0, 0, 0, 0] }; }
function first(one: Pair, _other: Pair): Pair { return one; }
function find(key: u32): Pair | undefined { const p = pairs.get(key); if (!p) return undefined; return p; }
function half(n: u32): u32 | undefined { if (n % 2 !== 0) return undefined; return n / 2; }
`;

const u32s = (statements: string) => compute("u32", statements, {}, types);

describeKernel(
  "values and references",
  () => {
    test("a constant with a struct's name is the same struct", async () => {
      expect(await u32s("const p = struct<Pair>({ a: 1 }); const q = p; q.a = 5; result = p.a;")).toBe(5);
    });
    test("a variable that is given another struct refers to that one", async () => {
      expect(
        await u32s(
          "let p = made(1); const q = made(2); const old = p; p = q; p.a = 7; result = q.a * 10 + old.a;",
        ),
      ).toBe(71);
      expect(
        await u32s(
          "let p = made(1); const old = p; if (old.a === 1) p = made(9); old.a = 3; result = p.a * 10 + old.a;",
        ),
      ).toBe(93);
    });
    test("spread, fields and elements copy", async () => {
      expect(await u32s("const p = made(4); const q = { ...p, b: 1n }; q.a = 9; result = p.a;")).toBe(4);
      expect(
        await u32s(
          "const p = made(4); const i: Inner = { x: 1, y: 2 }; p.inner = i; i.x = 50; result = p.inner.x;",
        ),
      ).toBe(1);
      expect(await u32s("const p = made(4); const i = p.inner; i.x = 50; result = p.inner.x;")).toBe(50);
      expect(await u32s("const p = made(4); const l = p.list; l[2] = 6; result = p.list[2];")).toBe(6);
    });
    test("set copies in and get refers", async () => {
      expect(
        await u32s(
          "const p = made(4); pairs.set(1, p); p.a = 100; const q = pairs.get(1); if (q) { q.a += 1; result = q.a; }",
        ),
      ).toBe(5);
      expect(
        await u32s(
          "pairs.set(1, made(4)); const q = pairs.get(1); if (!q) return TcAction.OK; q.inner.x = 8; result = find(1)?.inner.x ?? 0;",
        ),
      ).toBe(8);
    });
    test("parameters refer", async () => {
      expect(await u32s("const p = made(4); bump(p); bump(p); result = p.a;")).toBe(6);
      expect(
        await u32s(
          "pairs.set(1, made(4)); const p = pairs.get(1); if (p) bump(p); result = find(1)?.a ?? 99;",
        ),
      ).toBe(5);
      expect(await u32s("const p = made(4); const q = made(5); first(p, q).a = 77; result = p.a;")).toBe(77);
      expect(await u32s("result = sum(made(3)) + sum({ ...made(1), a: 9 });")).toBe(16);
    });
    test("a scalar from a map is a copy, its reference is live", async () => {
      expect(
        await u32s("scalars.set(1, 5); const n = scalars.get(1); scalars.set(1, 6); result = n ?? 0;"),
      ).toBe(5);
      expect(
        await u32s(
          "scalars.set(1, 5); const n = scalars.ref(1); if (n) n.value += 3; result = scalars.get(1) ?? 0;",
        ),
      ).toBe(8);
    });
    test("padding is zero, so a struct is a safe key", async () => {
      const key =
        "interface Key { a: u8; b: u32; c: u8 }\nconst m = new HashMap<Key, u32>({ maxEntries: 4 });";
      expect(
        await compute(
          "u32",
          "const k = zero<Key>(); k.a = 1; k.b = 2; k.c = 3; m.set(k, 9); result = m.get({ a: 1, b: 2, c: 3 }) ?? 0;",
          {},
          key,
        ),
      ).toBe(9);
    });
    test("operands are read in order", async () => {
      const next = "let n: u32 = 0;\nfunction next(): u32 { n += 1; return n; }";
      expect(await compute("u32", "result = n * 100 + next() * 10 + n;", {}, next)).toBe(11);
      expect(await compute("u32", "result = next() - next() * 3 + 10;", {}, next)).toBe(5);
      expect(
        await compute(
          "u32",
          "const a: FixedArray<u32, 3> = [n, next(), n]; result = a[0] * 100 + a[1] * 10 + a[2];",
          {},
          next,
        ),
      ).toBe(11);
    });
  },
  "clang",
);

describeKernel(
  "values that may be undefined",
  () => {
    test("defaults", async () => {
      expect(await u32s("result = scalars.get(3) ?? 42;")).toBe(42);
      expect(await u32s("scalars.set(3, 0); result = scalars.get(3) ?? 42;")).toBe(0);
      expect(await u32s("scalars.set(3, 0); result = scalars.get(3) || 42;")).toBe(42);
      expect(await u32s("result = (half(10) ?? 100) + (half(3) ?? 100);")).toBe(105);
    });
    test("tests", async () => {
      expect(
        await u32s(
          "scalars.set(3, 0); const n = scalars.get(3); if (n === undefined) return TcAction.OK; result = n + 7;",
        ),
      ).toBe(7);
      expect(await u32s("scalars.set(3, 0); if (scalars.get(3)) result = 1; else result = 2;")).toBe(2);
      expect(await u32s("result = 1; if (scalars.get(9) === 0) result = 3;")).toBe(1);
      expect(
        await u32s(
          "scalars.set(1, 8); if (scalars.get(1) === 8 && scalars.has(1) && !scalars.has(2)) result = 3;",
        ),
      ).toBe(3);
      expect(await u32s("const p = pairs.get(1); result = p ? p.a : 6;")).toBe(6);
      expect(
        await u32s(
          "pairs.set(1, made(2)); const p = pairs.get(1); if (!p || p.a !== 2) return TcAction.OK; result = p.a;",
        ),
      ).toBe(2);
    });
    test("variables", async () => {
      expect(
        await u32s(
          "let n: u32 | undefined = undefined; for (const i of range(5)) { if (i === 3) n = i; } result = n ?? 9;",
        ),
      ).toBe(3);
      expect(
        await u32s(
          "let p: Pair | undefined; p = pairs.get(1); if (p === undefined) { pairs.set(1, made(6)); p = pairs.get(1); } result = p?.a ?? 1;",
        ),
      ).toBe(6);
    });
    test("choices", async () => {
      expect(
        await u32s(
          "const a = made(1); const b = made(2); const c = scalars.has(1) ? a : b; c.a = 9; result = a.a * 10 + b.a;",
        ),
      ).toBe(19);
      expect(await u32s("const a = find(1) ?? made(3); a.a += 1; result = a.a;")).toBe(4);
      expect(await u32s("const n = scalars.has(1) ? half(3) : half(8); result = n ?? 1;")).toBe(4);
    });
    test("a literal is of the struct beside it", async () => {
      const other = "const q = scalars.has(1) ? p : { a: 7, b: 0n, inner: p.inner, list: p.list };";
      expect(await u32s(`const p = made(4); ${other} q.a += 1; result = p.a * 10 + q.a;`)).toBe(48);
    });
    test("an entry of an array map that is provably there", async () => {
      const table =
        "const table = new ArrayMap<u64>({ maxEntries: 8 });\nconst rows = new ArrayMap<Inner>({ maxEntries: 8 });\ninterface Inner { x: u32 }";
      expect(
        await compute(
          "u64",
          "table.set(3, 5n); for (const i of range(8)) result += table.get(i)! + u64(i); rows.get(7)!.x = 4; result += u64(rows.get(7)!.x);",
          {},
          table,
        ),
      ).toBe(37n);
    });
  },
  "clang",
);

test("what would be lost or confused", () => {
  const { found } = checkSnippet(`
interface One { a: u32; b: u16 }
interface Two { b: u16; a: u32 }
const ones = new HashMap<u32, One>({ maxEntries: 8 });
export const settings = constant<One>({ a: 1, b: 2 });
function write(one: One): void { one.a = 1; }
export const run = tc(() => {
  const two: Two = { a: 1, b: 2 };
  ones.set(1, two);
  write(two);
  write(settings);
  const r: Readonly<One> = { a: 1, b: 2 };
  const w: One = r;
  const list: FixedArray<u32, 4> = [1, 2, 3, 4];
  const i = ones.get(1)?.a ?? 0;
  list[i] = 5;
  const x = list[i]!;
  const y = ones.get(2)!;
  if (two === two) return TcAction.OK;
  let best: One | undefined;
  for (const n of range(3)) { const fresh: One = { a: n, b: 0 }; best = fresh; }
  return TcAction.OK;
});
`);
  expect(found).toEqual([
    "TSB1228 9:two",
    "TSB1228 10:two",
    "TSB1229 11:settings",
    "TSB1229 13:r",
    "TSB1233 16:i",
    "TSB1233 17:i",
    "TSB1232 18:ones.get(2)!",
    "TSB1240 19:two",
    "TSB1253 21:fresh",
  ]);
});
