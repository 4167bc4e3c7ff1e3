import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

type Version = readonly [major: number, minor: number];

export const nameCollision = define(
  "TSB1510",
  "names collide in the kernel",
  (what: "programs" | "maps", name: string, other: string, cut: string, first: Span) => ({
    message: `the ${what} \`${other}\` and \`${name}\` are both \`${cut}\` in the kernel`,
    label: "the kernel keeps 15 characters of a name",
    labels: [{ span: first, message: "the other one" }],
    help: "give one of them a name that differs in the first 15 characters",
  }),
);

/** An error for what is to be loaded; a file that others import is checked on its own too. */
export const noProgram = define(
  "TSB1511",
  "file without a program",
  () => ({
    message: "this file exports no program",
    help: "export one: `export const count = tc((packet) => TcAction.OK)`",
  }),
  "warning",
);

export const programNotExported = define(
  "TSB1512",
  "program is not exported",
  (name: string) => ({
    message: `the program \`${name}\` is not exported, so it is not compiled`,
    help: `write \`export const ${name} = …\``,
  }),
  "warning",
);

export const programNotConstant = define("TSB1513", "program in a variable", (name: string) => ({
  message: `the program \`${name}\` is not a constant`,
  help: `write \`export const ${name} = …\``,
}));

export const defaultProgram = define("TSB1514", "program as default export", () => ({
  message: "a program needs a name",
  help: "export it by a name: `export const count = …`",
}));

export const programFunction = define("TSB1515", "program without a function", () => ({
  message: "a program is made of a function",
  help: "write it in the call, `tc((packet) => …)`, or name a function of this file",
}));

export const destructuredContext = define("TSB1517", "destructured context", () => ({
  message: "the context has a name of its own",
  help: "write `(ctx) => …` and use `ctx.field`",
}));

export const contextIndex = define(
  "TSB1522",
  "index into a context field",
  (name: string, length: number) => ({
    message: `\`${name}\` takes a constant index from 0 to ${length - 1}`,
    help: "the verifier accepts no computed offset into the context: use `switch`",
  }),
);

export const needsKernel = define(
  "TSB1523",
  "needs a newer kernel",
  (what: string, since: Version, min: Version) => ({
    message: `${what} came with Linux ${since.join(".")}`,
    notes: [`the program is compiled for Linux ${min.join(".")} and newer`],
    help: "do without it, or raise the minimum kernel",
  }),
);

export const helperNotAvailable = define(
  "TSB1524",
  "helper is not offered to this kind of program",
  (name: string, kind: string, kinds: readonly string[]) => ({
    message: `the kernel does not offer \`${name}\` to \`${kind}\` programs`,
    help:
      kinds.length > 0
        ? `it is there in ${kinds.map((each) => `\`${each}\``).join(", ")}`
        : "no program kind has it",
  }),
);

export const notAMap = define("TSB1525", "not a map", (what: string) => ({
  message: `${what} is given where a map is expected`,
  help: "name a map of the program",
}));

export const notConstantCall = define("TSB1526", "call while compiling", (name: string) => ({
  message: `\`${name}\` is only possible while a program runs`,
  help: "move it into a program or a function",
}));
