import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { minKernelNotKnown } from "../diagnostics/globals.ts";
import { isLibrary } from "../frontend/source-graph.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import { isOlder, type KernelVersion } from "../kernel/version.ts";
import type { LoweringInput } from "./context.ts";
import { libraryName, resolveAlias } from "./library.ts";

export function isMinKernelCall(checker: ts.TypeChecker, node: ts.Expression): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
  const symbol = checker.getSymbolAtLocation(node.expression);
  return symbol !== undefined && libraryName(resolveAlias(checker, symbol)) === "minKernel";
}

/** What the files of the program declare with `minKernel`. It is read before anything is lowered: all of lowering asks for it. */
export function declaredMinKernel({ program, checker }: LoweringInput): {
  readonly newest: KernelVersion | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  let newest: KernelVersion | undefined;
  const diagnostics: Diagnostic[] = [];
  for (const file of program.getSourceFiles()) {
    if (isLibrary(file.fileName) || file.isDeclarationFile) continue;
    for (const statement of file.statements) {
      if (!ts.isExpressionStatement(statement)) continue;
      if (!isMinKernelCall(checker, statement.expression)) continue;
      const [argument] = statement.expression.arguments;
      const version = argument && ts.isStringLiteralLike(argument) ? parse(argument.text) : undefined;
      if (version === undefined) diagnostics.push(minKernelNotKnown(spanOf(argument ?? statement)));
      else if (newest === undefined || isOlder(newest, version)) newest = version;
    }
  }
  return { newest, diagnostics };
}

function parse(text: string): KernelVersion | undefined {
  const match = /^(\d{1,3})\.(\d{1,4})$/.exec(text);
  const version: KernelVersion | undefined = match ? [Number(match[1]), Number(match[2])] : undefined;
  return version === undefined || isOlder(version, [5, 10]) ? undefined : version;
}
