import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { ts } from "../typescript.ts";

export interface RuleContext {
  readonly checker: ts.TypeChecker;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** A check of single nodes that needs nothing but the tree and, here and there, a type. */
export interface Rule {
  readonly kinds: readonly ts.SyntaxKind[];
  readonly check: (node: ts.Node, context: RuleContext) => void;
}

const rules: readonly Rule[] = [];

const rulesByKind = new Map<ts.SyntaxKind, Rule[]>();
for (const rule of rules) {
  for (const kind of rule.kinds) rulesByKind.set(kind, [...(rulesByKind.get(kind) ?? []), rule]);
}

/** Every rule on every node of the program's own files. */
export function checkRules(files: readonly ts.SourceFile[], checker: ts.TypeChecker): Diagnostic[] {
  const found: Diagnostic[] = [];
  const context: RuleContext = { checker, report: (diagnostic) => found.push(diagnostic) };
  const visit = (node: ts.Node): void => {
    for (const rule of rulesByKind.get(node.kind) ?? []) rule.check(node, context);
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return found;
}
