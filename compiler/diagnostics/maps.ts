import { define } from "./define.ts";

export const mapNotConstant = define("TSB1540", "map in a variable", (name: string) => ({
  message: `the map \`${name}\` is not a constant`,
  help: `write \`export const ${name} = new …\``,
}));

export const mapNeedsKernel = define(
  "TSB1541",
  "map needs a newer kernel",
  (name: string, since: readonly [number, number], min: readonly [number, number]) => ({
    message: `\`${name}\` came with Linux ${since.join(".")}`,
    notes: [`the program is compiled for Linux ${min.join(".")} and newer`],
    help: "use another map, or raise the minimum kernel",
  }),
);

export const mapTypes = define(
  "TSB1542",
  "type arguments of a map",
  (name: string, roles: readonly string[]) => ({
    message: `\`${name}\` takes its types as arguments: ${roles.join(" and ")}`,
    help: `write \`new ${name}<${roles.map((role) => (role === "key" ? "FlowKey" : "FlowStats")).join(", ")}>(…)\``,
  }),
);

export const prefixKey = define("TSB1543", "key of an LpmTrie has another shape", () => ({
  message: "the key of an `LpmTrie` begins with `prefixlen: u32`, and 1 to 256 bytes follow",
  help: "write `interface Prefix extends LpmKey { address: be32 }`",
}));

export const optionsLiteral = define("TSB1544", "options of a map are not an object literal", () => ({
  message: "the options of a map are an object literal with plain properties",
  help: "write `{ maxEntries: 1024 }`",
}));

export const unknownOption = define(
  "TSB1545",
  "unknown option of a map",
  (name: string, map: string, known: readonly string[]) => ({
    message: `\`${map}\` has no option \`${name}\``,
    help: `its options are ${known.map((option) => `\`${option}\``).join(", ")}`,
  }),
);

export const optionNotConstant = define("TSB1546", "option of a map is not constant", (name: string) => ({
  message: `\`${name}\` is not known when the program is compiled`,
  help: "use a literal or a module constant; user space may change it before it loads the object",
}));

export const optionRange = define(
  "TSB1547",
  "option of a map is out of range",
  (name: string, range: string) => ({
    message: `\`${name}\` is ${range}`,
  }),
);

export const maxEntriesMissing = define("TSB1548", "maxEntries is missing", (map: string) => ({
  message: `\`${map}\` needs \`maxEntries\``,
  help: `write \`new ${map}<…>({ maxEntries: 1024 })\``,
}));

export const ringBufferSize = define("TSB1549", "size is not one of a ring buffer", (value: bigint) => ({
  message: `${value} bytes is no size of a ring buffer`,
  help: "it is a power of two and a multiple of the page size: 4096, 65536, 262144 …",
}));

export const mapFlagsRefused = define(
  "TSB1550",
  "kernel does not accept the flags of a map",
  (map: string) => ({
    message: `the kernel does not accept these flags for \`${map}\``,
    help: "leave out what this kind of map does not have",
  }),
);
