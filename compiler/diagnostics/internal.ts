import { define } from "./define.ts";

export const internalError = define("TSB1099", "internal error", (error: unknown) => ({
  message: "internal error: the compiler failed on this program",
  notes: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  help: "this is a bug in tsbpf, please report it with the file; simplifying what you changed last may avoid it",
}));

export const tooManyErrors = define("TSB1098", "more diagnostics than are shown", (count: number) => ({
  message: `${count} more ${count === 1 ? "diagnostic is" : "diagnostics are"} not shown`,
  help: "fix the first ones; many others often follow from them",
}));
