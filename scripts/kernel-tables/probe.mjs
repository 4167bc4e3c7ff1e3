// Asks clang what a header says: names from its syntax tree and its macros, values and layouts from a program it compiles.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const limits = { encoding: "utf8", maxBuffer: 1 << 30 };

function clangArguments(include) {
  const asm = readdirSync(include).find((name) => name === "x86_64-linux-gnu");
  return [
    "-nostdinc",
    "-I",
    include,
    ...(asm ? ["-I", join(include, asm)] : []),
    "-Wno-everything",
    "-x",
    "c",
  ];
}

/** Enumerators in order: { name, enum }. `enum` is empty for an anonymous one. */
function enumerators(tree) {
  const found = [];
  for (const node of tree.inner ?? []) {
    if (node.kind !== "EnumDecl") continue;
    for (const member of node.inner ?? []) {
      if (member.kind === "EnumConstantDecl") found.push({ name: member.name, enum: node.name ?? "" });
    }
  }
  return found;
}

/** Fields of a struct in order of declaration, those of anonymous unions included. */
function fieldsOf(tree, name) {
  const record = (tree.inner ?? []).find(
    (node) => node.kind === "RecordDecl" && node.name === name && node.completeDefinition,
  );
  if (record === undefined) throw new Error(`the header has no struct ${name}`);
  const fields = [];
  const visit = (node) => {
    for (const child of node.inner ?? []) {
      if (child.kind === "RecordDecl" && child.name === undefined) visit(child);
      else if (
        child.kind === "FieldDecl" &&
        child.name !== undefined &&
        !child.isImplicit &&
        !child.isBitfield
      ) {
        fields.push({ name: child.name, type: child.type.desugaredQualType ?? child.type.qualType });
      }
    }
  };
  visit(record);
  return fields;
}

function arrayLength(type) {
  const match = /\[(\d+)\]$/.exec(type);
  return match === null ? undefined : Number(match[1]);
}

/** Answers { enumerators: [{ name, enum, value }], macros: Map, structs: { name: { size, fields } } }. */
export function probe({ clang, include, headers, structs, wantMacro }) {
  const folder = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-probe-`));
  try {
    const source = `${headers.map((header) => `#include <${header}>`).join("\n")}\n`;
    const file = join(folder, "probe.c");
    writeFileSync(file, source);
    const flags = clangArguments(include);
    const tree = JSON.parse(
      execFileSync(clang, [...flags, "-fsyntax-only", "-Xclang", "-ast-dump=json", file], limits),
    );
    const defined = execFileSync(clang, [...flags, "-E", "-dM", file], limits);
    const macros = [...defined.matchAll(/^#define (\w+) +(\S.*)$/gm)]
      .map(([, name]) => name)
      .filter(wantMacro);
    const names = enumerators(tree);
    const records = structs.map((name) => ({ name, fields: fieldsOf(tree, name) }));

    const lines = ["int printf(const char *, ...);", source, "int main(void) {"];
    // A macro that is not a constant would not compile, so each goes through __builtin_constant_p's untyped branch only where it is a number.
    for (const name of [...names.map((member) => member.name), ...macros])
      lines.push(`printf("v %s %lld\\n", "${name}", (long long)(${name}));`);
    for (const { name, fields } of records) {
      lines.push(`printf("s %s %lu\\n", "${name}", sizeof(struct ${name}));`);
      for (const field of fields) {
        const member = `((struct ${name} *)0)->${field.name}`;
        lines.push(
          `printf("f %s %lu %lu\\n", "${field.name}", __builtin_offsetof(struct ${name}, ${field.name}), sizeof(${member}));`,
        );
      }
    }
    lines.push("return 0; }");
    const program = join(folder, "main.c");
    writeFileSync(program, lines.join("\n"));
    execFileSync(clang, [...flags, program, "-o", join(folder, "probe")], limits);
    const output = execFileSync(join(folder, "probe"), limits)
      .trim()
      .split("\n")
      .map((line) => line.split(" "));

    const values = new Map(
      output.filter(([kind]) => kind === "v").map(([, name, value]) => [name, BigInt(value)]),
    );
    const layouts = {};
    let current;
    for (const [kind, name, first, second] of output) {
      if (kind === "s") layouts[name] = current = { name, size: Number(first), fields: [] };
      if (kind !== "f") continue;
      const declared = records
        .find((record) => record.name === current.name)
        .fields.find((field) => field.name === name);
      const length = arrayLength(declared.type);
      current.fields.push({
        name,
        offset: Number(first),
        size: Number(second),
        ...(length === undefined ? {} : { length }),
        ...(declared.type.includes("*") ? { pointer: true } : {}),
        ...(/^(int|long|short|signed|__s\d+)/.test(declared.type) ? { signed: true } : {}),
      });
    }
    return {
      enumerators: names.map((member) => ({ ...member, value: values.get(member.name) })),
      macros: new Map(macros.map((name) => [name, values.get(name)])),
      structs: layouts,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
