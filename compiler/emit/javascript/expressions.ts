import * as ir from "../../ir/build.ts";
import type { Atomic, Compare, ElementOrNull, HelperCall, IrExpression } from "../../ir/expressions.ts";
import type { IrMap } from "../../ir/module.ts";
import type { IrType } from "../../ir/types.ts";
import { emitAggregate } from "./aggregates.ts";
import type { BinaryOperator, JsExpression } from "./ast.ts";
import { binary, call, conditional, identifier, literal, method, nothing, unary } from "./build.ts";
import type { FunctionEmitter } from "./function.ts";
import { binaryOperation, convertInteger, swapBytes, unaryOperation } from "./integers.ts";
import { locatedPlace, pointerTo, readPlace } from "./places.ts";
import { accessName, isAggregate, isBigint, isScalar } from "./scalars.ts";

const comparisons = {
  eq: "===",
  ne: "!==",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
} as const satisfies Record<Compare["operator"], BinaryOperator>;

/** The value; a struct or an array is a pointer to memory that nothing else changes. */
export function emitExpression(f: FunctionEmitter, e: IrExpression): JsExpression {
  const peeked = emitPeeked(f, e);
  return mayAlias(e) ? call("copyOf", peeked, f.module.sizeExpression(e.type)) : peeked;
}

/** Whether the pointer may be to memory that somebody else writes. */
function mayAlias(e: IrExpression): boolean {
  if (!isAggregate(e.type)) return false;
  return e.op === "load" || (e.op === "select" && (mayAlias(e.whenTrue) || mayAlias(e.whenFalse)));
}

/** As `emitExpression`, for one who uses the value before anything else is evaluated. */
export function emitPeeked(f: FunctionEmitter, e: IrExpression): JsExpression {
  switch (e.op) {
    case "constant":
      return emitConstant(e.type, e.value);
    case "load":
      return readPlace(f, e.place);
    case "address":
      return pointerTo(f, e.place);
    case "binary": {
      const left = emitExpression(f, e.left);
      return binaryOperation(e, left, emitExpression(f, e.right));
    }
    case "unary":
      return unaryOperation(e, emitExpression(f, e.operand));
    case "compare": {
      const left = emitExpression(f, e.left);
      return binary(comparisons[e.operator], left, emitExpression(f, e.right));
    }
    case "logical": {
      const left = emitExpression(f, e.left);
      return binary(e.operator === "and" ? "&&" : "||", left, emitExpression(f, e.right));
    }
    case "not":
      return unary("!", emitExpression(f, e.operand));
    case "select": {
      const condition = emitExpression(f, e.condition);
      const whenTrue = emitPeeked(f, e.whenTrue);
      return conditional(condition, whenTrue, emitPeeked(f, e.whenFalse));
    }
    case "convert": {
      if (e.operand.op === "constant" && e.type.kind === "int") {
        return emitConstant(e.type, ir.wrap(e.type, e.operand.value));
      }
      const operand = emitPeeked(f, e.operand);
      return e.type.kind === "int" ? convertInteger(e.operand.type, e.type, operand) : operand;
    }
    case "byteSwap":
      return swapBytes(e.type, emitExpression(f, e.operand));
    case "struct":
    case "array":
      return emitAggregate(f, e);
    case "call":
      return call(
        f.module.functionName(e.function),
        ...e.arguments.map((argument) => emitExpression(f, argument)),
      );
    case "contextLoad": {
      const context = emitExpression(f, e.context);
      const name = e.type.kind === "ref" ? "reference" : accessName(e.type);
      return method(context, name, ...contextField(e.field, e.index));
    }
    case "mapReference":
      return mapOf(f, e.map);
    case "helper":
      return emitHelper(f, e);
    case "mapLookup":
      return method(mapOf(f, e.map), "lookup", emitBytesPeeked(f, e.key));
    case "mapUpdate": {
      const key = emitBytes(f, e.key);
      const value = e.flags.op === "constant" ? emitBytesPeeked(f, e.value) : emitBytes(f, e.value);
      return method(mapOf(f, e.map), "update", key, value, emitExpression(f, e.flags));
    }
    case "mapDelete":
      return method(mapOf(f, e.map), "remove", emitBytesPeeked(f, e.key));
    case "packet": {
      const context = emitExpression(f, e.context);
      const size = f.module.sizeExpression(e.type.target);
      return method(context, "packet", emitExpression(f, e.offset), size);
    }
    case "elementOrNull":
      return emitElementOrNull(f, e);
    case "atomic":
      return emitAtomic(f, e);
  }
}

function emitConstant(type: IrType, value: bigint): JsExpression {
  if (type.kind === "ref") return nothing;
  if (type.kind === "bool") return literal(value !== 0n);
  return literal(isBigint(type) ? value : Number(value));
}

export function contextField(field: string, index: number | undefined): readonly JsExpression[] {
  return index === undefined ? [literal(field)] : [literal(field), literal(index)];
}

function mapOf(f: FunctionEmitter, map: IrMap): JsExpression {
  return identifier(f.module.mapName(map));
}

/** A pointer to the bytes of a value. */
function emitBytes(f: FunctionEmitter, e: IrExpression): JsExpression {
  const value = emitExpression(f, e);
  return isScalar(e.type) ? call("box", literal(accessName(e.type)), value) : value;
}

/** As `emitBytes`, where nothing is evaluated between this and the use. */
function emitBytesPeeked(f: FunctionEmitter, e: IrExpression): JsExpression {
  return isScalar(e.type) ? emitBytes(f, e) : emitPeeked(f, e);
}

function emitHelper(f: FunctionEmitter, e: HelperCall): JsExpression {
  const args = e.arguments.map(({ pass, value }) =>
    pass === "pointer" ? emitBytes(f, value) : emitExpression(f, value),
  );
  return method(identifier("helpers"), e.helper, ...args);
}

function emitElementOrNull(f: FunctionEmitter, e: ElementOrNull): JsExpression {
  if (e.base.type.kind !== "array") throw new Error("an element of no array");
  const { length, element } = e.base.type;
  const [pointer, offset] = locatedPlace(f, e.base);
  const index = emitExpression(f, e.index);
  return method(pointer, "element", offset, index, literal(ir.sizeOf(element)), literal(length));
}

function emitAtomic(f: FunctionEmitter, e: Atomic): JsExpression {
  const [pointer, offset] = locatedPlace(f, e.place);
  const operands = (e.expected === undefined ? [e.operand] : [e.expected, e.operand]).map((operand) =>
    emitExpression(f, operand),
  );
  return method(pointer, "atomic", literal(e.operator), literal(accessName(e.type)), offset, ...operands);
}
