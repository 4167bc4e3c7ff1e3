import { sameType } from "../ir/build.ts";
import type { IrExpression, Logical, Select } from "../ir/expressions.ts";
import { emitArrayValue, emitStructValue } from "./aggregates.ts";
import { emitAtomic } from "./atomics.ts";
import type { CExpression, CStatement } from "./c/ast.ts";
import {
  addressOf,
  assign,
  binary,
  conditional,
  expressionStatement,
  identifier,
  ifStatement,
  number,
  unary,
  withSpan,
} from "./c/build.ts";
import { emitCall, emitHelper, emitMapReference } from "./calls.ts";
import { constantOf } from "./constants.ts";
import { emitContextLoad } from "./contexts.ts";
import { emitConvert } from "./conversions.ts";
import { emitElementOrNull } from "./elements.ts";
import type { FunctionEmitter } from "./function.ts";
import { emitBinary, emitByteSwap, emitCompare, emitUnary } from "./integers.ts";
import { emitMapDelete, emitMapLookup, emitMapUpdate } from "./maps.ts";
import { declareValue, storeValue } from "./memory.ts";
import { emitPacketAccess } from "./packets.ts";
import { emitAddress, emitLoad } from "./places.ts";

type Emitters = {
  readonly [Op in IrExpression["op"]]: (
    f: FunctionEmitter,
    expression: Extract<IrExpression, { op: Op }>,
    hint: string | undefined,
  ) => CExpression;
};

/**
 * From an operation to C. What an emitter returns has no effect of its own, except for the operations named below, whose result
 * is the very call. `hint` is a name for the variable that holds the result, where one is made.
 */
const emitters: Emitters = {
  constant: (f, e) => constantOf(f.unit.types, e.type, e.value),
  load: emitLoad,
  address: emitAddress,
  binary: emitBinary,
  unary: emitUnary,
  compare: emitCompare,
  logical: emitLogical,
  not: (f, e) => unary("!", evaluate(f, e.operand)),
  select: emitSelect,
  convert: emitConvert,
  byteSwap: emitByteSwap,
  struct: emitStructValue,
  array: emitArrayValue,
  call: emitCall,
  contextLoad: emitContextLoad,
  mapReference: emitMapReference,
  helper: emitHelper,
  mapLookup: emitMapLookup,
  mapUpdate: emitMapUpdate,
  mapDelete: emitMapDelete,
  packet: emitPacketAccess,
  elementOrNull: emitElementOrNull,
  atomic: emitAtomic,
};

const withEffects: ReadonlySet<IrExpression["op"]> = new Set([
  "call",
  "helper",
  "mapLookup",
  "mapUpdate",
  "mapDelete",
  "atomic",
]);

/** Whether what the emitter returned is the very call. A call that returns an array has been made already, for C knows no such thing. */
function hasEffect(expression: IrExpression): boolean {
  return withEffects.has(expression.op) && expression.type.kind !== "array";
}

/** The expression as C that may have an effect: it must be used once, and at once. */
export function evaluateOnce(f: FunctionEmitter, expression: IrExpression, hint?: string): CExpression {
  const emitter = emitters[expression.op] as (
    f: FunctionEmitter,
    expression: IrExpression,
    hint: string | undefined,
  ) => CExpression;
  return withSpan(emitter(f, expression, hint), expression.span);
}

/** The expression as C without effects; what it needs to happen before is in the statements. */
export function evaluate(f: FunctionEmitter, expression: IrExpression, hint?: string): CExpression {
  const value = evaluateOnce(f, expression, hint);
  if (!hasEffect(expression)) return value;
  if (expression.type.kind === "void") {
    f.push(expressionStatement(value, expression.span));
    return number(0);
  }
  const name = hint ?? hintOf(expression);
  return withSpan(f.temporary(name, expression, value), expression.span);
}

/** Several expressions, evaluated from left to right whatever each of them does. */
export function evaluateAll(
  f: FunctionEmitter,
  expressions: readonly IrExpression[],
): readonly CExpression[] {
  const parts = expressions.map((expression) => ({
    expression,
    ...f.capture(() => evaluate(f, expression)),
  }));
  const last = parts.findLastIndex((part) => part.statements.length > 0);
  return parts.map(({ expression, statements, result }, position) => {
    f.push(...statements);
    if (position >= last || f.isStable(result)) return result;
    return f.temporary(hintOf(expression), expression, result);
  });
}

