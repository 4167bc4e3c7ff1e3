import * as F from "../diagnostics/control-flow.ts";
import { notIterable } from "../diagnostics/kernel-world.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrPlace } from "../ir/expressions.ts";
import type { IrLocal } from "../ir/module.ts";
import type { ArrayType } from "../ir/types.ts";
import { lowerBody } from "./block.ts";
import { describe, scalarOrLiteral, settle, toPlace } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { constantOf } from "./enums.ts";
import { Flow } from "./flow.ts";
import { mostIterations } from "./induction.ts";
import { whole } from "./interval.ts";
import { inTarget, newTarget, takeLabel } from "./jumps.ts";
import { libraryName, resolveAlias } from "./library.ts";
import { forgetAssigned } from "./loop.ts";
import { isReassigned } from "./mutation.ts";
import { checkNextIteration } from "./resources.ts";
import type { PlaceValue, ScalarValue } from "./value.ts";

/** `for (const i of range(…))` and `for (const x of array)`. */
export function lowerForOf(cx: FunctionContext, node: ts.ForOfStatement): void {
  const label = takeLabel(cx);
  if (node.awaitModifier) {
    cx.report(notIterable(cx.span(node.awaitModifier), "`for await`"));
    return;
  }
  const { body } = cx.scope(() => {
    const call = rangeCall(cx, node.expression);
    if (call) lowerRange(cx, node, call, label);
    else lowerElements(cx, node, label);
  });
  cx.emit({ op: "block", body, span: cx.span(node) });
}

function rangeCall(cx: FunctionContext, node: ts.Expression): ts.CallExpression | undefined {
  if (ts.isParenthesizedExpression(node)) return rangeCall(cx, node.expression);
  if (!ts.isCallExpression(node)) return undefined;
  const symbol = cx.checker.getSymbolAtLocation(node.expression);
  return symbol && libraryName(resolveAlias(cx.checker, symbol)) === "range" ? node : undefined;
}

interface Variable {
  readonly symbol: ts.Symbol;
  readonly name: ts.Identifier;
}

function loopVariable(cx: FunctionContext, node: ts.ForOfStatement): Variable | undefined {
  const { initializer } = node;
  const declaration = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0] : undefined;
  const blockScoped =
    ts.isVariableDeclarationList(initializer) && initializer.flags & ts.NodeFlags.BlockScoped;
  const isUsing = (initializer.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Using;
  if (!declaration || !blockScoped || isUsing || !ts.isIdentifier(declaration.name)) {
    cx.report(F.loopVariable(cx.span(initializer)));
    return undefined;
  }
  const symbol = cx.checker.getSymbolAtLocation(declaration.name);
  return symbol && { symbol, name: declaration.name };
}

function lowerRange(
  cx: FunctionContext,
  node: ts.ForOfStatement,
  call: ts.CallExpression,
  label: string | undefined,
): void {
  const variable = loopVariable(cx, node);
  const span = cx.span(node);
  const numbers = call.arguments.filter((argument) => !ts.isObjectLiteralExpression(argument));
  const options = call.arguments.find(ts.isObjectLiteralExpression);
  if (
    numbers.length === 0 ||
    numbers.length > 2 ||
    call.arguments.length > numbers.length + (options ? 1 : 0)
  ) {
    cx.report(F.rangeOptions(cx.span(call)));
    return;
  }
  const limits = numbers.map((argument) => limit(cx, argument));
  const start = numbers.length === 2 ? limits[0] : scalarZero(cx, call);
  const end = limits.at(-1);
  const max = options && maxOf(cx, options);
  if (options && max === undefined) return;
  if (!start || !end || !variable) {
    cx.lost(node);
    return;
  }
  const from = start.range ?? whole(ir.u32);
  const to = end.range ?? whole(ir.u32);
  const natural = to.max > from.min ? to.max - from.min : 0n;
  const iterations = max !== undefined && max < natural ? max : natural;
  if (iterations > mostIterations) {
    cx.report(
      max === undefined ? F.rangeBound(cx.span(call)) : F.rangeTooLong(cx.span(call), mostIterations),
    );
    return;
  }
  const local = cx.local(variable.name.text, ir.u32, cx.span(variable.name));
  const last = from.max + iterations - 1n;
  const highest = last < to.max - 1n ? last : to.max - 1n;
  const body = iterate(cx, node, label, () => {
    cx.flow.setInterval(local, { min: from.min, max: highest < from.min ? from.min : highest });
    bindCounter(cx, variable, local);
  });
  cx.emit({
    op: "rangeLoop",
    local,
    start: start.expression,
    end: end.expression,
    maxIterations: Number(iterations),
    body,
    ...(label === undefined ? {} : { label }),
    span,
  });
}

/** The counter is the loop's: a body that assigns it works on a copy, as every iteration has its own. */
function bindCounter(cx: FunctionContext, { symbol, name }: Variable, counter: IrLocal): void {
  if (!isReassigned(cx, symbol)) {
    cx.bindings.set(symbol, { kind: "scalar", local: counter });
    return;
  }
  const span = cx.span(name);
  const local = cx.declare(name.text, ir.u32, ir.loadLocal(counter, span), span);
  cx.bindings.set(symbol, { kind: "scalar", local });
}

