import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, compute, loadSnippet, runTc } from "./support/snippet.ts";

const u32s = (
  statements: string,
  inputs: Readonly<Record<string, readonly [string, number]>> = {},
  declarations = "",
) => compute("u32", statements, inputs, declarations);

describeKernel(
  "control flow",
  () => {
    test("switch falls through until a break", async () => {
      const body =
        "switch (n) { case 1: result += 1; case 2: result += 10; break; default: result += 100; case 7: result += 1000; }";
      for (const [n, wanted] of [
        [1, 11],
        [2, 10],
        [3, 1100],
        [7, 1000],
      ] as const) {
        expect(await u32s(body, { n: ["u32", n] })).toBe(wanted);
      }
    });
    test("switch over an enum, in a loop", async () => {
      const declared =
        "enum Kind { A, B = 5, C }\nfunction score(kind: Kind): u32 { switch (kind) { case Kind.A: return 1; case Kind.B: return 20; case Kind.C: return 300; } }";
      expect(await u32s("result = score(Kind.A) + score(Kind.B) + score(Kind.C);", {}, declared)).toBe(321);
      expect(
        await u32s(
          "for (const i of range(6)) { switch (i) { case 2: continue; case 4: break; default: result += i; } result += 100; }",
        ),
      ).toBe(509);
    });
    test("for with a bound that follows from the source", async () => {
      expect(await u32s("for (let i = 0; i < 10; i++) result += i;")).toBe(45);
      expect(await u32s("for (let i = 9; i > 0; i -= 3) result = result * 10 + i;")).toBe(963);
      expect(await u32s("for (let i: u8 = 0; i < n; i++) result++;", { n: ["u8", 9] })).toBe(9);
      expect(await u32s("for (let i = 0, j = 5; i <= 4 && j > 1; i++, j--) result += j;")).toBe(14);
      expect(await u32s("for (let i = 0; i !== 4; ++i) { if (i === 2) continue; result += i + 1; }")).toBe(7);
      expect(
        await u32s("const end = min(n, 12); for (let i = 0; i < end; i++) result++;", { n: ["u32", 1000] }),
      ).toBe(12);
    });
    test("while and do with a bound that follows from the source", async () => {
      expect(
        await u32s("let x = n; while (x > 0) { result += x & 1; x >>= 1; }", { n: ["u32", 0xf00f] }),
      ).toBe(8);
      expect(await u32s("let x = n; while (x !== 0) { result++; x /= 10; }", { n: ["u32", 98765] })).toBe(5);
      expect(await u32s("let i = 0; do { result += 2; i++; } while (i < 3);")).toBe(6);
      expect(await u32s("let i = 0; while (i < 6) { i++; if (i === 2) continue; result += i; }")).toBe(19);
      expect(await u32s("let i = 9; do { result += 2; i++; } while (i < 3);")).toBe(2);
    });
    test("range ends at its bound or its maximum", async () => {
      expect(await u32s("for (const i of range(n, { max: 8 })) result += i + 1;", { n: ["u32", 5] })).toBe(
        15,
      );
      expect(await u32s("for (const i of range(n, { max: 8 })) result += 1;", { n: ["u32", 500] })).toBe(8);
      expect(await u32s("for (const i of range(3, n, { max: 8 })) result += i;", { n: ["u32", 6] })).toBe(12);
      expect(await u32s("for (const i of range(n, 3, { max: 8 })) result += i + 1;", { n: ["u32", 6] })).toBe(
        0,
      );
      expect(await u32s("for (let i of range(4)) { i *= 2; result += i; }")).toBe(12);
    });
    test("labels leave and continue outer loops", async () => {
      expect(
        await u32s(
          "outer: for (const i of range(5)) { for (const j of range(5)) { if (j === 3) continue outer; if (i === 3) break outer; result += 1; } }",
        ),
      ).toBe(9);
      expect(await u32s("done: { result = 1; if (n > 3) break done; result = 2; }", { n: ["u32", 9] })).toBe(
        1,
      );
    });
    test("for…of over arrays reads scalars and refers to structs", async () => {
      const rows =
        "interface Row { n: u32 }\ninterface Table { rows: FixedArray<Row, 3>; bytes: FixedArray<u8, 5> }";
      expect(
        await u32s(
          "const t = zero<Table>(); let k: u32 = 0; for (const row of t.rows) { k += 2; row.n = k; } for (const row of t.rows) result = result * 10 + row.n;",
          {},
          rows,
        ),
      ).toBe(246);
      expect(
        await u32s(
          "const list: FixedArray<u8, 3> = [7, 8, 9]; for (const x of list) result = result * 10 + x;",
        ),
      ).toBe(789);
    });
    test("an index that is proven reads and writes", async () => {
      const list = "const list: FixedArray<u32, 8> = [1, 2, 3, 4, 5, 6, 7, 8];";
      expect(await u32s(`${list} for (const i of range(8)) list[i] = list[i]! * 2; result = list[7];`)).toBe(
        16,
      );
      expect(await u32s(`${list} list[n & 7] = 50; result = list[1];`, { n: ["u32", 9] })).toBe(50);
      expect(
        await u32s(`${list} const k = n; if (k < 8) { list[k] = 50; result = list[k]!; }`, { n: ["u32", 3] }),
      ).toBe(50);
      expect(
        await u32s(`${list} let k = n; if (k >= 8) return TcAction.OK; list[k] = 60; result = list[5];`, {
          n: ["u32", 5],
        }),
      ).toBe(60);
      expect(await u32s(`${list} result = (list[n] ?? 99) + (list[n + 1] ?? 99);`, { n: ["u32", 7] })).toBe(
        107,
      );
      expect(await u32s(`${list} result = list[n % 8]!;`, { n: ["u32", 13] })).toBe(6);
      expect(await u32s(`${list} const last = list.length - 1; result = list[last]!;`)).toBe(8);
    });
    test("an element is changed in place", async () => {
      const list = "export let list: FixedArray<u32, 4> = [1, 2, 3, 4];";
      expect(
        await u32s(
          "const i = n & 3; list[i]! += 10; list[i]!++; ++list[i]!; result = list[2];",
          { n: ["u32", 6] },
          list,
        ),
      ).toBe(15);
    });
    test("a global array with a computed index", async () => {
      const table =
        "export let table: FixedArray<u64, 16> = zero<FixedArray<u64, 16>>();\nconst weights: FixedArray<u8, 4> = [1, 2, 4, 8];";
      expect(
        await compute(
          "u64",
          "for (const i of range(16)) table[i] = u64(i) * 3n; const k = u32(n); if (k < 16) result = table[k]! + u64(weights[k & 3]!);",
          { n: ["u32", 11] },
          table,
        ),
      ).toBe(41n);
    });
    test("an early return leaves from anywhere", async () => {
      const find =
        "function find(x: u32): u32 { for (const i of range(10)) { if (i * i >= x) { return i; } } return 99; }";
      expect(await u32s("result = find(17) * 1000 + find(500);", {}, find)).toBe(5099);
    });
  },
  "clang",
);

