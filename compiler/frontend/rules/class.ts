import { classDeclaration } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const classRule: Rule = {
  kinds: [ts.SyntaxKind.ClassDeclaration, ts.SyntaxKind.ClassExpression],
  check(node, { report }) {
    if (!ts.isClassLike(node)) return;
    const { start, file } = spanOf(node);
    report(classDeclaration({ file, start, end: node.name?.end ?? start + "class".length }), node);
  },
};
