import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxDepth } from "../../compiler/frontend/parse.ts";
import { check } from "../../compiler/index.ts";

/** Source in which something is nested `depth` times. */
const shapes: Record<string, (depth: number) => string> = {
  parentheses: (depth) => body(`const a: u32 = ${"(".repeat(depth)}1${")".repeat(depth)};`),
  arrays: (depth) => body(`const a = ${"[".repeat(depth)}1${"]".repeat(depth)};`),
  objects: (depth) => body(`const a = ${"{ a: ".repeat(depth)}1${" }".repeat(depth)};`),
  calls: (depth) => body(`const a: u32 = ${"u32(".repeat(depth)}1${")".repeat(depth)};`),
  sums: (depth) => body(`const a: u32 = msg.size${" + msg.size".repeat(depth)};`),
  negations: (depth) => body(`const a = ${"!".repeat(depth)}true;`),
  minuses: (depth) => body(`const a: i32 = ${"- ".repeat(depth)}1;`),
  conditions: (depth) => body(`const a: u32 = ${"msg.size > 1 ? 1 : ".repeat(depth)}0;`),
  members: (depth) => body(`const a = msg${".size".repeat(depth)};`),
  nonNull: (depth) => body(`const a = msg.size${"!".repeat(depth)};`),
  blocks: (depth) => body(`${"{".repeat(depth)} let a: u32 = 1; ${"}".repeat(depth)}`),
  ifs: (depth) => body(`${"if (msg.size > 1) { ".repeat(depth)} ${"}".repeat(depth)}`),
  elses: (depth) => body(`${"if (msg.size > 1) {} else ".repeat(depth)} {}`),
  functions: (depth) => body(`const a = ${"() => ".repeat(depth)} 1;`),
  types: (depth) => `${head}type Deep = ${"{ a: ".repeat(depth)} u32 ${"}".repeat(depth)};\n${body("")}`,
  generics: (depth) =>
    `${head}type Deep = ${"FixedArray<".repeat(depth)}u32${", 2>".repeat(depth)};\n${body("")}`,
  templates: (depth) => body(`console.log(${"`${".repeat(depth)}1${"}`".repeat(depth)});`),
};

const head = 'import { type FixedArray, type i32, SkAction, skMsg, u32 } from "tsbpf/stdlib";\n';

function body(statement: string): string {
  return `${head}export const deep = skMsg((msg) => {\n  ${statement}\n  return SkAction.PASS;\n});\n`;
}

describe("deep nesting", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsbpf-nesting-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, make] of Object.entries(shapes)) {
    it(`is a diagnostic or is compiled, never a crash: ${name}`, () => {
      const file = join(folder, `${name}.bpf.ts`);
      for (const depth of [maxDepth >> 2, maxDepth - 30, 4 * maxDepth, 30_000]) {
        writeFileSync(file, make(depth));
        const codes = check(file).diagnostics.map(({ code }) => code);
        expect(codes, `${name} × ${depth}`).not.toContain("TSB1099");
        if (depth > maxDepth) expect(codes, `${name} × ${depth}`).toContain("TSB1008");
      }
    });
  }

  it("leaves the compiler fit for the next program", () => {
    const file = join(folder, "fine.bpf.ts");
    writeFileSync(file, body("const a: u32 = msg.size;"));
    expect(check(file).diagnostics).toEqual([]);
  });
});
