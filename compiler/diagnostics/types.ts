import type { StructType } from "../ir/types.ts";
import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

export const unsupportedType = define("TSB1220", "type has no layout in the kernel", (type: string) => ({
  message: `\`${type}\` has no layout in the kernel`,
  help: "use an integer type, `boolean`, an enum, an interface of such fields, or `FixedArray<T, N>`",
}));

export const noWidth = define("TSB1221", "number without a width", (type: string, instead: string) => ({
  message: `\`${type}\` has no width in the kernel`,
  help: `say how wide it is: \`${instead}\``,
}));

export const mergedInterface = define("TSB1222", "interface declared twice", (name: string, first: Span) => ({
  message: `\`${name}\` is declared more than once`,
  labels: [{ span: first, message: "declared here first" }],
  help: "a struct has one order of fields: put them into one declaration",
}));

export const recursiveStruct = define("TSB1223", "struct contains itself", (name: string) => ({
  message: `\`${name}\` contains itself`,
  help: "store a key and look the other one up in a map",
}));

export const unsupportedMember = define("TSB1224", "member has no place in a struct", (what: string) => ({
  message: `${what} has no place in a struct`,
  help: "a struct has named fields that are always there: integers, booleans, enums, structs and fixed arrays",
}));

export const emptyStruct = define("TSB1225", "struct without fields", (name: string) => ({
  message: `\`${name}\` has no fields`,
  help: "give it at least one field",
}));

export const arrayLength = define("TSB1226", "length is not one of a fixed array", (length: string) => ({
  message: `\`${length}\` is no length of a fixed array`,
  help: "a length is a positive integer literal: `FixedArray<u8, 16>`",
}));

export const mismatch = define("TSB1227", "value of another type", (found: string, wanted: string) => ({
  message: `\`${found}\` is given where \`${wanted}\` is expected`,
}));

/** Two declarations whose fields TypeScript finds alike. */
export const otherStruct = define(
  "TSB1228",
  "struct of another declaration",
  (found: StructType, wanted: StructType) => ({
    message: `\`${found.name}\` is given where \`${wanted.name}\` is expected`,
    label: "another declaration is another layout, even with the same fields",
    help: `copy the fields: \`{ ${wanted.fields
      .slice(0, 4)
      .map(({ name }) => `${name}: ….${name}`)
      .join(", ")}${wanted.fields.length > 4 ? ", …" : ""} }\``,
  }),
);

export const readonlyLost = define("TSB1229", "readonly gets lost", (type: string) => ({
  message: `a \`Readonly<${type}>\` cannot be used as a \`${type}\` that may be written`,
  help: `declare the other side \`Readonly<${type}>\`, or copy the value: \`{ ...value }\``,
}));

export const readonlyWrite = define("TSB1230", "write to read-only memory", (what: string) => ({
  message: `\`${what}\` is read-only`,
  help: "constants, packets of some program types and the kernel's own memory cannot be written: change a copy",
}));

export const notProven = define("TSB1232", "`!` without proof", (type: string) => ({
  message: `\`!\` is not proven here: this is \`${type}\``,
  help: "test it, `if (x === undefined) return;`, or give a default with `??`",
}));

export const indexNotProven = define(
  "TSB1233",
  "index is not proven in range",
  (purpose: "write" | "assert", length: number, range: string | undefined) => ({
    message:
      purpose === "write"
        ? `an element is written at an index that may be out of range of ${length} elements`
        : `\`!\` claims an element at an index that may be out of range of ${length} elements`,
    ...(range === undefined ? {} : { label: `this may be ${range}` }),
    help: `guard it, \`if (i < ${length})\`, or mask it, \`i & ${mask(length)}\``,
  }),
);

function mask(length: number): number {
  return 2 ** Math.floor(Math.log2(length)) - 1;
}

