import { type Origin, possiblyUndefined } from "../../diagnostics/nullability.ts";
import { indexOutOfRange } from "../../diagnostics/types.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import { bareExpression, enclosingFunction, printType } from "./nodes.ts";
import { valuesOf } from "./programs.ts";
import type { Mistake, Translated } from "./translation.ts";

/** TS2532, TS18048 and their kin: names what gave the `undefined`. */
export function translatePossiblyUndefined(mistake: Mistake): Translated | undefined {
  const { node } = mistake;
  return ts.isExpression(node) ? describeUndefined(node, mistake) : undefined;
}

/** @param used the expression whose value may be undefined */
export function describeUndefined(used: ts.Expression, mistake: Mistake): Translated {
  const { checker } = mistake;
  const bare = bareExpression(used);
  const symbol = ts.isIdentifier(bare) ? checker.getSymbolAtLocation(bare) : undefined;
  const file = used.getSourceFile();
  const span = { file: file.fileName, start: bare.getStart(file), end: bare.end };
  const element = constantElement(bare, checker);
  if (element !== undefined && element.index >= element.length) {
    return { diagnostic: indexOutOfRange(spanOf(element.node), `${element.index}`, element.length) };
  }
  const diagnostic = possiblyUndefined(span, {
    name: shortText(bare),
    isName: isNarrowable(bare),
    origin: originOf(bare, symbol, checker),
    leave: leave(bare, checker),
  });
  return symbol === undefined ? { diagnostic } : { diagnostic, root: symbol };
}

function originOf(node: ts.Expression, symbol: ts.Symbol | undefined, checker: ts.TypeChecker): Origin {
  const declaration = symbol?.valueDeclaration;
  const initializer =
    declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  const made = initializer === undefined ? node : bareExpression(initializer);
  const type = checker.getTypeAtLocation(made);
  const kind = kindOf(made, checker);
  const source = ts.isCallExpression(made) || ts.isElementAccessExpression(made) ? made.expression : made;
  const zero = zeroOf(checker.getNonNullableType(type));
  return {
    source: shortText(source),
    kind,
    type: printType(type, checker),
    ...(zero === undefined ? {} : { zero }),
  };
}

function kindOf(made: ts.Expression, checker: ts.TypeChecker): Origin["kind"] {
  if (ts.isCallExpression(made)) return "call";
  if (!ts.isElementAccessExpression(made)) return "other";
  return constantElement(made, checker) === undefined ? "element" : "constant element";
}

/** `list[70]`: TypeScript knows the elements of short arrays only (`Indices` of the standard library). */
function constantElement(
  made: ts.Expression,
  checker: ts.TypeChecker,
): { readonly node: ts.Expression; readonly index: number; readonly length: number } | undefined {
  if (!ts.isElementAccessExpression(made) || !ts.isNumericLiteral(made.argumentExpression)) return undefined;
  const array = checker.getTypeAtLocation(made.expression);
  const length = array.getProperty("length");
  const type = length && checker.getTypeOfSymbol(length);
  if (!type?.isNumberLiteral()) return undefined;
  return { node: made.argumentExpression, index: Number(made.argumentExpression.text), length: type.value };
}

function zeroOf(type: ts.Type): Origin["zero"] {
  const parts = type.isUnion() ? type.types : [type];
  const is = (flags: ts.TypeFlags) =>
    parts.every((part) =>
      part.isIntersection()
        ? part.types.some((one) => (one.flags & flags) !== 0)
        : (part.flags & flags) !== 0,
    );
  if (is(ts.TypeFlags.BigIntLike)) return "0n";
  if (is(ts.TypeFlags.BooleanLike)) return "false";
  return is(ts.TypeFlags.NumberLike) && !is(ts.TypeFlags.EnumLike) ? "0" : undefined;
}

/** Names and chains of fields keep what a test found out about them; calls are made anew. */
function isNarrowable(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return isNarrowable(node.expression);
  return ts.isIdentifier(node);
}

/** How the function around can be left. */
function leave(node: ts.Node, checker: ts.TypeChecker): string {
  const owner = enclosingFunction(node);
  if (owner === undefined) return "return;";
  const contextual = ts.isFunctionDeclaration(owner)
    ? undefined
    : checker.getContextualType(owner)?.getCallSignatures()[0];
  const result = (contextual ?? checker.getSignatureFromDeclaration(owner))?.getReturnType();
  if (result === undefined || (result.flags & ts.TypeFlags.Void) !== 0) return "return;";
  const [usual] = (result.flags & ts.TypeFlags.BooleanLike) !== 0 ? [] : valuesOf(result);
  return `return ${usual ?? "…"};`;
}

function shortText(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
