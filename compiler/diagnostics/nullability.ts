import { define } from "./define.ts";

/** Where a value that may be undefined came from, in source text. */
export interface Origin {
  /** `flows.get`, or `hist[i]` for an element. */
  readonly source: string;
  readonly kind: "call" | "element" | "other";
  /** As TypeScript prints it: `FlowStats | undefined`. */
  readonly type: string;
  /** A scalar has a sensible default instead. */
  readonly zero?: "0" | "0n" | "false";
}

/**
 * @param name what is used: a name, or an expression that cannot be guarded before it has a name
 * @param leave how the enclosing function returns: `return;` or `return …;`
 */
export const possiblyUndefined = define(
  "TSB1204",
  "value may be undefined",
  (name: string, isName: boolean, origin: Origin, leave: string) => ({
    message: `\`${name}\` may be undefined here`,
    label:
      origin.kind === "element"
        ? `an index that is not constant may be out of range of \`${origin.source}\``
        : origin.kind === "call"
          ? `\`${origin.source}\` returns \`${origin.type}\``
          : `this is \`${origin.type}\``,
    help: guard(name, isName, origin, leave),
  }),
);

function guard(name: string, isName: boolean, origin: Origin, leave: string): string {
  if (origin.zero !== undefined) {
    return isName
      ? `give a default where it is made, \`?? ${origin.zero}\`, or test it: \`if (${name} === undefined) ${leave}\``
      : `give a default: \`(${name} ?? ${origin.zero})\``;
  }
  if (isName) return `guard it: \`if (!${name}) ${leave}\``;
  return `name it and guard the name: \`const found = ${name}; if (!found) ${leave}\``;
}
