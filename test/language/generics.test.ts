import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, compute } from "./support/snippet.ts";

const declarations = `
interface Pair { a: u32; b: u64 }
interface Other { a: u32; c: u16 }
const pairs = new ArrayMap<Pair>({ maxEntries: 1 });
function larger<T extends number | bigint>(x: T, y: T): T { return max(x, y); }
function largest<T extends number | bigint>(x: T, y: T, z: T): T { return larger(larger(x, y), z); }
function bump<T extends { a: u32 }>(it: T): void { it.a += 1; }
`;

describeKernel(
  "generic functions",
  () => {
    test("are made for the types of each call, as TypeScript infers them", async () => {
      expect(
        await compute(
          "u64",
          "result = larger(narrow, 3) === 200 ? larger(wide, 5n) : 0n;",
          {
            narrow: ["u8", 200],
            wide: ["u64", 1n << 40n],
          },
          declarations,
        ),
      ).toBe(1n << 40n);
    });
    test("call each other with their own types", async () => {
      expect(
        await compute("i32", "result = largest(low, -2, low);", { low: ["i32", -7] }, declarations),
      ).toBe(-2);
    });
    test("take structs by reference", async () => {
      const statements = `const other = struct<Other>({ a: 4 }); bump(other); bump(other);
        const pair = pairs.get(0)!; bump(pair); result = other.a * 10 + pair.a;`;
      expect(await compute("u32", statements, {}, declarations)).toBe(61);
    });
  },
  "clang",
);

test("a call that says no width asks for the type", () => {
  const source = `${declarations}export const run = tc(() => { const most = larger(1, 2); return most === 2 ? TcAction.OK : TcAction.SHOT; });`;
  expect(checkSnippet(source).found.map((line) => line.split(" ")[0])).toContain("TSB1442");
});
