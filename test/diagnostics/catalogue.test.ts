import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import { packageRoot } from "../../compiler/package-root.ts";

interface Defined {
  readonly file: string;
  readonly code: string;
  readonly title: string;
}

/** Every factory of the folder, whether the catalogue knows its file or not. */
async function defined(): Promise<Defined[]> {
  const folder = join(packageRoot, "compiler", "diagnostics");
  const found: Defined[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const exports: Record<string, unknown> = await import(join(folder, file));
    for (const value of Object.values(exports)) {
      if (typeof value !== "function" || !("code" in value) || !("title" in value)) continue;
      found.push({ file, code: String(value.code), title: String(value.title) });
    }
  }
  return found;
}

describe("catalogue", () => {
  it("has the codes of every file, each defined once", async () => {
    const all = await defined();
    const codes = all.map(({ code }) => code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
    expect(all.filter(({ code }) => !catalogue.has(code))).toEqual([]);
  });

  it("has titles in lower case without a stop", async () => {
    for (const { code, title } of await defined()) {
      expect(title, code).toMatch(/[^.]$/);
      // Names such as ELF and BTF aside.
      expect(title, code).toMatch(/^([a-z0-9.*`]|[A-Z]{2})/);
    }
  });
});
