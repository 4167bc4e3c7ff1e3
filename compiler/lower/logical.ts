import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { branches, choose } from "./choose.ts";
import { describe, read } from "./coerce.ts";
import { lowerCondition, shortCircuit, truthOf } from "./condition.ts";
import type { FunctionContext } from "./context.ts";
import { failed, type SourceType, type Value } from "./value.ts";

/** `a && b` and `a || b` as values: the left side itself where it decides. */
export function lowerLogicalValue(
  cx: FunctionContext,
  node: ts.BinaryExpression,
  expected: SourceType | undefined,
): Value {
  const operator = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ? "and" : "or";
  const left = stable(cx, node.left);
  if (left.kind === "error") {
    cx.visit(node.right);
    return failed;
  }
  if (left.kind === "scalar" && left.type.kind === "bool") {
    const { body, value } = cx.capture(() => read(cx, cx.expression(node.right), cx.span(node.right)));
    if (value.kind === "error") return failed;
    if (value.kind === "scalar" && value.type.kind === "bool") {
      const expression = shortCircuit(cx, operator, left.expression, body, value.expression, node);
      return { kind: "scalar", type: ir.bool, expression };
    }
    cx.report(D.mixedLogical(cx.span(node), "boolean", describe(value)));
    return failed;
  }
  const condition = truthOf(cx, left, node.left);
  if (!condition) return failed;
  const keep = { facts: [], node: node.left, lower: () => (operator === "or" ? certain(left) : left) };
  const like = expected ?? structOf(left);
  const go = { facts: [], node: node.right, lower: () => cx.expression(node.right, like) };
  const [a, b] = branches(cx, operator === "and" ? [go, keep] : [keep, go]);
  return choose(cx, condition, a, b, node, expected);
}

/** A literal on one side of a choice is of the struct that the other side is. */
function structOf(value: Value | undefined): SourceType | undefined {
  const type =
    value?.kind === "place" ? value.place.type : value?.kind === "reference" ? value.type.target : undefined;
  if (type?.kind !== "struct" && type?.kind !== "array") return undefined;
  return { kind: "value", type, readonly: false };
}

/** A value that turned out true is not undefined. */
function certain(value: Value): Value {
  if (value.kind === "optional") return { kind: "scalar", type: value.type, expression: value.value };
  if (value.kind === "reference" && value.type.nullable) return present(value);
  return value;
}

function present(value: Extract<Value, { kind: "reference" }>): Value {
  const type = { ...value.type, nullable: false };
  const expression = ir.nonNull(value.expression);
  if (value.boxed) return { ...value, type, expression };
  return {
    kind: "place",
    place: ir.derefPlace(expression, expression.span),
    readonly: type.readonly,
    provenance: value.provenance,
  };
}

export function lowerNullish(
  cx: FunctionContext,
  node: ts.BinaryExpression,
  expected: SourceType | undefined,
): Value {
  const left = stable(cx, node.left);
  switch (left.kind) {
    case "error":
      cx.visit(node.right);
      return failed;
    case "undefined":
      return cx.expression(node.right, expected);
    case "optional":
    case "reference": {
      if (left.kind === "reference" && !left.type.nullable) return left;
      const condition =
        left.kind === "optional" ? left.present : ir.isPresent(left.expression, cx.span(node.left));
      const [a, b] = branches(cx, [
        { facts: [], node: node.left, lower: () => certain(left) },
        {
          facts: [],
          node: node.right,
          lower: () => cx.expression(node.right, expected ?? structOf(left)),
        },
      ]);
      return choose(cx, condition, a, b, node, expected);
    }
    default:
      return left;
  }
}

export function lowerConditional(
  cx: FunctionContext,
  node: ts.ConditionalExpression,
  expected: SourceType | undefined,
): Value {
  const condition = lowerCondition(cx, node.condition);
  let first: Value | undefined;
  const [a, b] = branches(cx, [
    {
      facts: condition?.whenTrue ?? [],
      node: node.whenTrue,
      lower: () => {
        first = cx.expression(node.whenTrue, expected);
        return first;
      },
    },
    {
      facts: condition?.whenFalse ?? [],
      node: node.whenFalse,
      lower: () => cx.expression(node.whenFalse, expected ?? structOf(first)),
    },
  ]);
  return condition ? choose(cx, condition.expression, a, b, node, expected) : failed;
}

/** The left side is used twice, as the condition and as the value: it is read once. */
function stable(cx: FunctionContext, node: ts.Expression): Value {
  const value = read(cx, cx.expression(node), cx.span(node));
  if (value.kind === "scalar") {
    if (value.expression.op === "constant") return value;
    return { ...value, expression: cx.temporary("left", value.expression) };
  }
  if (value.kind === "reference") return { ...value, expression: cx.temporary("left", value.expression) };
  if (value.kind === "optional") {
    return {
      ...value,
      present: cx.temporary("present", value.present),
      value: cx.temporary("left", value.value),
    };
  }
  return value;
}
