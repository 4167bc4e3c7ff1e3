import { atomicField } from "../../diagnostics/atomics.ts";
import { notLoggable, unsupported } from "../../diagnostics/constructs.ts";
import {
  differentSign,
  differentWidth,
  hostOrder,
  narrowing,
  networkOrder,
  networkWidths,
} from "../../diagnostics/conversions.ts";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.ts";
import { missingFields, notAMember } from "../../diagnostics/kernel-world.ts";
import { programParameters, programWithoutReturn, wrongReturn } from "../../diagnostics/program-shape.ts";
import { elementCount } from "../../diagnostics/types.ts";
import { isLibrary } from "../source-graph.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import { type FunctionNode, isFunction, printType } from "./nodes.ts";
import { describeUndefined } from "./possibly-undefined.ts";
import { enclosingProgram, programFunction, valuesOf } from "./programs.ts";
import { type ScalarName, scalarOf } from "./scalars.ts";
import type { Mistake, Translated } from "./translation.ts";

/** What is given, what is wanted, and where it is written. */
interface Mismatch {
  readonly expression: ts.Expression;
  readonly actual: ts.Type;
  readonly expected: ts.Type;
}

/** TS2322 and TS2345: one type given where another is wanted. */
export function translateNotAssignable(mistake: Mistake): Translated | undefined {
  const { checker } = mistake;
  const mismatch = findMismatch(mistake);
  if (mismatch === undefined) return undefined;
  const { expression, actual, expected } = mismatch;
  const program = programFunction(expression, checker);
  if (program !== undefined) return wrap(describeProgram(program.kind, expression, program.result, checker));

  const other = undefinedArgument(expression, expected, checker);
  if (other !== undefined) return describeUndefined(other, mistake);
  if (isAtomicField(expression, checker)) return wrap(atomicField(spanOf(expression)));
  if (mayBeUndefined(actual) && !mayBeUndefined(expected)) {
    const defined = checker.getNonNullableType(actual);
    if ((defined.flags & ts.TypeFlags.Never) === 0 && checker.isTypeAssignableTo(defined, expected)) {
      return describeUndefined(expression, mistake);
    }
  }
  const lacking = describeMissingFields(mismatch, checker) ?? describeElements(mismatch, checker);
  if (lacking !== undefined) return wrap(lacking);
  if (expected.aliasSymbol?.name === "Loggable") {
    return wrap(notLoggable(spanOf(expression), `\`${printType(actual, checker)}\``));
  }
  const span = spanOf(expression);
  const from = scalarOf(checker.getNonNullableType(actual), checker);
  const to = scalarOf(checker.getNonNullableType(expected), checker);
  if (from !== undefined && to !== undefined) {
    return wrap(describeIntegers(from, to, expression.getText(), span));
  }
  if (isReturned(expression)) {
    const around = enclosingProgram(expression, checker);
    if (around !== undefined) {
      return wrap(
        wrongReturn(
          span,
          around.kind,
          printType(expected, checker),
          printActual(mismatch, checker),
          valuesOf(expected),
        ),
      );
    }
  }
  const members = valuesOf(checker.getNonNullableType(expected));
  if (members.length > 0 && (expected.flags & ts.TypeFlags.BooleanLike) === 0) {
    return wrap(notAMember(span, printActual(mismatch, checker), enumName(expected, checker), members));
  }
  return undefined;
}

/** In `atomics.add(rule, "packets", 1n)` nothing is a field of both a struct and `undefined`, so it is the name that TypeScript refuses. */
function undefinedArgument(
  refused: ts.Expression,
  expected: ts.Type,
  checker: ts.TypeChecker,
): ts.Expression | undefined {
  if ((expected.flags & ts.TypeFlags.Never) === 0 || !ts.isCallExpression(refused.parent)) return undefined;
  return refused.parent.arguments.find(
    (argument) => argument !== refused && mayBeUndefined(checker.getTypeAtLocation(argument)),
  );
}

/** `atomics.add(stats, "ready", 1n)`, where the field is not an integer or not there. */
function isAtomicField(refused: ts.Expression, checker: ts.TypeChecker): boolean {
  const call = refused.parent;
  if (!ts.isCallExpression(call) || call.arguments[1] !== refused) return false;
  const declaration = checker.getResolvedSignature(call)?.declaration;
  const owner = declaration === undefined ? undefined : ts.findAncestor(declaration, ts.isModuleDeclaration);
  return owner?.name.text === "atomics" && isLibrary(owner.getSourceFile().fileName);
}

/** TS2741, TS2739 and TS2740: an object that lacks fields of the struct it should be. */
export function translateMissingFields(mistake: Mistake): Translated | undefined {
  const { checker } = mistake;
  const mismatch = findMismatch(mistake);
  return mismatch === undefined ? undefined : wrap(describeMissingFields(mismatch, checker));
}

function describeMissingFields(
  { expression, actual, expected }: Mismatch,
  checker: ts.TypeChecker,
): Diagnostic | undefined {
  // Of a union it is not known which one was meant.
  if (!ts.isObjectLiteralExpression(expression) || expected.isUnion()) return undefined;
  const given = new Set(actual.getProperties().map(({ name }) => name));
  const fields = expected
    .getProperties()
    .filter(({ name, flags }) => (flags & ts.SymbolFlags.Optional) === 0 && !given.has(name))
    .map(({ name }) => name);
  if (fields.length === 0) return undefined;
  return missingFields(spanOf(expression), printType(expected, checker), fields);
}

