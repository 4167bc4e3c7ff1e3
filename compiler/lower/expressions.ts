import * as C from "../diagnostics/constructs.ts";
import { newExpression } from "../diagnostics/unsupported-syntax.ts";
import { ts } from "../frontend/typescript.ts";
import { lowerAs, lowerNonNull, lowerSatisfies } from "./assertions.ts";
import { lowerBinary } from "./binary.ts";
import { lowerCall } from "./call.ts";
import type { FunctionContext } from "./context.ts";
import { lowerElementAccess } from "./element-access.ts";
import { lowerIdentifier, lowerThis } from "./identifier.ts";
import {
  lowerBigIntLiteral,
  lowerBooleanLiteral,
  lowerNull,
  lowerNumericLiteral,
  lowerText,
} from "./literals.ts";
import { lowerConditional } from "./logical.ts";
import { lowerArrayLiteral, lowerObjectLiteral } from "./object-literal.ts";
import { isWholeChain, lowerOptionalChain } from "./optional-chain.ts";
import { lowerPropertyAccess } from "./property-access.ts";
import { lowerPostfix, lowerPrefix } from "./unary.ts";
import { syntaxName, unsupportedHelp } from "./unsupported.ts";
import { failed, type SourceType, type Value } from "./value.ts";

/** Parameters of methods are compared bivariantly: each entry takes its own kind of node. */
type LowerExpression = {
  lower(cx: FunctionContext, node: ts.Expression, expected: SourceType | undefined): Value;
}["lower"];

const K = ts.SyntaxKind;

/** How each kind of expression is lowered. What is not here is not part of the language. */
export const expressions: ReadonlyMap<ts.SyntaxKind, LowerExpression> = new Map<
  ts.SyntaxKind,
  LowerExpression
>([
  [K.NumericLiteral, lowerNumericLiteral],
  [K.BigIntLiteral, lowerBigIntLiteral],
  [K.StringLiteral, lowerText],
  [K.NoSubstitutionTemplateLiteral, lowerText],
  [K.TrueKeyword, lowerBooleanLiteral],
  [K.FalseKeyword, lowerBooleanLiteral],
  [K.NullKeyword, lowerNull],
  [K.ThisKeyword, lowerThis],
  [K.Identifier, lowerIdentifier],
  [K.ParenthesizedExpression, lowerParenthesized],
  [K.PropertyAccessExpression, lowerPropertyAccess],
  [K.ElementAccessExpression, lowerElementAccess],
  [K.CallExpression, lowerCall],
  [K.NewExpression, lowerNew],
  [K.BinaryExpression, lowerBinary],
  [K.PrefixUnaryExpression, lowerPrefix],
  [K.PostfixUnaryExpression, lowerPostfix],
  [K.ConditionalExpression, lowerConditional],
  [K.ObjectLiteralExpression, lowerObjectLiteral],
  [K.ArrayLiteralExpression, lowerArrayLiteral],
  [K.NonNullExpression, lowerNonNull],
  [K.AsExpression, lowerAs],
  [K.TypeAssertionExpression, lowerAs],
  [K.SatisfiesExpression, lowerSatisfies],
  [K.TemplateExpression, lowerTemplate],
  [K.ArrowFunction, lowerFunctionValue],
  [K.FunctionExpression, lowerFunctionValue],
]);

/** A literal takes its type from where it is used, and a function is used only where one is called for. */
export const needsType: ReadonlySet<ts.SyntaxKind> = new Set([
  K.ObjectLiteralExpression,
  K.ArrayLiteralExpression,
  K.ArrowFunction,
  K.FunctionExpression,
  K.TemplateExpression,
]);

export function lowerExpression(
  cx: FunctionContext,
  node: ts.Expression,
  expected: SourceType | undefined,
): Value {
  const value = lowerKind(cx, node, expected);
  if (value.kind === "error") cx.lost(node);
  return value;
}

function lowerKind(cx: FunctionContext, node: ts.Expression, expected: SourceType | undefined): Value {
  const lower = expressions.get(node.kind);
  if (lower && isWholeChain(node)) return lowerOptionalChain(cx, node, () => lower(cx, node, expected));
  if (lower) return lower(cx, node, expected);
  cx.report(C.unsupported(cx.span(node), syntaxName(node.kind), unsupportedHelp(node.kind)));
  return failed;
}

function lowerParenthesized(
  cx: FunctionContext,
  node: ts.ParenthesizedExpression,
  expected: SourceType | undefined,
): Value {
  return cx.expression(node.expression, expected);
}

function lowerNew(cx: FunctionContext, node: ts.NewExpression): Value {
  cx.report(newExpression(cx.span(node), node.expression.getText()));
  return failed;
}

function lowerTemplate(cx: FunctionContext, node: ts.Expression): Value {
  cx.report(C.templateOutsideLog(cx.span(node)));
  return failed;
}

function lowerFunctionValue(cx: FunctionContext, node: ts.Expression): Value {
  cx.report(C.functionValue(cx.span(node)));
  return failed;
}
