import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { check, renderDiagnostics } from "../../compiler/index.ts";

// A fixture is `name.bpf.ts` beside `name.expected.txt`, or a folder whose entry is `main.bpf.ts`. `UPDATE=1` rewrites what is expected; read
// the difference before committing it.

const root = join(import.meta.dirname, "fixtures");
const update = process.env.UPDATE === "1";

function entries(folder: string): string[] {
  const items = readdirSync(folder, { withFileTypes: true });
  if (items.some(({ name }) => name === "main.bpf.ts")) return [join(folder, "main.bpf.ts")];
  return items.flatMap((item) => {
    const path = join(folder, item.name);
    if (item.isDirectory()) return entries(path);
    return item.name.endsWith(".bpf.ts") ? [path] : [];
  });
}

describe("diagnostics of fixtures", () => {
  for (const entry of entries(root)) {
    it(relative(root, entry), () => {
      const cwd = dirname(entry);
      const { diagnostics, sources } = check(entry, { cwd });
      const found = renderDiagnostics(diagnostics, sources, "text", { cwd, color: false });
      const golden = entry.replace(/\.bpf\.ts$/, ".expected.txt");
      if (update) writeFileSync(golden, found);
      expect(existsSync(golden), `no ${relative(root, golden)}: run with UPDATE=1`).toBe(true);
      expect(found).toBe(readFileSync(golden, "utf8"));
      expect(diagnostics.map(({ code }) => code)).not.toContain("TSB1099");
    });
  }
});
