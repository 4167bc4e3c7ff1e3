import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitC } from "../../../compiler/emit/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { compileC, findClang } from "../../../compiler/toolchain/index.ts";
import { clang } from "../../support/compile-c.ts";
import * as t from "./ir.ts";

const { ir } = t;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsbpf-clang-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that is no clang; what it does is a shell script. */
function fake(name: string, script = "exit 0"): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The search without the machine's own clangs. */
const search = (names: readonly string[], environment: Record<string, string> = {}) => {
  const path = mkdtempSync(join(folder, "path-"));
  for (const name of names) symlinkSync(fake(`real-${name}`), join(path, name));
  return { path, found: findClang({ environment: { PATH: path, ...environment } }) };
};

describe("finding clang", () => {
  test("takes the newest on PATH", () => {
    const { path, found } = search(["clang-14", "clang-9", "clang-21", "clang-format", "clang"]);
    expect(found).toEqual({ kind: "clang", path: join(path, "clang-21"), version: 21 });
  });

  test("reads the version of plain clang from what it links to", () => {
    const path = mkdtempSync(join(folder, "path-"));
    symlinkSync(fake("clang-17"), join(path, "clang"));
    expect(findClang({ environment: { PATH: path } })).toEqual({
      kind: "clang",
      path: join(path, "clang"),
      version: 17,
    });
  });

  test("asks the environment before PATH, and the option before both", () => {
    const { path } = search(["clang-14"]);
    const chosen = fake("clang-18");
    const environment = { PATH: path, TSBPF_CLANG: chosen };
    expect(findClang({ environment })).toMatchObject({ path: chosen });
    expect(findClang({ environment, clang: "clang-14" })).toMatchObject({ path: join(path, "clang-14") });
  });

  test("refuses one that is known to be too old", () => {
    expect(search(["clang-13"]).found).toMatchObject({ code: "TSB3002" });
    expect(findClang({ clang: fake("clang-11") })).toMatchObject({ code: "TSB3002" });
  });

  test("says how to install one where there is none", () => {
    const { found } = search(["gcc"]);
    expect(found).toMatchObject({ code: "TSB3001" });
    expect("notes" in found && found.notes?.join()).toContain("apt install clang-19");
  });
});

describe("running clang", () => {
  const codes = async (path: string, timeoutMs?: number) => {
    const result = await compileC("int x;", {
      clang: path,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    expect(result.object).toBeUndefined();
    return result.diagnostics.map((diagnostic) => `${diagnostic.code} ${diagnostic.message}`).join();
  };

  test("that is not there, or is no program", async () => {
    expect(await codes(join(folder, "nothing"))).toContain("TSB3003");
    const text = join(folder, "text");
    writeFileSync(text, "hello");
    expect(await codes(text)).toMatch(/TSB3003 .*not executable/);
    expect(await codes(folder)).toContain("TSB3003");
  });

  test("that is killed, or does not end", async () => {
    expect(await codes(fake("killed", "kill -9 $$"))).toMatch(/TSB3004 .*SIGKILL/);
    expect(await codes(fake("endless", "exec sleep 60"), 200)).toMatch(/TSB3004 .*too long/);
  });

  test("that says all is well and writes something else, or half an object", async () => {
    const codes = async (script: string) =>
      (await compileC("int x;", { clang: fake("writer", script) })).diagnostics.map(({ code }) => code);
    expect(await codes("cat > /dev/null")).toEqual(["TSB3004"]);
    expect(await codes("cat > /dev/null; echo hello")).toEqual(["TSB3004"]);
    expect(await codes(`${clang} "$@" | head -c 700`)).toEqual(["TSB3004"]);
    expect(await codes("cat > /dev/null; echo clang version 11.0.1")).toEqual(["TSB3002"]);
  });

  test("that finds no room", async () => {
    const full = "echo 'error: unable to write: No space left on device' >&2; exit 1";
    expect(await codes(fake("full", full))).toContain("TSB3005");
  });

  test("that turns out to be too old, or to refuse without a word", async () => {
    const old = 'if [ "$1" = --version ]; then echo "clang version 11.0.1"; else exit 1; fi';
    expect(await codes(fake("old", old))).toMatch(/TSB3002 .*clang 11/);
    expect(await codes(fake("silent", "exit 1"))).toContain("TSB3010");
  });

  test("leaves no temporary file of zig's behind", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith(`tsbpf-${process.pid}-`));
    const missing = await codes(fake("zig", "ls -ld $ZIG_LIB_DIR/.. >&2; exit 1"));
    expect(missing).toContain("TSB3010");
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith(`tsbpf-${process.pid}-`));
    expect(after).toEqual(before);
  });
});

describe.skipIf(clang === undefined)("what clang says of the C", () => {
  test("is told at the place in the source", async () => {
    const time = t.helper("ktime_get_ns", ir.u64);
    const program = t.program("tc", "p", () => [t.give(ir.convert(time, ir.i32))]);
    const { module } = runPasses(t.moduleOf({ programs: [program] }));
    const { text, map } = emitC(module);
    // A name as long as the helper's, so that the map holds.
    const broken = text.replace("bpf_ktime_get_ns()", "bpf_ktime_get_xx()");
    const [complaint] = (await compileC(broken, { map, module })).diagnostics;
    expect(complaint).toMatchObject({ code: "TSB3010", span: time.span });
    expect(complaint?.notes?.[0]).toContain("bpf_ktime_get_xx");
  });

  test("names the largest locals where the stack is exceeded", async () => {
    const page = t.struct("Page", { bytes: ir.arrayOf(ir.u8, 600) });
    const note = t.struct("Note", { bytes: ir.arrayOf(ir.u8, 24) });
    const pages = t.map("pages", "hash", { key: ir.u32, value: page, maxEntries: 4 });
    const large = t.local("large", page);
    const small = t.local("small", note);
    const program = t.program("tc", "fill", (ctx) => [
      t.declare(small),
      t.declare(large),
      t.run(t.update(pages, t.contextField(ctx, "mark"), t.get(large))),
      t.give(ir.convert(t.load(t.element(t.field(t.at(small), "bytes"), t.c(ir.u32, 1))), ir.i32)),
    ]);
    const { module } = runPasses(t.moduleOf({ programs: [program], maps: [pages] }));
    const { text, map } = emitC(module);
    const { diagnostics } = await compileC(text, { map, module });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: "TSB2001", message: expect.stringContaining("`fill`") });
    expect(diagnostics[0]?.notes?.[0]).toMatch(/^600 bytes: `large` of type Page/);
    expect(diagnostics[0]?.notes?.[1]).toMatch(/^24 bytes: `small` of type Note/);
  });
});
