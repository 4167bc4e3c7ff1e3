import * as F from "../diagnostics/control-flow.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrStatement } from "../ir/statements.ts";
import { lowerCondition } from "./condition.ts";
import type { Condition, FunctionContext } from "./context.ts";
import { proveBound } from "./induction.ts";
import { inTarget, newTarget, takeLabel } from "./jumps.ts";
import { forgetAssigned, lowerIteration } from "./loop.ts";

/** `while (condition)`: the variable that the condition tests moves in a statement of the body that no `continue` skips. */
export function lowerWhile(cx: FunctionContext, node: ts.WhileStatement): void {
  const label = takeLabel(cx);
  const entry = cx.flow.clone();
  forgetAssigned(cx, node);
  const bound = proveBound(
    cx,
    node,
    node.expression,
    (symbol) => stepInBody(cx, node.statement, symbol),
    (local) => entry.interval(local),
  );
  if (bound) cx.flow.setInterval(bound.local, bound.head);
  const target = newTarget("loop", label);
  const { body: before, value: condition } = cx.capture(() =>
    inTarget(cx, target, () => lowerCondition(cx, node.expression)),
  );
  if (!bound && condition) cx.report(F.loopBound(cx.span(node.expression), "while"));
  const parts = lowerIteration(cx, target, node.statement, condition, () => {});
  if (!bound || !condition) {
    cx.lost(node);
    return;
  }
  const guard = guarded(cx, before, condition, node);
  cx.emit({
    op: "loop",
    initial: [],
    condition: guard.condition,
    update: [],
    body: [...guard.before, ...parts.body],
    maxIterations: bound.iterations,
    ...(label === undefined ? {} : { label }),
    span: cx.span(node),
  });
}

/** `do … while (condition)`: as `while`, with one iteration that asks nothing. */
export function lowerDoWhile(cx: FunctionContext, node: ts.DoStatement): void {
  const label = takeLabel(cx);
  const span = cx.span(node);
  const entry = cx.flow.clone();
  forgetAssigned(cx, node);
  const bound = proveBound(
    cx,
    node,
    node.expression,
    (symbol) => stepInBody(cx, node.statement, symbol),
    (local) => entry.interval(local),
  );
  if (!bound) cx.report(F.loopBound(cx.span(node.expression), "do"));
  const first = cx.declare("first", ir.bool, ir.truth(true, span), span);
  let condition: Condition | undefined;
  const parts = lowerIteration(cx, newTarget("loop", label), node.statement, undefined, () => {
    condition = lowerCondition(cx, node.expression);
    const again = condition?.expression;
    if (again) cx.emit({ op: "assign", place: ir.localPlace(first, span), value: again, span });
  });
  if (!bound || !condition) {
    cx.lost(node);
    return;
  }
  cx.emit({
    op: "loop",
    initial: [],
    condition: ir.loadLocal(first, span),
    update: parts.update,
    body: parts.body,
    maxIterations: bound.iterations + 1,
    ...(label === undefined ? {} : { label }),
    span,
  });
}

/** A condition that needs statements of its own is tested at the start of the body instead. */
export function guarded(
  cx: FunctionContext,
  before: readonly IrStatement[],
  condition: Condition,
  node: ts.Node,
): { readonly condition: IrExpression; readonly before: IrStatement[] } {
  if (before.length === 0) return { condition: condition.expression, before: [] };
  const span = cx.span(node);
  return {
    condition: ir.truth(true, span),
    before: [
      ...before,
      {
        op: "if",
        condition: ir.not(condition.expression),
        then: [{ op: "break", span }],
        span,
      },
    ],
  };
}

/** A statement of the body itself, not of something nested; a `continue` could skip it. */
function stepInBody(cx: FunctionContext, body: ts.Statement, symbol: ts.Symbol): ts.Expression | undefined {
  if (!ts.isBlock(body)) return stepOf(cx, body, symbol);
  for (const statement of body.statements) {
    const found = stepOf(cx, statement, symbol);
    if (found) return found;
    if (containsContinue(statement)) return undefined;
  }
  return undefined;
}

function stepOf(cx: FunctionContext, statement: ts.Statement, symbol: ts.Symbol): ts.Expression | undefined {
  if (!ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  const target =
    ts.isPrefixUnaryExpression(expression) || ts.isPostfixUnaryExpression(expression)
      ? expression.operand
      : ts.isBinaryExpression(expression)
        ? expression.left
        : undefined;
  if (!target || !ts.isIdentifier(target)) return undefined;
  return cx.checker.getSymbolAtLocation(target) === symbol ? expression : undefined;
}

function containsContinue(node: ts.Node): boolean {
  if (ts.isContinueStatement(node)) return true;
  return ts.forEachChild(node, (child) => containsContinue(child) || undefined) ?? false;
}