/** An array literal of another length than the fixed array it is for. */
function describeElements(
  { expression, expected }: Mismatch,
  checker: ts.TypeChecker,
): Diagnostic | undefined {
  if (!ts.isArrayLiteralExpression(expression)) return undefined;
  const length = expected.getProperty("length");
  const type = length && checker.getTypeOfSymbol(length);
  if (!type?.isNumberLiteral()) return undefined;
  const spread = expression.elements.find(ts.isSpreadElement);
  if (spread) return unsupported(spanOf(spread), "a spread in an array", "write out every element");
  const { length: found } = expression.elements;
  return found === type.value ? undefined : elementCount(spanOf(expression), found, type.value);
}

function findMismatch({ node, checker }: Mistake): Mismatch | undefined {
  const expression = expressionAt(node);
  if (expression === undefined) return undefined;
  const { parent } = node;
  const isTarget =
    (ts.isBinaryExpression(parent) && parent.left === node) ||
    (ts.isVariableDeclaration(parent) && parent.name === node);
  const expected = isTarget ? checker.getTypeAtLocation(node) : checker.getContextualType(expression);
  if (expected === undefined) return undefined;
  return { expression, expected, actual: checker.getTypeAtLocation(expression) };
}

/** TypeScript points at the target where there is one; the value is what has to change. */
function expressionAt(node: ts.Node): ts.Expression | undefined {
  const { parent } = node;
  if (ts.isReturnStatement(node)) return node.expression;
  if ((ts.isVariableDeclaration(parent) || ts.isParameter(parent)) && parent.name === node) {
    return parent.initializer;
  }
  if (ts.isPropertyAssignment(parent) && parent.name === node) return parent.initializer;
  if (ts.isBinaryExpression(parent) && parent.left === node) {
    return parent.operatorToken.kind === ts.SyntaxKind.EqualsToken ? parent.right : undefined;
  }
  return ts.isExpression(node) ? node : undefined;
}

function describeIntegers(from: ScalarName, to: ScalarName, text: string, span: Span): Diagnostic {
  if (to.bigEndian && from.bigEndian) return networkWidths(span, from.name, to.name, text);
  if (to.bigEndian) return hostOrder(span, from.name, to.name, text);
  if (from.bigEndian) return networkOrder(span, from.name, to.name, text);
  if (from.long !== to.long) return differentWidth(span, from.name, to.name, text);
  // Where both signs agree it is the width; `u32` into `i32` has the same width and does not fit either.
  if (from.signed !== to.signed && (from.bits ?? 0) <= (to.bits ?? 64)) {
    return differentSign(span, from.name, to.name, text);
  }
  return narrowing(span, from.name, to.name, text);
}

function describeProgram(
  kind: string,
  expression: ts.Expression,
  result: ts.Type | undefined,
  checker: ts.TypeChecker,
): Diagnostic | undefined {
  if (!isFunction(expression) || result === undefined) return undefined;
  const [, second] = expression.parameters;
  if (second !== undefined) return programParameters(spanOf(second), kind);
  const given = checker.getSignatureFromDeclaration(expression)?.getReturnType();
  if (given === undefined) return undefined;
  const required = printType(result, checker);
  if (mayBeUndefined(given) || (given.flags & ts.TypeFlags.Void) !== 0) {
    return programWithoutReturn(headOf(expression), kind, required, valuesOf(result));
  }
  const values = valuesOf(result);
  const wrong = returnedExpressions(expression).find(
    (one) => !checker.isTypeAssignableTo(checker.getTypeAtLocation(one), result),
  );
  if (wrong === undefined)
    return wrongReturn(headOf(expression), kind, required, printType(given, checker), values);
  const actual = checker.getTypeAtLocation(wrong);
  return wrongReturn(
    spanOf(wrong),
    kind,
    required,
    printActual({ expression: wrong, actual, expected: result }, checker),
    values,
  );
}

/** Of the function itself, not of those nested in it. */
function returnedExpressions(owner: FunctionNode): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  if (owner.body !== undefined) ts.forEachChild(owner.body, visit);
  return found;
}

/** Parameters and arrow: the whole body underlined helps nobody. */
export function headOf(node: ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration): Span {
  const file = node.getSourceFile();
  const end = ts.isArrowFunction(node) ? node.equalsGreaterThanToken.end : (node.body?.pos ?? node.end);
  return { file: file.fileName, start: node.getStart(file), end };
}

function isReturned(expression: ts.Expression): boolean {
  const { parent } = expression;
  return ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === expression);
}

function mayBeUndefined(type: ts.Type): boolean {
  const nothing = ts.TypeFlags.Undefined | ts.TypeFlags.Null;
  return type.isUnion()
    ? type.types.some((part) => (part.flags & nothing) !== 0)
    : (type.flags & nothing) !== 0;
}

/** `5` rather than `number`, `XdpAction.PASS` rather than a list of literals. */
function printActual({ expression, actual }: Mismatch, checker: ts.TypeChecker): string {
  const text = expression.getText();
  if (ts.isNumericLiteral(expression) || ts.isPropertyAccessExpression(expression)) return text;
  return printType(checker.getBaseTypeOfLiteralType(actual), checker);
}

function enumName(type: ts.Type, checker: ts.TypeChecker): string {
  return printType(checker.getBaseTypeOfLiteralType(checker.getNonNullableType(type)), checker);
}

function wrap(diagnostic: Diagnostic | undefined): Translated | undefined {
  return diagnostic === undefined ? undefined : { diagnostic };
}
