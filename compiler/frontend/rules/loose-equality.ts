import { looseEquality } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const looseEqualityRule: Rule = {
  kinds: [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken],
  check(node, { report }) {
    const operator = node.kind === ts.SyntaxKind.EqualsEqualsToken ? "==" : "!=";
    const strict = `${operator}=`;
    const span = spanOf(node);
    report({
      ...looseEquality(span, operator, strict),
      fix: { title: `replace \`${operator}\` by \`${strict}\``, edits: [{ span, text: strict }] },
    });
  },
};
