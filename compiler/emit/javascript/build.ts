// Constructors of JavaScript nodes.
import type { BinaryOperator, JsDeclaration, JsExpression, JsStatement, UnaryOperator } from "./ast.ts";

export const nothing: JsExpression = { kind: "literal", value: null };

export function identifier(name: string): JsExpression {
  return { kind: "identifier", name };
}

export function literal(value: number | bigint | string | boolean): JsExpression {
  return { kind: "literal", value };
}

export function unary(operator: UnaryOperator, operand: JsExpression): JsExpression {
  return { kind: "unary", operator, operand };
}

export function binary(operator: BinaryOperator, left: JsExpression, right: JsExpression): JsExpression {
  return { kind: "binary", operator, left, right };
}

export function conditional(
  condition: JsExpression,
  whenTrue: JsExpression,
  whenFalse: JsExpression,
): JsExpression {
  return { kind: "conditional", condition, whenTrue, whenFalse };
}

export function assign(target: JsExpression, value: JsExpression): JsExpression {
  return { kind: "assign", target, value };
}

export function member(object: JsExpression, ...names: readonly string[]): JsExpression {
  return names.reduce((inner, name): JsExpression => ({ kind: "member", object: inner, name }), object);
}

export function call(callee: string | JsExpression, ...args: readonly JsExpression[]): JsExpression {
  return {
    kind: "call",
    callee: typeof callee === "string" ? identifier(callee) : callee,
    arguments: args,
  };
}

export function method(object: JsExpression, name: string, ...args: readonly JsExpression[]): JsExpression {
  return call(member(object, name), ...args);
}

export function arrow(parameters: readonly string[], body: readonly JsStatement[]): JsExpression {
  return { kind: "arrow", parameters, body };
}

export function declare(keyword: "const" | "let", name: string, value: JsExpression): JsDeclaration {
  return { kind: "declare", keyword, variables: [[name, value]] };
}

export function evaluate(expression: JsExpression): JsStatement {
  return { kind: "expression", expression };
}

/** `value` modulo 2ⁿ, of a `bigint`. */
export function wrapBigint(bits: number, signed: boolean, value: JsExpression): JsExpression {
  return method(identifier("BigInt"), signed ? "asIntN" : "asUintN", literal(bits), value);
}
