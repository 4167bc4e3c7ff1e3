import fc from "fast-check";
import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, compute, loadSnippet, runTc } from "./support/snippet.ts";

// What the language says about integers, computed here a second time, against what the kernel computes.

interface Int {
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}

const types: readonly Int[] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"].map((name) => ({
  name,
  bits: Number(name.slice(1)),
  signed: name.startsWith("i"),
}));

function wrap({ bits, signed }: Int, value: bigint): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** The type that operands of up to 32 bits, or of 64, are computed in. */
function resultOf(type: Int): Int {
  const bits = type.bits === 64 ? 64 : 32;
  return { name: `${type.signed ? "i" : "u"}${bits}`, bits, signed: type.signed };
}

const operators = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>"] as const;
type Operator = (typeof operators)[number];

function expected(operator: Operator, type: Int, a: bigint, b: bigint): bigint {
  const count = BigInt.asUintN(64, b) % BigInt(type.bits);
  switch (operator) {
    case "+":
      return wrap(type, a + b);
    case "-":
      return wrap(type, a - b);
    case "*":
      return wrap(type, a * b);
    case "/":
      return b === 0n ? 0n : wrap(type, a / b);
    case "%":
      return b === 0n ? a : a % b;
    case "&":
      return wrap(type, a & b);
    case "|":
      return wrap(type, a | b);
    case "^":
      return wrap(type, a ^ b);
    case "<<":
      return wrap(type, a << count);
    case ">>":
      return a >> count;
    case ">>>":
      return BigInt.asUintN(type.bits, a) >> count;
  }
}

function edges({ bits, signed }: Int): bigint[] {
  const top = 1n << BigInt(signed ? bits - 1 : bits);
  return signed ? [-top, -top + 1n, -1n, 0n, 1n, top - 1n] : [0n, 1n, top / 2n, top - 1n];
}

function anyOf(type: Int): fc.Arbitrary<bigint> {
  const all = edges(type);
  const [low = 0n] = all;
  const high = all.at(-1) ?? 0n;
  return fc.oneof(fc.constantFrom(...all), fc.bigInt(low, high), fc.bigInt(low < 0n ? -70n : 0n, 70n));
}

/** As the runtime gives a global of the type. */
function shown({ bits }: Int, value: bigint): number | bigint {
  return bits === 64 ? value : Number(value);
}

