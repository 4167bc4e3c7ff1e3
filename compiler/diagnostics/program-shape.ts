import { define } from "./define.ts";

/** @param required as TypeScript prints it: `SkAction`, `boolean`, `void` */
export const wrongReturn = define(
  "TSB1501",
  "program returns the wrong type",
  (kind: string, required: string, actual: string, values: readonly string[]) => ({
    message: `\`${kind}\` programs return \`${required}\`, not \`${actual}\``,
    help:
      required === "void"
        ? "return nothing: the kernel takes only one value here"
        : values.length > 0
          ? `return one of ${values.map((value) => `\`${value}\``).join(", ")}`
          : "return a length, 0, or a negative errno",
  }),
);

export const programWithoutReturn = define(
  "TSB1502",
  "program does not return on every path",
  (kind: string, required: string, values: readonly string[]) => ({
    message: `this \`${kind}\` program does not return \`${required}\` on every path`,
    help: `end it with \`return ${values[0] ?? "…"};\` or what the last path means`,
  }),
);

export const programParameters = define("TSB1503", "program takes only its context", (kind: string) => ({
  message: `\`${kind}\` programs take one parameter, their context`,
  help: "what else a program needs it gets from maps, globals and constants",
}));

export const notInContext = define(
  "TSB1504",
  "context has no such member",
  (member: string, kind: string, suggestion: string | undefined, elsewhere: readonly string[]) => ({
    message: `\`${member}\` is not offered to \`${kind}\` programs`,
    ...(elsewhere.length === 0
      ? {}
      : { notes: [`it is offered to ${elsewhere.map((name) => `\`${name}\``).join(", ")}`] }),
    help:
      suggestion === undefined
        ? "field names are the kernel's in camelCase; the editor lists those of this context"
        : `did you mean \`${suggestion}\`?`,
  }),
);

export const contextReadOnly = define(
  "TSB1505",
  "context field is read-only",
  (member: string, kind: string) => ({
    message: `\`${member}\` cannot be written in \`${kind}\` programs`,
    help: "the kernel decides per program type which fields a program may write; keep a changed copy in a local",
  }),
);

export const replyToWrongOperation = define(
  "TSB1506",
  "member belongs to some operations only",
  (member: string, operations: readonly string[]) => ({
    message: `\`${member}\` exists for some operations only`,
    label: "which operation this is has not been tested here",
    help: `narrow the context first: \`switch (ctx.op) { case ${operations[0] ?? "SockOp.…"}: … }\``,
  }),
);
