import { define } from "./define.ts";

export const runtimeImport = define("TSB1020", "user-space runtime imported in a kernel file", () => ({
  message: "`tsbpf` is the user-space runtime and has no meaning in the kernel",
  label: "the kernel side is `tsbpf/stdlib`",
  help: 'import from "tsbpf/stdlib"; keep code that loads programs in a file of the user-space project',
}));

export const foreignImport = define("TSB1021", "import from outside the kernel world", (module: string) => ({
  message: `\`${module}\` cannot be imported in a kernel file`,
  label: module.startsWith("node:")
    ? "Node.js does not exist in the kernel"
    : "only relative paths and `tsbpf/stdlib` lead to kernel code",
  help: "import kernel-side code by a relative path (`./flows.bpf.ts`) or from `tsbpf/stdlib`",
}));

export const unknownLibrary = define(
  "TSB1022",
  "no such module in the standard library",
  (module: string, known: readonly string[]) => ({
    message: `\`${module}\` is not a module of the standard library`,
    help: `there are ${known.map((name) => `\`${name}\``).join(", ")}`,
  }),
);

export const importNotFound = define(
  "TSB1023",
  "imported file not found",
  (module: string, suggestion?: string) => ({
    message: `\`${module}\` leads to no file`,
    help:
      suggestion === undefined
        ? "a relative import names a file beside this one, with its ending: `./flows.bpf.ts`"
        : `write \`${suggestion}\``,
  }),
);

export const importNotSource = define("TSB1024", "import is not a TypeScript file", (module: string) => ({
  message: `\`${module}\` is not a TypeScript file`,
  help: "only `.bpf.ts` files, and `.ts` files that hold types, enums and constants, can be imported",
}));

export const importCycle = define("TSB1025", "import cycle", (cycle: readonly string[]) => ({
  message: `imports form a cycle: ${cycle.map((file) => `\`${file}\``).join(" → ")}`,
  label: "this import closes the cycle",
  help: "move what both need into a third file, or write `import type` where only types are needed",
}));

export const codeInPlainModule = define(
  "TSB1026",
  "plain .ts module holds code",
  (what: string, imported: string) => ({
    message: `${what} in \`${imported}\`, which is imported by a kernel file`,
    label: "a plain `.ts` file may hold types, enums and literal constants only",
    help: "rename the file to `*.bpf.ts` if it is kernel code, or move this to a file that kernel code does not import",
  }),
);

export const referenceDirective = define("TSB1027", "reference directive in a kernel file", () => ({
  message: "`/// <reference …>` has no effect in a kernel file",
  help: "import what is needed from a relative path or from `tsbpf/stdlib`",
}));
