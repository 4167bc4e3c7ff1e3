// The tables held against the running kernel: its BTF for numbers and layouts, its verifier for who may call which helper.

import { readFileSync } from "node:fs";
import { release } from "node:os";
import { beforeAll, expect, test } from "vitest";
import { helperSince } from "../../compiler/kernel/availability.ts";
import { type Context, contexts } from "../../compiler/kernel/contexts.ts";
import { contextMethods, type HelperUse } from "../../compiler/kernel/helpers.ts";
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
import { elements, type Instruction, mayAccess, mayCall, refusal, usedHelpers } from "../support/verifier.ts";

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

  const withPacket = (Object.keys(programKinds) as ProgramKindName[]).filter(
    (kind) => "packet" in contexts[programKinds[kind].context],
  );

  test.each(withPacket)("on what moves the packet of %s", (kind) => {
    const differing: string[] = [];
    for (const [name, use] of Object.entries(contextMethods[programKinds[kind].context])) {
      const since = helperSince(use.helper, kind);
      // Maps would have to be made; none of the helpers that take one changes the packet.
      if (
        use.arguments.some((shape) => shape.from === "map") ||
        since === undefined ||
        isOlder(running, since)
      )
        continue;
      const moves = use.movesPacket === true;
      if (keepsPacket(kind, use) === moves) differing.push(`${name} ${moves ? "does not move" : "moves"} it`);
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

/** Loads a program that bounds-checks a byte of the packet, calls the helper and then reads the byte. */
function keepsPacket(kind: ProgramKindName, use: HelperUse): boolean {
  const { struct, packet }: Context = contexts[programKinds[kind].context];
  const member = (name: string | undefined) => {
    const field = struct.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`struct ${struct.name} has no packet`);
    return { code: field.size === 8 ? 0x79 : 0x61, source: 6, offset: field.offset };
  };
  const passed = use.arguments.map((shape, index): Instruction[] => {
    const destination = index + 1;
    if (shape.from === "receiver") return [{ code: 0xbf, destination, source: 6 }];
    if (shape.from === "value" || shape.from === "output") {
      return [
        { code: 0xbf, destination, source: 10 },
        { code: 0x07, destination, immediate: -8 },
      ];
    }
    return [{ code: 0xb7, destination, immediate: shape.from === "size" ? 8 : 0 }];
  });
  const body: Instruction[] = [
    { code: 0x7a, destination: 10, offset: -8, immediate: 0 },
    ...passed.flat(),
    { code: 0x85, immediate: helperIds[use.helper] },
    { code: 0x71, destination: 0, source: 7 },
  ];
  const log = refusal(kind, [
    { code: 0xbf, destination: 6, source: 1 },
    { ...member(packet?.data), destination: 7 },
    { ...member(packet?.end), destination: 8 },
    { code: 0xbf, destination: 0, source: 7 },
    { code: 0x07, destination: 0, immediate: 1 },
    { code: 0x2d, destination: 0, source: 8, offset: body.length },
    ...body,
    { code: 0xb7, immediate: 0 },
    { code: 0x95 },
  ]);
  if (log !== undefined) expect(log, `${kind} calls ${use.helper}`).toMatch(/R7 invalid mem access/);
  return log === undefined;
}