function scalarZero(cx: FunctionContext, node: ts.Node): ScalarValue {
  const expression = ir.constant(ir.u32, 0n, cx.span(node));
  return { kind: "scalar", type: ir.u32, expression, range: { min: 0n, max: 0n } };
}

/** A bound as u32, evaluated once. */
function limit(cx: FunctionContext, node: ts.Expression): ScalarValue | undefined {
  const span = cx.span(node);
  const value = scalarOrLiteral(cx, cx.expression(node), span);
  const number = value?.kind === "literal" ? settle(cx, value, span) : value;
  if (!number) return undefined;
  const { type } = number;
  const range = number.type.kind === "int" ? (number.range ?? whole(number.type)) : undefined;
  if (
    type.kind !== "int" ||
    type.bigEndian ||
    type.bits === 64 ||
    (type.signed && (range?.min ?? -1n) < 0n)
  ) {
    cx.report(F.rangeLimit(span, ir.typeName(type)));
    return undefined;
  }
  const { expression } = number;
  const converted = ir.convert(expression, ir.u32);
  const kept = converted.op === "constant" ? converted : cx.temporary("limit", converted);
  return { kind: "scalar", type: ir.u32, expression: kept, ...(range ? { range } : {}) };
}

function maxOf(cx: FunctionContext, options: ts.ObjectLiteralExpression): bigint | undefined {
  const [property, other] = options.properties;
  if (!property || other || !ts.isPropertyAssignment(property) || property.name.getText() !== "max") {
    cx.report(F.rangeOptions(cx.span(options)));
    return undefined;
  }
  const value = constantOf(cx.expression(property.initializer));
  if (value === undefined || value < 1n || value > mostIterations) {
    cx.report(F.rangeMax(cx.span(property.initializer), mostIterations));
    return undefined;
  }
  return value;
}

function lowerElements(cx: FunctionContext, node: ts.ForOfStatement, label: string | undefined): void {
  const span = cx.span(node);
  const variable = loopVariable(cx, node);
  const value = cx.expression(node.expression);
  if (value.kind === "error" || !variable) {
    cx.lost(node);
    return;
  }
  const isArray =
    (value.kind === "place" && value.place.type.kind === "array") ||
    (value.kind === "aggregate" && value.type.kind === "array");
  const base = isArray ? toPlace(cx, value, undefined, cx.span(node.expression)) : undefined;
  if (!base) {
    cx.report(notIterable(cx.span(node.expression), describe(value)));
    return;
  }
  const array = base.place.type as ArrayType;
  const stable = stableBase(cx, base, span);
  const index = cx.local("index", ir.u32, span);
  const body = iterate(cx, node, label, () => {
    cx.flow.setInterval(index, { min: 0n, max: BigInt(array.length) - 1n });
    const place: IrPlace = {
      place: "element",
      type: array.element,
      base: stable,
      array,
      index: ir.loadLocal(index, span),
      span: cx.span(variable.name),
    };
    bindElement(cx, variable, base, place);
  });
  cx.emit({
    op: "rangeLoop",
    local: index,
    start: ir.constant(ir.u32, 0n, span),
    end: ir.constant(ir.u32, BigInt(array.length), span),
    maxIterations: array.length,
    body,
    ...(label === undefined ? {} : { label }),
    span,
  });
}

/** The array that the loop started with, even if the variable that names it is given another one. */
function stableBase(
  cx: FunctionContext,
  base: PlaceValue,
  span: ReturnType<FunctionContext["span"]>,
): IrPlace {
  if (isFixed(base.place)) return base.place;
  const reference = ir.address(base.place, base.provenance.memory, base.readonly, span);
  return ir.derefPlace(cx.temporary("array", reference), span);
}

function isFixed(place: IrPlace): boolean {
  if (place.place === "field") return isFixed(place.base);
  return place.place === "local" || place.place === "global";
}

function bindElement(
  cx: FunctionContext,
  { symbol, name }: Variable,
  base: PlaceValue,
  place: IrPlace,
): void {
  const span = cx.span(name);
  if (place.type.kind === "int" || place.type.kind === "bool") {
    const local = cx.declare(name.text, place.type, ir.load(place, span), span);
    cx.bindings.set(symbol, { kind: "scalar", local });
    return;
  }
  const { memory, owners } = base.provenance;
  const reference = ir.address(place, memory, base.readonly, span);
  const local = cx.declare(name.text, ir.refTo(place.type, memory, base), reference, span);
  cx.flow.setOwners(local, owners);
  cx.bindings.set(symbol, { kind: "reference", local, boxed: false, provenance: base.provenance });
}

function iterate(cx: FunctionContext, node: ts.ForOfStatement, label: string | undefined, bind: () => void) {
  forgetAssigned(cx, node.statement);
  const before = cx.flow.clone();
  const target = newTarget("loop", label);
  const { body } = inTarget(cx, target, () =>
    cx.scope(() => {
      bind();
      cx.statements.push(...lowerBody(cx, node.statement));
    }),
  );
  const end = Flow.merge([cx.flow, ...target.continues]);
  checkNextIteration(cx, target, end);
  if (end.reachable) before.takeLosses(end);
  cx.flow = Flow.merge([before, ...target.breaks]);
  return body;
}
