import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuildResult, build } from "../../compiler/index.ts";
import { readElf } from "../../compiler/object/elf.ts";
import { packageRoot } from "../../compiler/package-root.ts";
import { loadObject, open } from "../../runtime/index.ts";
import { describeKernel } from "../support/kernel.ts";

// From a source file to an object, and of the programs that come with the package to programs in the kernel.

const examples = join(packageRoot, "programs", "examples");
const sources = [
  ...readdirSync(examples)
    .filter((name) => name.endsWith(".bpf.ts"))
    .map((name) => join(examples, name)),
  join(packageRoot, "programs", "mesh", "mesh.bpf.ts"),
];

/** The mesh asks for helpers of Linux 6.1. */
const minKernel = [6, 1] as const;

const codes = ({ diagnostics }: BuildResult) => diagnostics.map(({ code }) => code);

describe("build", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsbpf-build-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };

  const count = `import { ArrayMap, SkAction, skMsg, type u64, u64 as wide } from "tsbpf/stdlib";

export const bytes = new ArrayMap<u64>({ maxEntries: 1 });

export const count = skMsg((msg) => {
  bytes.set(0, (bytes.get(0) ?? 0n) + wide(msg.size));
  return SkAction.PASS;
});
`;

  it("makes an object with the program's section, maps, BTF and line info", async () => {
    const result = await build(write("count.bpf.ts", count), { cwd: folder });
    expect(codes(result)).toEqual([]);
    const names = readElf(result.object as Uint8Array).sections.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["sk_msg", ".maps", ".BTF", ".BTF.ext", ".tsbpf", "license"]),
    );
    expect(names.filter((name) => name.includes("debug"))).toEqual([]);
    expect(result.c).toContain('section("sk_msg")');
    expect(result.c).toMatch(/^#line 6 "count\.bpf\.ts"/m);
    expect(result.ir).toContain("count");
    expect(Object.keys(result.timings)).toEqual(["frontend", "lower", "passes", "emit", "clang", "object"]);
  });

  it("makes the same bytes from the same source", async () => {
    const file = write("same.bpf.ts", count);
    const [first, second] = [await build(file, { cwd: folder }), await build(file, { cwd: folder })];
    expect(first.object).toBeDefined();
    expect(second.object).toEqual(first.object);
  });

  it("makes no object where there are errors", async () => {
    const wrong = write("wrong.bpf.ts", count.replace(" ?? 0n", ""));
    const result = await build(wrong, { cwd: folder });
    expect(codes(result)).toEqual(["TSB1204"]);
    expect(result.object).toBeUndefined();
    expect(result.module).toBeUndefined();
  });

  it("makes no object of a file without programs, which is good to be imported", async () => {
    const result = await build(write("limits.bpf.ts", "export const limit = 5;\n"), { cwd: folder });
    expect(result.diagnostics).toMatchObject([{ code: "TSB1511", severity: "error" }]);
    expect(result.object).toBeUndefined();
  });

  it("says what is wrong with the C compiler", async () => {
    const file = write("clang.bpf.ts", count);
    const result = await build(file, { cwd: folder, clang: join(folder, "no-such-clang") });
    expect(codes(result)).toHaveLength(1);
    expect(codes(result)[0]).toMatch(/^TSB3/);
    expect(result.object).toBeUndefined();
  });

  it("never throws for a missing file", async () => {
    expect(codes(await build("absent.bpf.ts", { cwd: folder }))).toEqual(["TSB1001"]);
  });
});

describeKernel("programs of the package", () => {
  it.each(sources.map((path) => [path.slice(packageRoot.length + 1), path]))(
    "%s loads",
    async (_name, path) => {
      const { object, diagnostics } = await build(path, { cwd: packageRoot, minKernel });
      expect(diagnostics).toEqual([]);
      using collection = await loadObject(open(object as Uint8Array));
      expect(Object.keys(collection.programs).length).toBeGreaterThan(0);
    },
  );
});
