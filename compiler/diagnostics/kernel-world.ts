import { define } from "./define.ts";

/** A global of browsers or Node.js. `instead` says what serves its purpose in the kernel. */
export const noMeaningInKernel = define(
  "TSB1201",
  "global has no meaning in the kernel",
  (name: string, instead: string | undefined) => ({
    message: `\`${name}\` has no meaning in the kernel`,
    label: "kernel files see neither JavaScript's library nor Node.js",
    help:
      instead ??
      "move this to user space: what a program needs from there it gets through maps and constants",
  }),
);

/** A member of a built-in type: `array.map`, `console.table`. */
export const noSuchBuiltin = define(
  "TSB1202",
  "method does not exist in the kernel",
  (member: string, type: string, instead: string) => ({
    message: `\`${member}\` of ${type} does not exist in the kernel`,
    help: instead,
  }),
);

/** A member of a type that the standard library declares, other than a context. */
export const noSuchMember = define(
  "TSB1203",
  "standard library type has no such member",
  (member: string, type: string, suggestion: string | undefined, members: readonly string[]) => ({
    message: `\`${type}\` has no \`${member}\``,
    help:
      suggestion === undefined
        ? `it has ${list(members)}`
        : `did you mean \`${suggestion}\`? it has ${list(members)}`,
  }),
);

export const noSuchField = define(
  "TSB1210",
  "struct has no such field",
  (field: string, type: string, suggestion: string | undefined, fields: readonly string[]) => ({
    message: `\`${type}\` has no field \`${field}\``,
    ...(suggestion !== undefined
      ? { help: `did you mean \`${suggestion}\`?` }
      : fields.length > 0
        ? { help: `it has ${list(fields)}` }
        : {}),
  }),
);

/** A name that the standard library exports and the file does not import. */
export const notImported = define("TSB1205", "name is not imported", (name: string, module: string) => ({
  message: `\`${name}\` is not imported`,
  help: `add \`import { ${name} } from "${module}"\``,
}));

export const notInLibrary = define(
  "TSB1206",
  "standard library has no such name",
  (name: string, module: string, suggestion: string | undefined) => ({
    message: `\`${module}\` has no \`${name}\``,
    help:
      suggestion === undefined
        ? "names follow the kernel's: helpers lose `bpf_`, fields are in camelCase"
        : `did you mean \`${suggestion}\`?`,
  }),
);

export const untypedParameter = define("TSB1207", "parameter without a type", (name: string) => ({
  message: `parameter \`${name}\` has no type`,
  help: `give it one: \`${name}: u32\``,
}));

export const notAMember = define(
  "TSB1208",
  "value is not a constant of the enum",
  (actual: string, type: string, members: readonly string[]) => ({
    message: `\`${actual}\` is not a constant of \`${type}\``,
    help: `its constants are ${list(members)}`,
  }),
);

export const missingFields = define(
  "TSB1209",
  "fields are missing",
  (type: string, fields: readonly string[]) => ({
    message: `${fields.length === 1 ? "field" : "fields"} ${list(fields)} of \`${type}\` ${fields.length === 1 ? "is" : "are"} missing`,
    help: `give them, or write \`struct<${type}>({ … })\`, which makes the rest zero`,
  }),
);

export const notIterable = define("TSB1402", "value cannot be iterated", (what: string) => ({
  message: `\`for…of\` cannot go over ${what}`,
  help: "it goes over a `FixedArray` or a `range(n)`",
}));

export const missingReturn = define(
  "TSB1401",
  "function does not return on every path",
  (name: string, type: string) => ({
    message: `${name} does not return \`${type}\` on every path`,
    help: "end it with a `return`",
  }),
);

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``);
  return names.length > shown.length
    ? `${shown.join(", ")} and ${names.length - shown.length} more`
    : shown.join(", ");
}
