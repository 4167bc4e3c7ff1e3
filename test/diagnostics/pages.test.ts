import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import { check } from "../../compiler/index.ts";
import { packageRoot } from "../../compiler/package-root.ts";

// A page of `tsbpf explain`: a title line and examples. A fence ```ts wrong gives exactly the page's code and no other, ```ts right
// gives nothing, and ```ts NAME is a file that both may import.

const folder = join(packageRoot, "docs", "diagnostics");
const pages = readdirSync(folder).filter((name) => /^TSB\d{4}\.md$/.test(name));

interface Example {
  readonly kind: string;
  readonly text: string;
}

function examples(page: string): Example[] {
  return [...page.matchAll(/^```ts (\S+)\n([\s\S]*?)^```$/gm)].map(([, kind = "", text = ""]) => ({
    kind,
    text,
  }));
}

describe("pages of diagnostics", () => {
  let work: string;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), "tsbpf-pages-"));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("has a page for each code", () => {
    const missing = [...catalogue.keys()].filter((code) => !pages.includes(`${code}.md`));
    expect(missing).toEqual([]);
  });

  it("has a code for each page", () => {
    const unknown = pages.filter((name) => !catalogue.has(name.replace(".md", "")));
    expect(unknown).toEqual([]);
  });

  for (const name of pages) {
    const code = name.replace(".md", "");
    const text = readFileSync(join(folder, name), "utf8");
    const all = examples(text);
    const companions = all.filter(({ kind }) => kind.includes("."));
    const cases = all.filter(({ kind }) => !kind.includes("."));

    it(`${code} has the catalogue's title`, () => {
      expect(text.split("\n")[0]).toBe(`# ${code}: ${catalogue.get(code)?.title}`);
    });

    for (const [index, { kind, text: source }] of cases.entries()) {
      it(`${code} example ${index + 1} is ${kind}`, () => {
        expect(["wrong", "right"]).toContain(kind);
        const cwd = join(work, `${code}-${index}`);
        mkdirSync(cwd);
        for (const companion of companions) writeFileSync(join(cwd, companion.kind), companion.text);
        writeFileSync(join(cwd, "main.bpf.ts"), source);
        const found = check("main.bpf.ts", { cwd }).diagnostics;
        const codes = [...new Set(found.map((diagnostic) => diagnostic.code))];
        expect(codes, found.map(({ message }) => message).join("\n")).toEqual(kind === "wrong" ? [code] : []);
      });
    }
  }
});
