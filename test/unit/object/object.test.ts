import { beforeAll, describe, expect, test } from "vitest";
import { emitC } from "../../../compiler/emit/index.ts";
import type { IrModule } from "../../../compiler/ir/module.ts";
import { Btf } from "../../../compiler/object/btf.ts";
import { readBtfExt } from "../../../compiler/object/btf-ext.ts";
import { finishObject } from "../../../compiler/object/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { compileC } from "../../../compiler/toolchain/index.ts";
import { parseBtf } from "../../../runtime/btf/parser.ts";
import { readElf } from "../../../runtime/elf/reader.ts";
import { open } from "../../../runtime/index.ts";
import { clang } from "../../support/compile-c.ts";
import * as t from "../emit/ir.ts";
import { modules } from "../emit/modules.ts";

const { ir } = t;

async function build(module: IrModule): Promise<{ clangs: Uint8Array; finished: Uint8Array }> {
  const lowered = runPasses(module).module;
  const { text, map, renamed } = emitC(lowered);
  const { object, diagnostics } = await compileC(text, { map, module: lowered });
  if (object === undefined) throw new Error(diagnostics.map((one) => one.notes?.join()).join());
  return { clangs: object, finished: finishObject(object, lowered, map, { cwd: "/project", renamed }) };
}

function moduleNamed(name: string): IrModule {
  const make = modules[name];
  if (make === undefined) throw new Error(`no module ${name}`);
  return make();
}