describeKernel(
  "integer arithmetic",
  () => {
    for (const left of types) {
      test(`operators on ${left.name}`, async () => {
        const partners = types.filter(
          (right) => right.signed === left.signed && (right.bits === 64) === (left.bits === 64),
        );
        const cases = partners.flatMap((right) =>
          // TypeScript has no `>>>` for bigint.
          operators
            .filter((operator) => operator !== ">>>" || left.bits < 64)
            .map((operator) => {
              const wide = resultOf(left.bits >= right.bits ? left : right);
              const computed =
                operator === "<<" || operator === ">>" || operator === ">>>" ? resultOf(left) : wide;
              const result = operator === ">>>" ? { ...computed, signed: false } : computed;
              return { right, operator, computed, result };
            }),
        );
        const zero = ({ bits }: Int) => (bits === 64 ? "0n" : "0");
        const name = ({ bits, signed }: Int) => `${signed ? "i" : "u"}${bits}`;
        const source = [
          `export let a: ${left.name} = ${zero(left)};`,
          ...partners.map((right) => `export let b_${right.name}: ${right.name} = ${zero(right)};`),
          ...cases.map(({ result }, index) => `export let r${index}: ${name(result)} = ${zero(result)};`),
          "export const run = tc(() => {",
          ...cases.map(({ right, operator }, index) => `  r${index} = a ${operator} b_${right.name};`),
          "  return TcAction.OK;",
          "});",
        ];
        using app = await loadSnippet(source.join("\n"));
        const inputs = fc.record({
          a: anyOf(left),
          b: fc.record(Object.fromEntries(partners.map((right) => [right.name, anyOf(right)]))),
        });
        fc.assert(
          fc.property(inputs, ({ a, b }) => {
            app.globals.a = shown(left, a);
            for (const right of partners) app.globals[`b_${right.name}`] = shown(right, b[right.name] ?? 0n);
            runTc(app);
            for (const [index, { right, operator, computed, result }] of cases.entries()) {
              const value = wrap(result, expected(operator, computed, a, b[right.name] ?? 0n));
              expect(app.globals[`r${index}`], `${a} ${operator} ${b[right.name]} (${right.name})`).toBe(
                shown(result, value),
              );
            }
          }),
          { numRuns: 60 },
        );
      });
    }

    test("comparisons follow the sign", async () => {
      const inputs = { a: ["i32", -1], b: ["i32", 1], c: ["u32", 0xffff_ffff], d: ["u32", 1] } as const;
      expect(
        await compute("u32", "result = u32(a < b) | (u32(c > d) << 1) | (u32(a < 0) << 2);", inputs),
      ).toBe(7);
      expect(await compute("u32", "result = u32(e < -1n) | (u32(e <= -2n) << 1);", { e: ["i64", -2n] })).toBe(
        3,
      );
    });

    test("compound assignment wraps to the target's width", async () => {
      expect(await compute("u8", "result = 250; result += 10;")).toBe(4);
      expect(await compute("i8", "result = 127; result++;")).toBe(-128);
      expect(await compute("u16", "result--;")).toBe(65535);
      expect(await compute("u8", "result = 3; result <<= 7;")).toBe(128);
      expect(await compute("i16", "result = -8; result >>>= 1;")).toBe(-4);
      expect(await compute("u64", "result -= 1n;")).toBe(0xffff_ffff_ffff_ffffn);
    });

    test("++ gives the old value after and the new one before the name", async () => {
      expect(
        await compute("u32", "let i: u32 = 5; const a = i++; const b = ++i; result = a * 100 + b * 10 + i;"),
      ).toBe(577);
    });

    test("conversions cut and extend by the sign of the operand", async () => {
      const a = { a: ["i8", -2] } as const;
      expect(await compute("u32", "result = u32(a);", a)).toBe(0xffff_fffe);
      expect(await compute("u64", "result = u64(a);", a)).toBe(0xffff_ffff_ffff_fffen);
      expect(await compute("u16", "result = u16(u8(a));", a)).toBe(254);
      expect(await compute("i8", "result = i8(b);", { b: ["u32", 0x1ff] })).toBe(-1);
      expect(await compute("u32", "result = u32(b);", { b: ["boolean", true] })).toBe(1);
    });

    test("literals and enums fold as integers of the kernel", async () => {
      expect(await compute("u32", "result = 1 << 31;")).toBe(0x8000_0000);
      expect(await compute("u32", "result = 7 / 2;")).toBe(3);
      expect(await compute("u32", "result = a & ~0xff;", { a: ["u32", 0x12345678] })).toBe(0x12345600);
      expect(await compute("u8", "result = ~0;")).toBe(255);
      expect(await compute("u64", "result = ~0n;")).toBe(0xffff_ffff_ffff_ffffn);
      expect(
        await compute("u32", "result = Flag.HIGH | Flag.LOW;", {}, "enum Flag { LOW = 1, HIGH = 1 << 31 }"),
      ).toBe(0x8000_0001);
      expect(
        await compute("u32", "result = LIMIT * 2 + SMALL;", {}, "const LIMIT: u16 = 60000; const SMALL = 3;"),
      ).toBe(120003);
      expect(await compute("u32", "result = a >>> 28;", { a: ["u32", 0x8000_0000] })).toBe(8);
    });

    test("network order goes in and out by functions only", async () => {
      expect(await compute("u16", "result = ntohs(htons(a));", { a: ["u16", 0x1234] })).toBe(0x1234);
      expect(
        await compute("boolean", 'result = htonl(a) === ip4("10.0.0.1");', { a: ["u32", 0x0a000001] }),
      ).toBe(true);
      expect(
        await compute("boolean", 'result = (htonl(a) & htonl(0xffff0000)) === ip4("10.1.0.0");', {
          a: ["u32", 0x0a01_0203],
        }),
      ).toBe(true);
      expect(
        await compute("u32", 'const a = ip6("2001:db8::ff00:42:8329"); result = ntohl(a[3]) ^ ntohl(a[0]);'),
      ).toBe((0x00428329 ^ 0x20010db8) >>> 0);
    });

    test("min, max and clamp compare as the operands' type does", async () => {
      expect(await compute("i32", "result = min(a, 3) * 100 + max(a, 3);", { a: ["i32", -5] })).toBe(-497);
      expect(await compute("u32", "result = clamp(a, 10, 20);", { a: ["u32", 0xffff_ffff] })).toBe(20);
      expect(await compute("u64", "result = max(a, b);", { a: ["u64", 1n << 63n], b: ["u64", 5n] })).toBe(
        1n << 63n,
      );
    });

    test("booleans are short-circuited", async () => {
      const count = "let calls: u32 = 0;\nfunction yes(): boolean { calls += 1; return true; }";
      expect(
        await compute(
          "u32",
          "if (a && yes()) result = 1; if (a || yes()) result += 2; result += calls * 10;",
          { a: ["boolean", false] },
          count,
        ),
      ).toBe(12);
      expect(
        await compute(
          "u32",
          "const x = a && yes() && yes(); result = u32(x) + calls * 10;",
          { a: ["boolean", true] },
          count,
        ),
      ).toBe(21);
      expect(await compute("u32", "result = (a || 7) + (b && 9);", { a: ["u32", 0], b: ["u32", 2] })).toBe(
        16,
      );
    });
  },
  "clang",
);

test("what TypeScript lets pass", () => {
  const { found } = checkSnippet(`
let a: u8 = 1; let b: i32 = 2; let c: u64 = 3n; let d: i64 = 4n; let e: be32 = htonl(5); let n: u32 = 6;
export const run = tc(() => {
  const wide: u16 = n + a;
  a += 256;
  const half = 1.5;
  const mixed = n + b;
  const sign = c + d;
  if (c < 5) n = 1;
  const swapped: u32 = e + e;
  const cut = n as u8;
  b = -n;
  n = n ** 2;
  n = +n;
  n = 4294967296;
  return TcAction.OK;
});
`);
  expect(found).toEqual([
    "TSB1301 4:n + a",
    "TSB1320 5:256",
    "TSB1321 6:1.5",
    "TSB1302 7:n + b",
    "TSB1302 8:c + d",
    "TSB1303 9:5",
    "TSB1327 10:e + e",
    "TSB1140 11:n as u8",
    "TSB1330 12:-n",
    "TSB1131 13:**",
    "TSB1331 14:+n",
    "TSB1320 15:4294967296",
  ]);
});
