import { define } from "./define.ts";

export const atomicWidth = define("TSB1570", "no atomic operation on this width", (type: string) => ({
  message: `there are no atomic instructions for \`${type}\``,
  help: "make the field 32 or 64 bits wide",
}));

export const atomicField = define("TSB1571", "atomic operation names no integer field", () => ({
  message: "an atomic operation names an integer field of the object",
  help: 'write `atomics.add(stats, "packets", 1n)`; for a `Ref` the field is "value"',
}));

export const atomicNeedsKernel = define(
  "TSB1572",
  "atomic operation needs a newer kernel",
  (what: string, min: readonly [number, number]) => ({
    message: `${what} came with Linux 5.12`,
    notes: [`the program is compiled for Linux ${min.join(".")} and newer`],
    help: "use `atomics.add` without its result, or raise the minimum kernel",
  }),
);
