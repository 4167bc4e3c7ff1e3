import { ts } from "../frontend/typescript.ts";
import type { FunctionContext, ModuleContext } from "./context.ts";

/** Every symbol that a file assigns after its declaration, found once per file. */
const found = new WeakMap<ModuleContext, Map<ts.SourceFile, ReadonlySet<ts.Symbol>>>();

export function isReassigned(cx: FunctionContext, symbol: ts.Symbol): boolean {
  const declaration = symbol.valueDeclaration;
  if (!declaration) return true;
  if (ts.isVariableDeclaration(declaration)) {
    const flags = ts.getCombinedNodeFlags(declaration);
    if (flags & ts.NodeFlags.Const) return false;
  }
  const file = declaration.getSourceFile();
  const files = found.get(cx.module) ?? new Map<ts.SourceFile, ReadonlySet<ts.Symbol>>();
  found.set(cx.module, files);
  const known = files.get(file) ?? new Set(assignedIn(cx.checker, file));
  files.set(file, known);
  return known.has(symbol);
}

/** Symbols that are assigned somewhere inside a node. */
export function assignedIn(checker: ts.TypeChecker, root: ts.Node): ts.Symbol[] {
  const symbols: ts.Symbol[] = [];
  const target = (node: ts.Expression): void => {
    if (ts.isParenthesizedExpression(node)) target(node.expression);
    const symbol = ts.isIdentifier(node) && checker.getSymbolAtLocation(node);
    if (symbol) symbols.push(symbol);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) target(node.left);
    if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
    ) {
      target(node.operand);
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return symbols;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
