import { define } from "./define.ts";

// What can be wrong with an object file before the kernel hears of it.

export const notElf = define("TSB4001", "file is not an ELF object", (name: string, begins: string) => ({
  message: `${name} is not an ELF object, it begins with ${begins}`,
  help: "name an object made by `tsbpf build` or by clang with `--target=bpf`, or a `*.bpf.ts` file",
}));

export const damagedElf = define("TSB4002", "ELF object is truncated or damaged", (what: string) => ({
  message: `the ELF object is truncated or damaged: ${what}`,
  help: "build the object again, or copy it again",
}));

export const foreignElf = define("TSB4003", "ELF object is not for BPF on this machine", (what: string) => ({
  message: `the ELF object is not for BPF on this machine: ${what}`,
  help: "compile with `--target=bpf` on a machine of the same byte order",
}));

export const noBtf = define("TSB4004", "object has no BTF", (name: string) => ({
  message: `${name} has no BTF, so its maps and types are unknown`,
  help: "compile C with `-g`, and do not strip the object; `tsbpf build` always writes BTF",
}));

export const invalidBtf = define("TSB4005", "BTF is invalid", (what: string) => ({
  message: `the object's BTF is invalid: ${what}`,
  help: "build the object again with an unmodified clang; an object of unknown origin is best not loaded",
}));

export const invalidMapDefinition = define(
  "TSB4006",
  "map definition is invalid",
  (map: string, what: string) => ({
    message: `the definition of map \`${map}\` is invalid: ${what}`,
    help: "maps are declared in section `.maps` as libbpf's BTF-defined maps",
  }),
);

export const layoutMismatch = define(
  "TSB4007",
  "types and map sizes disagree",
  (map: string, part: "key" | "value", typeSize: number, mapSize: number) => ({
    message: `the ${part} type of map \`${map}\` has ${typeSize} bytes, the map has ${mapSize}`,
    help: "give the map a `key` and a `value` type and no sizes of their own",
  }),
);

export const unknownSection = define(
  "TSB4008",
  "program's section is unknown",
  (program: string, section: string) => ({
    message: `program \`${program}\` is in section \`${section}\`, which says no program type`,
    help: "name the section as libbpf does, or set the program's kind before loading",
  }),
);

export const unreadableObject = define(
  "TSB4009",
  "object file cannot be read",
  (path: string, reason: string) => ({
    message: `\`${path}\` cannot be read: ${reason}`,
    help: "check the path and its permissions",
  }),
);
