import { anyType } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const anyTypeRule: Rule = {
  kinds: [ts.SyntaxKind.AnyKeyword, ts.SyntaxKind.UnknownKeyword],
  check(node, { report }) {
    // In `T extends unknown` nothing is stored.
    if (ts.isTypeParameterDeclaration(node.parent)) return;
    report(anyType(spanOf(node), node.kind === ts.SyntaxKind.AnyKeyword ? "any" : "unknown"));
  },
};
