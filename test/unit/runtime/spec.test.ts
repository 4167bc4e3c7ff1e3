import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BpfError } from "../../../runtime/errors.ts";
import { type ObjectSpec, open } from "../../../runtime/spec.ts";
import { clang, compileC } from "../../support/compile-c.ts";

// Reading needs no kernel, only clang for the objects.

const source = `#include "bpf.h"
struct key { __u32 a; __be16 b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, struct key); __type(value, __u64); __uint(map_flags, BPF_F_NO_PREALLOC); } flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 40); __uint(pinning, 1); } plain SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
const volatile __u32 limit = 7;
const volatile _Bool strict = 1;
__u64 zeroed;
struct key first = { 1, 2 };
static __u16 hidden = 3;
SEC("cgroup/connect4") int connect4(struct bpf_sock_addr *ctx) {
  struct key k = { limit, strict }; zeroed += hidden++; bpf_map_delete_elem(&flows, &k); __u32 z = 0; bpf_map_delete_elem(&plain, &z);
  return bpf_ringbuf_output(&events, &first, sizeof(first), 0) == 0; }
SEC("tc") int second(struct __sk_buff *skb) { return 1; }
SEC("tc") int third(struct __sk_buff *skb) { return 2; }
SEC("?xdp.frags") int fourth(struct xdp_md *ctx) { return 2; }`;

describe.skipIf(clang === undefined)("an object's specification", () => {
  test("programs: kind, section, place", () => {
    const spec = open(compileC(source), { name: "all.bpf.o" });
    expect(spec.license).toBe("Dual MIT/GPL");
    const programs = Object.values(spec.programs).map(({ name, section, kind, load }) => [
      name,
      section,
      kind?.name,
      kind?.attachPoint,
      load,
    ]);
    expect(programs.sort()).toEqual([
      ["connect4", "cgroup/connect4", "cgroup.connect4", "cgroup", true],
      ["fourth", "?xdp.frags", "xdp", "xdp", false],
      ["second", "tc", "tc", "tc", true],
      ["third", "tc", "tc", "tc", true],
    ]);
    expect(spec.program("third").sectionOffset).toBe(spec.program("second").instructionCount);
  });

  test("maps: as declared", () => {
    const spec = open(compileC(source));
    expect(spec.map("flows")).toMatchObject({
      type: "hash",
      keySize: 8,
      valueSize: 8,
      maxEntries: 64,
      flags: 1,
      pinByName: false,
    });
    expect(spec.map("plain")).toMatchObject({
      type: "array",
      keySize: 4,
      valueSize: 40,
      keyType: undefined,
      pinByName: true,
    });
    expect(spec.map("events")).toMatchObject({ type: "ringbuf", keySize: 0, valueSize: 0, maxEntries: 4096 });
  });

  test("globals: values that can be changed", () => {
    const spec = open(compileC(source));
    expect(spec.constants).toEqual({ limit: 7, strict: true });
    expect(spec.variables).toEqual({ zeroed: 0n, first: { a: 1, b: 0x200 }, hidden: 3 });
    const rodata = spec.sections.find((section) => section.name === ".rodata");
    if (rodata === undefined) throw new Error("no .rodata");
    spec.constants.limit = 0x01020304;
    expect([...spec.image(rodata).subarray(0, 4)]).toEqual([4, 3, 2, 1]);
    spec.constants.limit = 2 ** 32;
    expect(() => spec.image(rodata)).toThrow("`limit` is 4294967296, __u32 goes from 0 to 4294967295");
  });

  test("the same bytes give the same specification, and editing one does not change another", () => {
    const [one, two] = [open(compileC(source)), open(compileC(source))];
    const plain = ({ maps, programs, constants, variables, sections }: ObjectSpec) =>
      structuredClone({ maps, programs, constants, variables, sections });
    const before = plain(two);
    expect(plain(one)).toEqual(before);
    one.map("flows").maxEntries = 1;
    one.constants.limit = 1;
    one.program("second").load = false;
    expect(plain(two)).toEqual(before);
    expect(plain(open(compileC(source)))).toEqual(before);
  });

  test("names that are not there", () => {
    const spec = open(compileC(source), { name: "all.bpf.o" });
    expect(() => spec.map("flow")).toThrow(
      "edit all.bpf.o: there is no map `flow` (the maps are flows, plain, events)",
    );
    expect(() => spec.program("constructor")).toThrow("there is no program `constructor`");
    spec.variables.hiden = 1;
    expect(() => spec.checkGlobals()).toThrow("there is no global `hiden`");
  });

  test("where each instruction comes from", () => {
    const spec = open(
      compileC(
        `#line 7 "some/file.bpf.ts"\n${source.replaceAll("\n", " ").replace('#include "bpf.h"', "")}`,
        { args: ["-include", "bpf.h"] },
      ),
    );
    const program = spec.program("connect4");
    expect(spec.lines?.lineOf(program.section, program.sectionOffset)).toMatchObject({ line: 7 });
    expect(spec.lines?.lineOf(program.section, program.sectionOffset)?.file).toMatch(/some\/file\.bpf\.ts$/);
    expect(spec.lines?.lineOf("no such section", 0)).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ["an unknown member", "__uint(colour, 1);", "TSB4006"],
    ["a member that is no number", "int type;", "TSB4006"],
    ["a type that does not exist", "__uint(type, 999);", "TSB4006"],
    ["sizes that disagree", "__uint(type, 1); __uint(key_size, 3); __type(key, __u32);", "TSB4006"],
    ["no type", "__uint(max_entries, 1);", "TSB4006"],
    ["an unknown pinning", "__uint(type, 1); __uint(pinning, 7);", "TSB4006"],
  ])("a map definition with %s is refused", (_name, members, code) => {
    const object = compileC(
      `#include "bpf.h"\nstruct { ${members} } odd SEC(".maps"); SEC("tc") int p(void *c) { return odd.type == 0; }`.replace(
        "odd.type == 0",
        "(long)&odd != 0",
      ),
    );
    try {
      open(object);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BpfError);
      expect((error as BpfError).code).toBe(code);
      expect((error as BpfError).message).toContain("`odd`");
    }
  });

  test("changed bytes are refused or read, and nothing else happens", () => {
    const object = compileC(source);
    const change = fc.tuple(fc.nat(object.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(object.length),
        fc.boolean(),
        (changes, length, cut) => {
          const mutant = object.slice(0, cut ? length : undefined);
          for (const [at, value] of changes) if (at < mutant.length) mutant[at] = value;
          try {
            open(mutant);
          } catch (error) {
            expect(error).toBeInstanceOf(BpfError);
            expect((error as BpfError).code).toMatch(/^TSB400[1-9]$/);
          }
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });
});
