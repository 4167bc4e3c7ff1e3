import type { Span } from "../../diagnostics/diagnostic.ts";
import type {
  CBinaryOperator,
  CExpression,
  CInitializer,
  CInitializerList,
  CMember,
  CStatement,
  CType,
  CUnaryOperator,
  CVariable,
} from "./ast.ts";

// Short constructors for the nodes of the C syntax tree.

export const named = (name: string): CType => ({ kind: "name", name });
export const struct = (tag: string): CType => ({ kind: "tag", keyword: "struct", tag });
export const pointer = (target: CType): CType => ({ kind: "pointer", target });
export const array = (element: CType, length: number): CType => ({ kind: "array", element, length });
export const volatile = (type: CType): CType => ({ kind: "qualified", qualifiers: "volatile", type });
export const constant = (type: CType): CType => ({ kind: "qualified", qualifiers: "const", type });
export const constVolatile = (type: CType): CType => ({
  kind: "qualified",
  qualifiers: "const volatile",
  type,
});
export const record = (members: readonly CMember[]): CType => ({
  kind: "record",
  keyword: "struct",
  members,
});

export const VOID = named("void");
export const voidPointer = pointer(VOID);

export const identifier = (name: string): CExpression => ({ kind: "identifier", name });
export const unary = (operator: CUnaryOperator, operand: CExpression): CExpression => ({
  kind: "unary",
  operator,
  operand,
});

/** `&*p` is `p`. */
export const addressOf = (operand: CExpression): CExpression =>
  operand.kind === "unary" && operand.operator === "*" ? operand.operand : unary("&", operand);
/** `*&x` is `x`. */
export const dereference = (operand: CExpression): CExpression =>
  operand.kind === "unary" && operand.operator === "&" ? operand.operand : unary("*", operand);

export const binary = (operator: CBinaryOperator, left: CExpression, right: CExpression): CExpression => ({
  kind: "binary",
  operator,
  left,
  right,
});

export const cast = (type: CType, operand: CExpression): CExpression => ({ kind: "cast", type, operand });
export const call = (callee: string, ...args: readonly CExpression[]): CExpression => ({
  kind: "call",
  callee: identifier(callee),
  arguments: args,
});

/** `base.name`, or `p->name` where the base is `*p`. */
export function member(base: CExpression, name: string): CExpression {
  if (base.kind === "unary" && base.operator === "*") return { kind: "arrow", base: base.operand, name };
  return { kind: "member", base, name };
}

export const index = (base: CExpression, at: CExpression): CExpression => ({
  kind: "index",
  base,
  index: at,
});
export const conditional = (
  condition: CExpression,
  whenTrue: CExpression,
  whenFalse: CExpression,
): CExpression => ({ kind: "conditional", condition, whenTrue, whenFalse });

export const number = (value: number | bigint, suffix = ""): CExpression =>
  value < 0
    ? unary("-", { kind: "number", text: `${-value}${suffix}` })
    : { kind: "number", text: `${value}${suffix}` };

export const sizeofType = (type: CType): CExpression => ({ kind: "sizeofType", type });
export const emptyList: CInitializerList = { kind: "list", items: [] };

export const variable = (name: string, type: CType, initializer?: CInitializer, span?: Span): CVariable => ({
  kind: "variable",
  name,
  type,
  initializer,
  span,
});

export const expressionStatement = (expression: CExpression, span?: Span): CStatement => ({
  kind: "expression",
  expression,
  span,
});

export const assign = (target: CExpression, value: CExpression, span?: Span): CStatement =>
  expressionStatement({ kind: "assign", target, value }, span);

/** The optimiser knows nothing of the variable's value after it. */
export const opaque = (name: string): CStatement => ({
  kind: "asm",
  template: "",
  outputs: [{ constraint: "+r", value: identifier(name) }],
  inputs: [],
});

export const ifStatement = (
  condition: CExpression,
  then: readonly CStatement[],
  otherwise?: readonly CStatement[],
  span?: Span,
): CStatement => ({ kind: "if", condition, then, ...(otherwise === undefined ? {} : { otherwise }), span });

export const withSpan = <T extends CExpression | CStatement>(node: T, span: Span): T => ({ ...node, span });
