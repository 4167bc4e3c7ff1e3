import { ambientDeclaration, namespaceDeclaration } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const ambientRule: Rule = {
  kinds: [ts.SyntaxKind.DeclareKeyword],
  check(node, { report }) {
    if (node.getSourceFile().isDeclarationFile) return;
    // An ambient type is a type like any other.
    const { parent } = node;
    if (ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent)) return;
    report(ambientDeclaration(spanOf(node)), ts.isModuleDeclaration(parent) ? parent : undefined);
  },
};

export const namespaceRule: Rule = {
  kinds: [ts.SyntaxKind.ModuleDeclaration],
  check(node, { report }) {
    if (!ts.isModuleDeclaration(node) || node.getSourceFile().isDeclarationFile) return;
    if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true) return;
    // The inner ones of `namespace a.b` are part of the outer.
    if (ts.isModuleDeclaration(node.parent)) return;
    const { file, start } = spanOf(node);
    report(namespaceDeclaration({ file, start, end: node.name.end }), node);
  },
};