export const indexOutOfRange = define(
  "TSB1234",
  "index is out of range",
  (index: string, length: number) => ({
    message: `index ${index} is out of range: there are ${length} elements`,
    help: `indices are 0 to ${length - 1}`,
  }),
);

export const indexType = define("TSB1235", "index of the wrong type", (type: string) => ({
  message: `\`${type}\` cannot be an index`,
  help: "an index is an integer of up to 32 bits: `u32(x)`",
}));

export const notAnArray = define("TSB1236", "not an array", (what: string) => ({
  message: `${what} has no elements`,
  help: "only a `FixedArray` has elements; a map's entries come from `map.get(key)`",
}));

export const notANumber = define("TSB1237", "not a number or boolean", (what: string) => ({
  message: `${what} is no number or boolean`,
  help: "name the field that is meant",
}));

export const notBoolean = define("TSB1238", "not a boolean", (type: string) => ({
  message: `\`${type}\` is given where \`boolean\` is expected`,
  help: "compare it: `x !== 0`",
}));

export const notACondition = define("TSB1239", "not a condition", (what: string) => ({
  message: `${what} is no condition`,
  help: "test a boolean, an integer or something that may be undefined",
}));

export const structComparison = define("TSB1240", "structs are compared", (type: string) => ({
  message: `\`${type}\` cannot be compared as a whole`,
  help: "compare the fields; two references are not told apart",
}));

export const notAStruct = define("TSB1241", "not a struct or array", (what: string) => ({
  message: `${what} is no struct or array`,
}));

export const literalWithoutType = define("TSB1244", "literal without a type", () => ({
  message: "the type of this literal is not known",
  help: "say it: `const key: FlowKey = { … }`, `struct<FlowKey>({ … })` or `const ports: FixedArray<u16, 3> = [ … ]`",
}));

export const elementCount = define(
  "TSB1245",
  "wrong number of elements",
  (found: number, wanted: number) => ({
    message: `${found} elements are given, the array has ${wanted}`,
    help: "give every element, or make a `zero<FixedArray<T, N>>()` and assign some",
  }),
);

export const variableWithoutType = define("TSB1246", "variable without a type", (name: string) => ({
  message: `the type of \`${name}\` is not known`,
  help: `declare it: \`let ${name}: u32 = 0\``,
}));

export const noValue = define("TSB1247", "call without a result", () => ({
  message: "this gives no value",
  help: "write it as a statement of its own",
}));

export const notAChoice = define("TSB1248", "not a value to choose", (what: string) => ({
  message: `${what} cannot be one of two values`,
  help: "write `if` and `else`",
}));

export const mixedLogical = define(
  "TSB1249",
  "operands of && or || differ",
  (left: string, right: string) => ({
    message: `this is either \`${left}\` or \`${right}\``,
    help: "write it with `? :` or `if`",
  }),
);

export const typeArgumentNeeded = define("TSB1250", "type argument is missing", (name: string) => ({
  message: `\`${name}\` needs to know the type`,
  help: `write it: \`${name}<EthHdr>(…)\``,
}));

export const literalNeeded = define("TSB1251", "literal is needed", (name: string) => ({
  message: `\`${name}\` takes a string literal`,
  help: `it is evaluated by the compiler: \`${name}("…")\``,
}));

export const notStorable = define("TSB1252", "value cannot be copied", (what: string) => ({
  message: `${what} cannot be copied`,
  help: "give an integer, a boolean, a struct or a fixed array",
}));

/** A reference to a block's local in a variable that lives longer. */
export const outlived = define("TSB1253", "reference outlives its storage", (name: string) => ({
  message: `\`${name}\` would refer to something that ends with its block`,
  help: `declare what is assigned in the same block as \`${name}\`, or copy its fields`,
}));

export const freshInLoop = define("TSB1254", "new struct assigned in a loop", (name: string) => ({
  message: `\`${name}\` would refer to the same memory in every iteration`,
  help: "assign its fields, or declare the variable inside the loop",
}));
