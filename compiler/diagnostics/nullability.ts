import { define } from "./define.ts";

/** Where a value that may be undefined came from, in source text. */
export interface Origin {
  /** `flows.get`, or `hist[i]` for an element. */
  readonly source: string;
  readonly kind: "call" | "element" | "constant element" | "other";
  /** As TypeScript prints it: `FlowStats | undefined`. */
  readonly type: string;
  /** A scalar has a sensible default instead. */
  readonly zero?: "0" | "0n" | "false";
}

/** What is used, as far as TypeScript's types tell. */
export interface Use {
  /** A name, or an expression that cannot be guarded before it has a name. */
  readonly name: string;
  readonly isName: boolean;
  readonly origin: Origin;
  /** How the enclosing function returns: `return;` or `return …;`. */
  readonly leave: string;
}

/** @param used or only its type, where TypeScript's control flow does not see that it may be undefined */
export const possiblyUndefined = define("TSB1204", "value may be undefined", (used: Use | string) =>
  typeof used === "string"
    ? {
        message: `this may be undefined: it is \`${used}\``,
        help: "give it a name and test the name, `const x = …; if (x === undefined) return;`, or a default with `??`",
      }
    : { message: `\`${used.name}\` may be undefined here`, label: labelOf(used.origin), help: guard(used) },
);

function labelOf({ kind, source, type }: Origin): string {
  switch (kind) {
    case "constant element":
      return `TypeScript does not count the elements of \`${source}\`, which has more than 64`;
    case "element":
      return `an index that is not constant may be out of range of \`${source}\``;
    case "call":
      return `\`${source}\` returns \`${type}\``;
    case "other":
      return `this is \`${type}\``;
  }
}

function guard({ name, isName, origin, leave }: Use): string {
  if (origin.kind === "constant element") {
    return `say that it is there, \`${origin.source}[…]!\`: the compiler checks the index`;
  }
  if (origin.zero !== undefined) {
    return isName
      ? `give a default where it is made, \`?? ${origin.zero}\`, or test it: \`if (${name} === undefined) ${leave}\``
      : `give a default: \`(${name} ?? ${origin.zero})\``;
  }
  if (isName) return `guard it: \`if (!${name}) ${leave}\``;
  return `name it and guard the name: \`const found = ${name}; if (!found) ${leave}\``;
}