/** As `evaluateAll`, but the last may have an effect: it must be used once, and at once. */
export function evaluateAllOnce(
  f: FunctionEmitter,
  before: readonly IrExpression[],
  last: IrExpression,
  hint?: string,
): { readonly before: readonly CExpression[]; readonly last: CExpression } {
  const final = f.capture(() => evaluateOnce(f, last, hint));
  const first = f.capture(() => evaluateAll(f, before));
  f.push(...first.statements);
  const keep = final.statements.length > 0 || hasEffect(last);
  const values = first.result.map((value, position) => {
    const expression = before[position];
    if (!keep || expression === undefined || f.isStable(value)) return value;
    return f.temporary(hintOf(expression), expression, value);
  });
  f.push(...final.statements);
  return { before: values, last: final.result };
}

/** A name for a variable that holds the expression's value. */
export function hintOf(expression: IrExpression): string {
  switch (expression.op) {
    case "call":
      return `${expression.function.name}_result`;
    case "helper":
      return expression.helper;
    case "mapLookup":
      return `${expression.map.name}_value`;
    case "mapUpdate":
    case "mapDelete":
      return "status";
    case "contextLoad":
      return expression.field;
    case "load":
      switch (expression.place.place) {
        case "local":
          return expression.place.local.name;
        case "field":
          return expression.place.field.name;
        case "global":
          return expression.place.global.name;
        default:
          return "value";
      }
    case "convert":
    case "byteSwap":
      return hintOf(expression.operand);
    case "compare":
    case "logical":
    case "not":
      return "condition";
    case "address":
      return "reference";
    case "atomic":
      return "previous";
    case "struct":
      return expression.type.name.charAt(0).toLowerCase() + expression.type.name.slice(1);
    default:
      return "value";
  }
}

/** `&&` and `||` where the right side is a plain expression; otherwise the right side's statements go under an `if`. */
function emitLogical(f: FunctionEmitter, e: Logical, hint: string | undefined): CExpression {
  const left = evaluate(f, e.left);
  const name = f.name(hint ?? "condition");
  const right = f.scoped(() => evaluate(f, e.right));
  if (right.statements.length === 0) {
    f.untake(name);
    return binary(e.operator === "and" ? "&&" : "||", left, right.result);
  }
  const result = identifier(name);
  f.push(f.storage(name, e.type, left, e.left.span));
  const then = [...right.statements, assign(result, right.result, e.right.span)];
  f.push(ifStatement(e.operator === "and" ? result : unary("!", result), then, undefined, e.span));
  f.markStable(name);
  return result;
}

function emitSelect(f: FunctionEmitter, e: Select, hint: string | undefined): CExpression {
  const condition = evaluate(f, e.condition);
  const name = f.name(hint ?? "selected");
  const whenTrue = f.scoped(() => selected(f, e.whenTrue));
  const whenFalse = f.scoped(() => selected(f, e.whenFalse));
  const plain = whenTrue.statements.length === 0 && whenFalse.statements.length === 0;
  if (plain && e.type.kind !== "array") {
    f.untake(name);
    return conditional(condition, whenTrue.result, whenFalse.result);
  }
  const result = identifier(name);
  f.push(f.storage(name, e.type));
  const target = { place: result, alignment: 8 };
  const branch = (value: typeof whenTrue, from: IrExpression): readonly CStatement[] => {
    const stored = f.capture(() => storeValue(f, target, value.result, from, e.span));
    return [...value.statements, ...stored.statements];
  };
  f.push(ifStatement(condition, branch(whenTrue, e.whenTrue), branch(whenFalse, e.whenFalse), e.span));
  f.markStable(name);
  return result;
}

/** Two constants decide the type of `?:` together. */
function selected(f: FunctionEmitter, e: IrExpression): CExpression {
  if (e.op !== "constant") return evaluate(f, e);
  return withSpan(constantOf(f.unit.types, e.type, e.value, true), e.span);
}

/** A pointer to the value, and the statements that put it into a variable where it is in none. */
export function pointerTo(
  f: FunctionEmitter,
  expression: IrExpression,
  value: CExpression,
  hint: string,
): { readonly statements: readonly CStatement[]; readonly pointer: CExpression } {
  // A variable whose address a helper has had is memory to the verifier, of which it knows no value any more: a loop that counts with it has
  // no bound. So what lives in a register is copied.
  const { kind } = expression.type;
  const isRegister = value.kind === "identifier" && kind !== "struct" && kind !== "array";
  if (
    expression.op === "load" &&
    !isRegister &&
    isPlainPlace(value) &&
    sameType(expression.type, expression.place.type)
  ) {
    return { statements: [], pointer: addressOf(value) };
  }
  const name = f.name(hint);
  const { statements } = f.capture(() => declareValue(f, name, value, expression, expression.span));
  return { statements, pointer: addressOf(identifier(name)) };
}

/** An lvalue whose address may be taken. */
function isPlainPlace(value: CExpression): boolean {
  switch (value.kind) {
    case "identifier":
    case "arrow":
      return true;
    case "member":
    case "index":
      return isPlainPlace(value.base);
    case "unary":
      return value.operator === "*";
    default:
      return false;
  }
}