describeKernel(
  "functions and modules",
  () => {
    test("other files give functions, types, constants, maps and variables", async () => {
      const files = {
        "tables.bpf.ts": `import { HashMap, type u32, type u64 } from "tsbpf/stdlib";
export interface Row { n: u64 }
const SIZE = 4 * 4;
export const rows = new HashMap<u32, Row>({ maxEntries: SIZE });
export let written: u32 = 0;
export function put(key: u32, n: u64): void { rows.set(key, { n }); written += 1; }
`,
        "limits.ts": "export enum Limit { LOW = 2, HIGH = LOW << 4 }\nexport const STEP = 3;\n",
        "again.bpf.ts": 'export * from "./tables.bpf.ts";\nexport { put as store } from "./tables.bpf.ts";\n',
      };
      const app = await loadSnippet(
        `import { rows, store, type Row } from "./again.bpf.ts";
import * as tables from "./tables.bpf.ts";
import { Limit, STEP } from "./limits.ts";
const twice = (row: Row) => row.n * 2n;
export let result: u64 = 0n;
export const run = tc(() => {
  store(STEP, 20n);
  tables.put(4, 1n);
  const row = rows.get(STEP);
  if (row) result = twice(row) + u64(tables.written) + u64(Limit.HIGH);
  return TcAction.OK;
});
`,
        { files },
      );
      using _ = app;
      runTc(app);
      expect(app.globals.result).toBe(74n);
    });
    test("undefined asks for the default of a parameter", async () => {
      const declared = `let calls: u32 = 0;
        function next(): u32 { calls += 1; return calls; }
        function f(a: u32, b: u32 = next()): u32 { return a * 10 + b; }`;
      expect(
        await u32s(
          "result = f(1) * 10000 + f(2, undefined) * 100 + f(3, 4) + calls * 1000000;",
          {},
          declared,
        ),
      ).toBe(2112234);
    });
    test("generic functions, defaults and maps as parameters", async () => {
      const declared = `
const one = new HashMap<u32, u32>({ maxEntries: 4 });
const two = new HashMap<u32, u32>({ maxEntries: 4 });
function bump(map: HashMap<u32, u32>, by: u32 = 1): void { map.set(0, (map.get(0) ?? 0) + by); }
function blank<T>(): T { return zero<T>(); }
interface P { a: u32; b: u8 }`;
      expect(
        await u32s(
          "bump(one); bump(one, 4); bump(two, 10); const p = blank<P>(); p.a = 100; result = (one.get(0) ?? 0) + (two.get(0) ?? 0) + p.a;",
          {},
          declared,
        ),
      ).toBe(115);
    });
    test("parameters may be left out or undefined", async () => {
      const declared =
        "function add(x: u32 | undefined, y?: u32): u32 { return (x ?? 100) + (y ?? 7); }\nfunction bump(r: Ref<u32> | undefined): void { if (r) r.value += 1; }\nconst cells = new HashMap<u32, u32>({ maxEntries: 2 });";
      expect(
        await u32s(
          "cells.set(1, 4); bump(cells.ref(1)); bump(cells.ref(2)); result = add(undefined) * 1000 + add(1, 2) * 10 + (cells.get(1) ?? 0);",
          {},
          declared,
        ),
      ).toBe(107_035);
    });
    test("a context is passed on, results may be undefined", async () => {
      const declared = `
interface Ports { source: be16; target: be16 }
function ports(packet: TcContext, offset: u32): Ports | undefined { const p = packet.header<Ports>(offset); if (!p) return undefined; return p; }
function length(packet: TcContext): u32 { return packet.len; }`;
      const app = await loadSnippet(`${declared}
export let result: u32 = 0;
export const run = tc((packet) => {
  const p = ports(packet, 14);
  if (p) result = ntohs(p.source) * 10 + ntohs(p.target);
  if (!ports(packet, 5000)) result += 100000;
  result += length(packet) * 1000000;
  return TcAction.OK;
});`);
      using _ = app;
      const data = new Uint8Array(64);
      data.set([0, 7, 0, 9], 14);
      runTc(app, "run", data);
      expect(app.globals.result).toBe(64_100_079);
    });
  },
  "clang",
);