describe.skipIf(clang === undefined)("objects", () => {
  let reserving: { clangs: Uint8Array; finished: Uint8Array };
  let module: IrModule;
  beforeAll(async () => {
    module = moduleNamed("reserving");
    reserving = await build(module);
  });

  const sections = (bytes: Uint8Array): string[] =>
    readElf(bytes, "test.bpf.o").sections.map((one) => one.name);
  const btfOf = (bytes: Uint8Array) => {
    const elf = readElf(bytes, "test.bpf.o");
    const types = elf.section(".BTF");
    const lines = elf.section(".BTF.ext");
    if (types === undefined || lines === undefined) throw new Error("no BTF");
    const btf = parseBtf(types.data, { operation: "test" });
    return {
      btf,
      lines: [...readBtfExt(lines.data, new Btf(types.data)).lines].flatMap(([, infos]) => infos),
    };
  };

  test("hold what a loader wants, and no more", () => {
    expect(sections(reserving.clangs).some((name) => name.startsWith(".debug"))).toBe(true);
    expect(sections(reserving.finished).sort()).toEqual(
      [
        "",
        ".BTF",
        ".BTF.ext",
        ".bss",
        ".maps",
        ".reltc",
        ".rodata",
        ".strtab",
        ".symtab",
        ".tsbpf",
        "license",
        "tc",
      ].sort(),
    );
    const names = readElf(reserving.finished, "x").symbols.map((symbol) => symbol.name);
    expect(names.filter((name) => name !== "").sort()).toEqual(
      ["_license", "events", "level", "report", "tsbpf_log", "tsbpf_log_lost"].sort(),
    );
  });

  test("have the same code as clang made", () => {
    const code = (bytes: Uint8Array) => readElf(bytes, "x").section("tc")?.data;
    expect(code(reserving.finished)).toEqual(code(reserving.clangs));
  });

  test("are the same for the same input", async () => {
    const again = await build(module);
    expect(again.finished).toEqual(reserving.finished);
  });

  test("name the source for each instruction, with its text", () => {
    const infos = btfOf(reserving.finished).lines;
    expect(infos.length).toBeGreaterThan(10);
    const source = [...module.sources.values()][0]?.split("\n") ?? [];
    for (const info of infos) {
      expect(info.file).toBe("test.bpf.ts");
      expect(info.line).toBeGreaterThan(0);
      expect(info.text).toBe(source[info.line - 1]);
      expect(info.column).toBeGreaterThan(0);
    }
    const offsets = infos.map((info) => info.instructionOffset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(offsets[0]).toBe(0);
  });

  test("place variables within their sections", () => {
    const { btf } = btfOf(reserving.finished);
    const described = btf.types.flatMap((type) =>
      type.kind === "dataSection" ? [{ name: type.name, size: type.size, count: type.variables.length }] : [],
    );
    expect(described).toEqual(
      expect.arrayContaining([
        { name: ".maps", size: 32, count: 2 },
        { name: ".bss", size: 8, count: 1 },
        { name: ".rodata", size: 4, count: 1 },
      ]),
    );
  });

  test("say what the compiler knows beside", () => {
    const spec = open(reserving.finished);
    expect(spec.metadata).toMatchObject({
      compiler: expect.stringMatching(/^tsbpf \d/),
      entry: "test.bpf.ts",
      minKernel: module.minKernel,
      programs: new Map([["report", { kind: "tc", section: "tc" }]]),
    });
    expect(spec.metadata?.logs.get(1)).toMatchObject({
      level: "info",
      parts: ["mark ", ""],
      arguments: [{ kind: "int", bits: 32, signed: false, bigEndian: false }],
    });
    expect(spec.license).toBe("Dual MIT/GPL");
    expect(spec.constants).toEqual({ level: 3 });
  });

  test("name the records of ring buffers", () => {
    const spec = open(reserving.finished);
    const type = spec.map("events").valueType;
    expect(spec.btf.resolve(type ?? 0)).toMatchObject({ kind: "struct", name: "Event" });
  });

  test("keep the language's names of keys and values, and of byte orders", async () => {
    const spec = open((await build(moduleNamed("counting"))).finished);
    const { keyType, valueType, keySize } = spec.map("flows");
    const key = spec.btf.resolve(keyType ?? 0);
    expect(key).toMatchObject({ kind: "struct", name: "FlowKey" });
    expect(spec.btf.resolve(valueType ?? 0)).toMatchObject({ kind: "struct", name: "FlowStats" });
    expect(keySize).toBe(8);
    const members = key.kind === "struct" ? key.members : [];
    expect(members.map((member) => member.name)).toEqual(["remote", "port", "family", "__pad0"]);
    expect(spec.btf.type(members[0]?.type ?? 0)).toMatchObject({ kind: "typedef", name: "__be32" });
  });

  test("call everything as the source does, also what C has no such name for", async () => {
    const event = t.struct("Event", { number: ir.u32 });
    const program = t.program("tc", "restrict", () => [t.give(t.c(ir.i32, 0))]);
    const { finished } = await build(
      t.moduleOf({
        programs: [program],
        maps: [
          t.map("register", "hash", { key: ir.u32, value: event, maxEntries: 4 }),
          t.map("auto", "ringbuf", { value: event, maxEntries: 4096 }),
        ],
        globals: [{ name: "signed", type: ir.u32, constant: false, initial: t.c(ir.u32, 3), span: t.span() }],
      }),
    );
    const spec = open(finished);
    expect(Object.keys(spec.programs)).toEqual(["restrict"]);
    expect(Object.keys(spec.maps).sort()).toEqual(["auto", "register"]);
    expect(spec.variables).toEqual({ signed: 3 });
    expect(spec.btf.resolve(spec.map("auto").valueType ?? 0)).toMatchObject({ name: "Event" });
  });

  test("columns beyond ten bits are the last one", async () => {
    const far = { file: t.file, start: 5000, end: 5010 };
    const time = { ...t.helper("ktime_get_ns", ir.u64), span: far };
    const program = t.program("tc", "p", () => [t.give(ir.convert(time, ir.i32))]);
    const { finished } = await build({
      ...t.moduleOf({ programs: [program] }),
      sources: new Map([[t.file, " ".repeat(1_000_000)]]),
    });
    const infos = btfOf(finished).lines;
    expect(infos.map((info) => info.column)).toContain(1023);
    expect(new Set(infos.map((info) => info.line))).toEqual(new Set([1]));
  });
});
