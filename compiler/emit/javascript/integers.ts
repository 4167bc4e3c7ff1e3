import type { Binary, Unary } from "../../ir/expressions.ts";
import type { IntType, IrType } from "../../ir/types.ts";
import type { BinaryOperator, JsExpression } from "./ast.ts";
import { binary, call, identifier, literal, method, unary, wrapBigint } from "./build.ts";
import { isBigint } from "./scalars.ts";

// Integers to 32 bits are `number`s and 64-bit ones `bigint`s, both always in the range of their type: so a sum or a quotient is exact before
// it is cut to the width, and so is every product that `Math.imul` does not cut itself.

/** Cuts to the width: `value` is any integer, exact or cut to 32 bits. */
export function wrap(type: IntType, value: JsExpression): JsExpression {
  switch (type.bits) {
    case 64:
      return wrapBigint(64, type.signed, value);
    case 32:
      return type.signed ? binary("|", value, literal(0)) : binary(">>>", value, literal(0));
    default: {
      if (!type.signed) return binary("&", value, literal(type.bits === 8 ? 0xff : 0xffff));
      const unused = literal(32 - type.bits);
      return binary(">>", binary("<<", value, unused), unused);
    }
  }
}

export function binaryOperation(e: Binary, left: JsExpression, right: JsExpression): JsExpression {
  return isBigint(e.type) ? wideOperation(e, left, right) : narrowOperation(e, left, right);
}

const symbols = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  mod: "%",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
} as const satisfies Record<Binary["operator"], BinaryOperator>;

function narrowOperation(e: Binary, left: JsExpression, right: JsExpression): JsExpression {
  const { type, operator } = e;
  const plain = binary(symbols[operator], left, right);
  switch (operator) {
    case "add":
    case "sub":
      return wrap(type, plain);
    case "mul":
      return wrap(type, method(identifier("Math"), "imul", left, right));
    case "div":
      // Infinity and NaN become 0 when they are cut.
      return type.bits === 32 || !type.signed
        ? wrap(type, plain)
        : wrap(type, binary("|", plain, literal(0)));
    case "mod":
      return isNonZero(e) && !type.signed ? plain : call("remainder", left, right);
    case "and":
    case "or":
    case "xor":
      // The bitwise operators of JavaScript give signed numbers.
      return type.bits === 32 && !type.signed ? wrap(type, plain) : plain;
    case "shl":
      return wrap(type, binary("<<", left, shiftCount(e, right)));
    case "shr":
      return binary(type.signed ? ">>" : ">>>", left, shiftCount(e, right));
  }
}

function wideOperation(e: Binary, left: JsExpression, right: JsExpression): JsExpression {
  const { type, operator } = e;
  const plain = binary(symbols[operator], left, right);
  switch (operator) {
    case "add":
    case "sub":
    case "mul":
      return wrap(type, plain);
    case "div": {
      const quotient = isNonZero(e) ? plain : call("quotient64", left, right);
      // The smallest number divided by -1 does not fit.
      return type.signed ? wrap(type, quotient) : quotient;
    }
    case "mod":
      return isNonZero(e) ? plain : call("remainder64", left, right);
    case "and":
    case "or":
    case "xor":
      return plain;
    case "shl":
      return wrap(type, binary("<<", left, shiftCount(e, right)));
    case "shr":
      return binary(">>", left, shiftCount(e, right));
  }
}

function isNonZero(e: Binary): boolean {
  return e.right.op === "constant" && e.right.value !== 0n;
}

/** Modulo the width, in the representation of the shifted operand. */
function shiftCount(e: Binary, count: JsExpression): JsExpression {
  const wide = isBigint(e.type);
  if (e.right.op === "constant") {
    const value = BigInt.asUintN(64, e.right.value) & BigInt(e.type.bits - 1);
    return literal(wide ? value : Number(value));
  }
  if (isBigint(e.right.type)) {
    const masked = binary("&", count, literal(BigInt(e.type.bits - 1)));
    return wide ? masked : call("Number", masked);
  }
  // JavaScript itself takes counts of `number`s modulo 32.
  const masked = e.type.bits === 32 ? count : binary("&", count, literal(e.type.bits - 1));
  return wide ? call("BigInt", masked) : masked;
}

export function unaryOperation(e: Unary, operand: JsExpression): JsExpression {
  const flipped = unary(e.operator === "negate" ? "-" : "~", operand);
  if (e.operator === "complement" && e.type.signed) return flipped;
  return wrap(e.type, flipped);
}

/** From any scalar to an integer. */
export function convertInteger(from: IrType, to: IntType, value: JsExpression): JsExpression {
  if (from.kind === "bool") return call(isBigint(to) ? "BigInt" : "Number", value);
  if (from.kind !== "int") throw new Error(`a ${from.kind} is no integer`);
  const fits = from.signed === to.signed ? from.bits <= to.bits : !from.signed && from.bits < to.bits;
  if (isBigint(from)) {
    if (isBigint(to)) return fits ? value : wrap(to, value);
    return call("Number", wrapBigint(to.bits, to.signed, value));
  }
  if (isBigint(to)) {
    const wide = call("BigInt", value);
    return fits ? wide : wrap(to, wide);
  }
  return fits ? value : wrap(to, value);
}

export function swapBytes(type: IntType, value: JsExpression): JsExpression {
  if (type.bits === 8) return value;
  const swapped = call(`swap${type.bits}`, value);
  return type.signed ? wrap(type, swapped) : swapped;
}