describeKernel(
  "contexts of several kinds",
  () => {
    test("a function takes any of them", async () => {
      using app = await loadSnippet(`
import { type PacketReader, type XdpContext } from "tsbpf/stdlib";
interface Pair { a: be16; b: be16 }
export let result: u32 = 0;
function second(packet: PacketReader, offset: u32): u32 { const pair = packet.load<Pair>(offset); return pair ? ntohs(pair.b) : 0; }
function length(packet: TcContext | XdpContext): boolean { return packet.header<Pair>(60) !== undefined; }
export const run = tc((packet) => { result = second(packet, 4) + u32(length(packet)) * 1000; return TcAction.OK; });
export const fast = xdp((packet) => (length(packet) ? XdpAction.PASS : XdpAction.DROP));
`);
      const data = new Uint8Array(64);
      data.set([0, 1, 0, 5], 4);
      runTc(app, "run", data);
      expect(app.globals.result).toBe(1005);
      expect(app.program("fast").run({ data }).result).toBe(2);
      expect(app.program("fast").run({ data: data.subarray(0, 20) }).result).toBe(1);
    });
  },
  "clang",
);

test("a guard ends with the next assignment", () => {
  const { found } = checkSnippet(`
const list: FixedArray<u32, 4> = [1, 2, 3, 4];
export const run = tc((packet) => {
  let i = packet.len;
  if (i < 4 && i++ < 9) return list[i]! > 1 ? TcAction.OK : TcAction.SHOT;
  if (i >= 4) i -= 2;
  if (list[i]! > 1) return TcAction.OK;
  if (i < 4) { i += packet.len; if (list[i]! > 2) return TcAction.OK; }
  for (const k of range(3)) { if (i >= 4) break; if (list[i]! > k) i += 1; }
  return TcAction.OK;
});
`);
  expect(found).toEqual(["TSB1233 5:i", "TSB1233 7:i", "TSB1233 8:i"]);
});

test("loops without a bound, recursion and captures", () => {
  const { found } = checkSnippet(`
let n: u32 = 5;
function again(x: u32): u32 { return x === 0 ? 0 : again(x - 1); }
function a(x: u32): u32 { return b(x); }
function b(x: u32): u32 { return a(x); }
export const run = tc((packet) => {
  for (let i = 0; i < n; i++) n -= 1;
  for (let i = 4; i >= 0; i--) n += 1;
  while (true) { if (n > 3) break; }
  for (const i of range(n)) n += i;
  for (let i: u8 = 0; i <= 255; i++) n += 1;
  const local: u32 = packet.len;
  function inner(): u32 { return local; }
  n += inner() + again(3) + a(1);
  switch (n) { case 1: break; case 0x1: break; case n: break; }
  return TcAction.OK;
});
`);
  expect(found).toEqual([
    "TSB1430 3:again(x - 1)",
    "TSB1430 5:a(x)",
    "TSB1410 7:i < n",
    "TSB1410 8:i >= 0",
    "TSB1410 9:true",
    "TSB1413 10:range(n)",
    "TSB1410 11:i <= 255",
    "TSB1431 13:local",
    "TSB1420 15:0x1",
    "TSB1419 15:n",
  ]);
});
