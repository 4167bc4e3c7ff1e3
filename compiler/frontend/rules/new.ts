import { newExpression } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const newRule: Rule = {
  kinds: [ts.SyntaxKind.NewExpression],
  check(node, { checker, report }) {
    if (!ts.isNewExpression(node) || isModuleConstant(node)) return;
    // An unknown class has been reported as such.
    if (checker.getSymbolAtLocation(node.expression) === undefined) return;
    report(newExpression(spanOf(node), node.expression.getText()));
  },
};

function isModuleConstant(node: ts.NewExpression): boolean {
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isSourceFile(parent.parent.parent.parent);
}
