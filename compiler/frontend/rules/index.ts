import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { ts } from "../typescript.ts";
import { ambientRule, namespaceRule } from "./ambient.ts";
import { anyTypeRule } from "./any-type.ts";
import { asyncRule, awaitRule, generatorRule } from "./asynchronous.ts";
import { classRule } from "./class.ts";
import { deleteRule } from "./delete.ts";
import { exceptionsRule } from "./exceptions.ts";
import { looseEqualityRule } from "./loose-equality.ts";
import {
  debuggerRule,
  decoratorRule,
  dynamicImportRule,
  regularExpressionRule,
  thisRule,
} from "./meaningless.ts";
import { newRule } from "./new.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { varRule } from "./var.ts";

const rules: readonly Rule[] = [
  ambientRule,
  anyTypeRule,
  asyncRule,
  awaitRule,
  classRule,
  debuggerRule,
  decoratorRule,
  deleteRule,
  dynamicImportRule,
  exceptionsRule,
  generatorRule,
  looseEqualityRule,
  namespaceRule,
  newRule,
  regularExpressionRule,
  thisRule,
  varRule,
];

const rulesByKind = new Map<ts.SyntaxKind, Rule[]>();
for (const rule of rules) {
  for (const kind of rule.kinds) rulesByKind.set(kind, [...(rulesByKind.get(kind) ?? []), rule]);
}

export interface RuleResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Nodes that are wrong as a whole. */
  readonly covered: readonly ts.Node[];
}

/** Every rule on every node of the program's own files. */
export function checkRules(files: readonly ts.SourceFile[], checker: ts.TypeChecker): RuleResult {
  const diagnostics: Diagnostic[] = [];
  const covered: ts.Node[] = [];
  const context: RuleContext = {
    checker,
    report(diagnostic, whole) {
      diagnostics.push(diagnostic);
      if (whole !== undefined) covered.push(whole);
    },
  };
  const visit = (node: ts.Node): void => {
    for (const rule of rulesByKind.get(node.kind) ?? []) rule.check(node, context);
    // One complaint about a class is enough; its parts would be changed with it.
    if (covered.at(-1) === node) return;
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return { diagnostics, covered };
}
