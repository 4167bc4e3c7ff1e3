// The tables held against the running kernel: its BTF for numbers and layouts, its verifier for who may call which helper.

import { readFileSync } from "node:fs";
import { release } from "node:os";
import { beforeAll, expect, test } from "vitest";
import { helperSince } from "../../compiler/kernel/availability.ts";
import { contexts } from "../../compiler/kernel/contexts.ts";
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
import { describeKernel } from "../support/kernel.ts";
import {
  differingPacketMoves,
  elements,
  kindsWithPacket,
  mayAccess,
  mayCall,
  usedHelpers,
} from "../support/verifier.ts";

const [major = 0, minor = 0] = release().split(".").map(Number);
const running: KernelVersion = [major, minor];

describeKernel("the tables and the running kernel agree", () => {
  let btf: Btf;
  beforeAll(() => {
    btf = parseBtf(readFileSync("/sys/kernel/btf/vmlinux"), { operation: "read the kernel's BTF" });
  });

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

  test.each(Object.keys(programKinds) as ProgramKindName[])("on the helpers of %s", (kind) => {
    const differing: string[] = [];
    for (const helper of usedHelpers) {
      const since = helperSince(helper, kind);
      const expected = since !== undefined && !isOlder(running, since);
      if (mayCall(kind, helper) !== expected) differing.push(`${helper}: the table says ${expected}`);
    }
    expect(differing).toEqual([]);
  });

  test.each(Object.keys(programKinds) as ProgramKindName[])("on the context of %s", (kind) => {
    const context = contexts[programKinds[kind].context];
    const differing: string[] = [];
    const fields = [...context.fields.values()];
    // `reply` and `args[0]` are one place: what may be written through either may be written.
    const writable = new Set(
      fields
        .filter((field) => field.writable)
        .flatMap((field) => elements(context.struct, field).map(([offset]) => offset)),
    );
    for (const field of fields) {
      for (const [offset, size] of elements(context.struct, field)) {
        if (!mayAccess(kind, "load", offset, size))
          differing.push(`${field.name} at ${offset} cannot be read`);
        if (mayAccess(kind, "store", offset, size) !== writable.has(offset)) {
          differing.push(`${field.name} at ${offset} is ${field.writable ? "not " : ""}writable`);
        }
      }
    }
    expect(differing).toEqual([]);
  });

  test.each(kindsWithPacket)("on what moves the packet of %s", (kind) => {
    expect(differingPacketMoves(kind, running)).toEqual([]);
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
