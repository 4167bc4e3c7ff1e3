import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ts } from "../typescript.ts";

export interface RuleContext {
  readonly checker: ts.TypeChecker;
  /** With `whole`, nothing else is said about that node or its parts, by TypeScript either. */
  readonly report: (diagnostic: Diagnostic, whole?: ts.Node) => void;
}

/** A check of single nodes that needs nothing but the tree and, here and there, a symbol. */
export interface Rule {
  readonly kinds: readonly ts.SyntaxKind[];
  readonly check: (node: ts.Node, context: RuleContext) => void;
}
