import { ts } from "../typescript.ts";

/** The innermost node with exactly this extent, else the innermost that contains it. */
export function nodeAt(file: ts.SourceFile, start: number, length: number): ts.Node {
  const end = start + length;
  let exact: ts.Node | undefined;
  let around: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) > start || node.end < end) return;
    around = node;
    if (node.getStart(file) === start && node.end === end) exact = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return exact ?? around;
}

export type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration;

export function isFunction(node: ts.Node): node is FunctionNode {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node);
}

export function enclosingFunction(node: ts.Node): FunctionNode | undefined {
  return ts.findAncestor(node, isFunction) as FunctionNode | undefined;
}

/** Without parentheses, `!`, `as` and `satisfies`. */
export function bareExpression(node: ts.Expression): ts.Expression {
  let bare = node;
  while (
    ts.isParenthesizedExpression(bare) ||
    ts.isNonNullExpression(bare) ||
    ts.isAsExpression(bare) ||
    ts.isSatisfiesExpression(bare)
  ) {
    bare = bare.expression;
  }
  return bare;
}

/** A type as the user writes it; the path TypeScript puts before a name that is not in scope says nothing to a reader. */
export function printType(type: ts.Type, checker: ts.TypeChecker): string {
  return withoutImportPaths(checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation));
}

export function withoutImportPaths(text: string): string {
  return text.replace(/(typeof )?import\("[^"]*"\)\.?/g, "");
}
