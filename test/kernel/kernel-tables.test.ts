// The tables held against the running kernel: its BTF for numbers and layouts, its verifier for who may call which helper.

import { readFileSync } from "node:fs";
import { release } from "node:os";
import { expect, test } from "vitest";
import { helperSince } from "../../compiler/kernel/availability.ts";
import { contextMethods, functions, type HelperName, structMethods } from "../../compiler/kernel/helpers.ts";
import { type ProgramKindName, programKinds } from "../../compiler/kernel/programs.ts";
import {
  attachTypes,
  helperIds,
  mapTypes,
  programTypes,
  type UapiStruct,
  uapiStructs,
} from "../../compiler/kernel/uapi.gen.ts";
import { isOlder, type KernelVersion } from "../../compiler/kernel/version.ts";
import type { Btf } from "../../runtime/btf/btf.ts";
import { parseBtf } from "../../runtime/btf/parser.ts";
import { binding } from "../../runtime/native.ts";
import { describeKernel } from "../support/kernel.ts";

const [major = 0, minor = 0] = release().split(".").map(Number);
const running: KernelVersion = [major, minor];

describeKernel("the tables and the running kernel agree", () => {
  const btf = parseBtf(readFileSync("/sys/kernel/btf/vmlinux"), { operation: "read the kernel's BTF" });

  test.each([
    { name: "bpf_map_type", prefix: "BPF_MAP_TYPE_", table: mapTypes },
    { name: "bpf_prog_type", prefix: "BPF_PROG_TYPE_", table: programTypes },
    { name: "bpf_attach_type", prefix: "BPF_", table: attachTypes },
    { name: "bpf_func_id", prefix: "BPF_FUNC_", table: helperIds },
  ])("on the numbers of $name", ({ name, prefix, table }) => {
    const known: Record<string, number> = table;
    const members = enumMembers(btf, name);
    expect(members.size).toBeGreaterThan(10);
    for (const [member, value] of members) {
      const short = member.slice(prefix.length).toLowerCase();
      // What ends the list has another number in each release.
      if (member.startsWith("__")) continue;
      expect(known[short], member).toBe(Number(value));
    }
  });

  test.each(Object.values(uapiStructs) as UapiStruct[])("on the layout of struct $name", (struct) => {
    const kernel = structMembers(btf, struct.name);
    const shared = struct.fields.filter((field) => kernel.has(field.name));
    expect(shared.length).toBeGreaterThan(2);
    // A newer header may add members at the end, never move one.
    for (const field of shared) expect(kernel.get(field.name), field.name).toBe(field.offset);
    for (const name of kernel.keys()) expect(struct.fields.map((field) => field.name)).toContain(name);
  });

  const used = new Set<HelperName>(
    [functions, ...Object.values(contextMethods), ...Object.values(structMethods)].flatMap((uses) =>
      Object.values(uses).map((use) => use.helper),
    ),
  );
  for (const helper of ["sk_storage_get", "sk_storage_delete", "ringbuf_reserve", "map_lookup_elem"] as const)
    used.add(helper);

  test.each(Object.keys(programKinds) as ProgramKindName[])("on the helpers of %s", (kind) => {
    const differing: string[] = [];
    for (const helper of used) {
      const since = helperSince(helper, kind);
      const expected = since !== undefined && !isOlder(running, since);
      if (mayCall(kind, helper) !== expected) differing.push(`${helper}: the table says ${expected}`);
    }
    expect(differing).toEqual([]);
  });
});

function enumMembers(btf: Btf, name: string): Map<string, bigint> {
  for (const type of btf.types) {
    if (type.kind === "enum" && type.name === name)
      return new Map(type.values.map((member) => [member.name, member.value]));
  }
  throw new Error(`the kernel has no enum ${name}`);
}

/** Name to offset in bytes; members of anonymous unions count as the struct's. */
function structMembers(btf: Btf, name: string): Map<string, number> {
  const struct = btf.types.find((type) => type.kind === "struct" && type.name === name);
  if (struct?.kind !== "struct") throw new Error(`the kernel has no struct ${name}`);
  const found = new Map<string, number>();
  const visit = (members: typeof struct.members, base: number) => {
    for (const member of members) {
      const offset = base + member.bitOffset / 8;
      const type = btf.resolve(member.type);
      if (member.name !== "") found.set(member.name, offset);
      else if (type.kind === "struct" || type.kind === "union") visit(type.members, offset);
    }
  };
  visit(struct.members, 0);
  return found;
}

/** Loads `call helper; r0 = 0; exit`: the verifier looks at who calls before it looks at what is passed. */
function mayCall(kind: ProgramKindName, helper: HelperName): boolean {
  const instructions = new DataView(new ArrayBuffer(24));
  instructions.setUint8(0, 0x85);
  instructions.setInt32(4, helperIds[helper], true);
  instructions.setUint8(8, 0xb7);
  instructions.setUint8(16, 0x95);
  const program: { type: number; attachType?: number } = programKinds[kind];
  try {
    binding()
      .programLoad({
        type: program.type,
        ...(program.attachType === undefined ? {} : { expectedAttachType: program.attachType }),
        license: "Dual MIT/GPL",
        logLevel: 1,
        instructions: new Uint8Array(instructions.buffer),
      })
      .close();
    return true;
  } catch (error) {
    const log = error instanceof Error && "log" in error ? String(error.log) : "";
    expect(log, `${kind} calls ${helper}`).not.toBe("");
    return !/cannot use helper|unknown func|invalid func/.test(log);
  }
}
