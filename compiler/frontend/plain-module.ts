import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { codeInPlainModule } from "../diagnostics/modules.ts";
import type { SourceGraph } from "./source-graph.ts";
import { spanOf } from "./span.ts";
import { ts } from "./typescript.ts";

/**
 * A `.ts` file without `.bpf` belongs to user space; kernel code may share its types, enums and literal constants, and nothing that runs.
 */
export function checkPlainModule(file: ts.SourceFile, graph: SourceGraph): Diagnostic[] {
  if (file.isDeclarationFile) return [];
  const found: Diagnostic[] = [];
  const report = (node: ts.Node, what: string) =>
    found.push(codeInPlainModule(spanOf(node, file), what, graph.show(file.fileName)));
  for (const statement of file.statements) {
    if (isErased(statement)) continue;
    if (!ts.isVariableStatement(statement)) {
      report(firstLine(statement), describe(statement));
      continue;
    }
    if ((statement.declarationList.flags & ts.NodeFlags.BlockScoped) !== ts.NodeFlags.Const) {
      report(statement.declarationList, "a variable");
      continue;
    }
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer !== undefined && !isLiteral(initializer)) report(initializer, "a computed value");
    }
  }
  return found;
}

function isErased(statement: ts.Statement): boolean {
  return (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isEmptyStatement(statement)
  );
}

function describe(statement: ts.Statement): string {
  if (ts.isFunctionDeclaration(statement)) return "a function";
  if (ts.isClassDeclaration(statement)) return "a class";
  return "a statement";
}

function firstLine(statement: ts.Statement): ts.Node {
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  return (named ? statement.name : undefined) ?? statement;
}

/** Literals, operators on literals, names of other constants, and a conversion such as `u16(80)`, which is a value in disguise. */
function isLiteral(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return isLiteral(node.expression);
  }
  if (ts.isPrefixUnaryExpression(node)) return isLiteral(node.operand);
  if (ts.isBinaryExpression(node)) return isLiteral(node.left) && isLiteral(node.right);
  if (ts.isPropertyAccessExpression(node)) return isLiteral(node.expression);
  if (ts.isCallExpression(node)) return ts.isIdentifier(node.expression) && node.arguments.every(isLiteral);
  return (
    ts.isNumericLiteral(node) ||
    ts.isBigIntLiteral(node) ||
    ts.isStringLiteralLike(node) ||
    ts.isIdentifier(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword
  );
}
