import { define } from "./define.ts";

// What the kernel's verifier refuses. `complaint` is the verifier's own sentence, `program` the program's name.

export const verifierRefused = define(
  "TSB2100",
  "verifier refused the program",
  (program: string, complaint: string) => ({
    message: `the verifier refused \`${program}\`: ${complaint}`,
    help: "the verifier's whole log is in the error's `log`",
  }),
);

export const mayBeNull = define(
  "TSB2101",
  "value may be null here",
  (program: string, complaint: string) => ({
    message: "a reference that may be null is used here",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "test it first: `if (!value) return …;`",
  }),
);

export const outOfBounds = define(
  "TSB2102",
  "access may be out of bounds",
  (program: string, complaint: string) => ({
    message: "this access may leave the memory that it may touch",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "test the index or the length right before the access, on the same variable",
  }),
);

export const uninitialised = define(
  "TSB2103",
  "read of something not initialised",
  (program: string, complaint: string) => ({
    message: "something is read here that was never written",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "initialise it on every path that leads here, padding included",
  }),
);

export const leakedReference = define(
  "TSB2104",
  "reference is not released",
  (program: string, complaint: string) => ({
    message: "a reference taken from the kernel is not given back on a path that ends here",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "take it with `using`, or release it on every path",
  }),
);

export const tooComplex = define(
  "TSB2105",
  "program is too complex for the verifier",
  (program: string, complaint: string) => ({
    message: `\`${program}\` is too complex to be verified`,
    notes: [`the verifier says: ${complaint}`],
    help: "bound loops by a smaller constant, or split the program with tail calls",
  }),
);

export const invalidContextAccess = define(
  "TSB2106",
  "context access is not allowed",
  (program: string, complaint: string) => ({
    message: "this program type may not access the context this way",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "some fields are read-only, of a fixed width, or absent in this program type",
  }),
);

export const helperNotAllowed = define(
  "TSB2107",
  "helper is not allowed here",
  (program: string, complaint: string) => ({
    message: "this program type may not call this helper on this kernel",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "`tsbpf doctor` tells the kernel's version; newer kernels allow more",
  }),
);

export const wrongArgument = define(
  "TSB2108",
  "argument is of the wrong kind",
  (program: string, complaint: string) => ({
    message: "a helper gets an argument of the wrong kind here",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "pass the kind of memory or number that the helper asks for",
  }),
);

export const unboundedLoop = define(
  "TSB2109",
  "loop has no bound the verifier can see",
  (program: string, complaint: string) => ({
    message: "a loop here has no bound that the verifier can see",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "count up to a constant",
  }),
);

export const stackTooDeep = define("TSB2110", "stack is too deep", (program: string, complaint: string) => ({
  message: `\`${program}\` needs more than the 512 bytes of stack that a program has`,
  notes: [`the verifier says: ${complaint}`],
  help: "keep large values in a map",
}));

export const invalidReturn = define(
  "TSB2111",
  "return value is not allowed",
  (program: string, complaint: string) => ({
    message: "this program type may not return this value",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "return one of the constants of the program type's action",
  }),
);

export const pointerMisuse = define(
  "TSB2112",
  "arithmetic on a pointer is not allowed",
  (program: string, complaint: string) => ({
    message: "the verifier cannot follow what is done to a pointer here",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "compute offsets as integers and bound them before they meet the pointer",
  }),
);

export const writeToReadOnly = define(
  "TSB2113",
  "memory is read-only",
  (program: string, complaint: string) => ({
    message: "this memory is read-only",
    notes: [`in \`${program}\` the verifier says: ${complaint}`],
    help: "constants are fixed at load; copy the value to a local before changing it",
  }),
);
