import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, renderDiagnostics } from "../../compiler/index.ts";
import { packageRoot } from "../../compiler/package-root.ts";

// Whatever is typed into a good program, checking it ends in diagnostics with places inside the text, and never in an internal error.

const corpus = [
  "programs/examples",
  "test/diagnostics/fixtures/syntax",
  "test/diagnostics/fixtures/conversions",
]
  .map((folder) => join(packageRoot, folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".bpf.ts"))
  .map((path) => readFileSync(path, "utf8"));

const tokens = [
  ..."(){}[]<>;:,.?!=+-*/%&|^~@#`'\"\\\n\t\0",
  ..."=> ?. ?? ... === ** <<= /* */ // ${ 0x 1n 1e9 .5".split(" "),
  ..."class enum async await yield new this typeof in of as satisfies is keyof never unknown any null".split(
    " ",
  ),
  ..."import export default const let using function return if else for while switch case break".split(" "),
  ..."interface type extends readonly undefined true u8 u16 u32 u64 be32 FixedArray HashMap msg ctx".split(
    " ",
  ),
  "\ud800",
  "漢",
  "\u2028",
];

interface Mutation {
  readonly how: "delete" | "repeat" | "insert" | "move" | "cut";
  readonly at: number;
  readonly length: number;
  readonly to: number;
  readonly token: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom("delete", "repeat", "insert", "move", "cut"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
  token: fc.constantFrom(...tokens),
});

function apply(text: string, { how, at, length, to, token }: Mutation): string {
  const start = Math.floor(at * text.length);
  const part = text.slice(start, start + length);
  const target = Math.floor(to * text.length);
  switch (how) {
    case "delete":
      return text.slice(0, start) + text.slice(start + length);
    case "repeat":
      return text.slice(0, start) + part + text.slice(start);
    case "insert":
      return `${text.slice(0, start)} ${token} ${text.slice(start)}`;
    case "move":
      return text.slice(0, target) + part + text.slice(target);
    case "cut":
      return text.slice(0, start);
  }
}

describe("mutated programs", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsbpf-mutation-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("give diagnostics, never an internal error", { timeout: 120_000 }, () => {
    const file = join(folder, "mutated.bpf.ts");
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (text, mutations) => {
          writeFileSync(file, mutations.reduce(apply, text));
          const { diagnostics, sources } = check(file, { cwd: folder });
          for (const { code, notes, span, labels, fix } of diagnostics) {
            expect(code, notes?.join("\n")).not.toBe("TSB1099");
            const spans = [
              span,
              ...(labels ?? []).map((label) => label.span),
              ...(fix?.edits ?? []).map((edit) => edit.span),
            ];
            for (const one of spans) {
              if (one === undefined) continue;
              const source = sources.get(one.file);
              expect(source).toBeDefined();
              expect(one.start).toBeGreaterThanOrEqual(0);
              expect(one.end).toBeGreaterThanOrEqual(one.start);
              expect(one.end).toBeLessThanOrEqual(source?.length ?? 0);
            }
          }
          for (const format of ["text", "json", "github"] as const) {
            renderDiagnostics(diagnostics, sources, format, { cwd: folder, color: false });
          }
        },
      ),
      { numRuns: 300, seed: 20_261_120 },
    );
  });
});
