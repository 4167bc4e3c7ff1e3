import { deleteOperator } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const deleteRule: Rule = {
  kinds: [ts.SyntaxKind.DeleteExpression],
  check(node, { report }) {
    report(deleteOperator(spanOf(node)), node);
  },
};
