import * as F from "../diagnostics/control-flow.ts";
import { ts } from "../frontend/typescript.ts";
import type { IrStatement } from "../ir/statements.ts";
import { lowerCondition } from "./condition.ts";
import type { FunctionContext } from "./context.ts";
import { proveBound } from "./induction.ts";
import { inTarget, newTarget, takeLabel } from "./jumps.ts";
import { forgetAssigned, lowerIteration } from "./loop.ts";
import { lowerDeclarations } from "./variables.ts";
import { guarded } from "./while.ts";

/** `for (initial; condition; update)`, where the compiler can show how often it runs at most. */
export function lowerFor(cx: FunctionContext, node: ts.ForStatement): void {
  const label = takeLabel(cx);
  const { body } = cx.scope(() => lowerLoop(cx, node, label));
  cx.emit({ op: "block", body, span: cx.span(node) });
}

function lowerLoop(cx: FunctionContext, node: ts.ForStatement, label: string | undefined): void {
  const { initializer, condition: conditionNode, incrementor } = node;
  if (initializer) {
    if (ts.isVariableDeclarationList(initializer)) lowerDeclarations(cx, initializer);
    else cx.expression(initializer);
  }
  const entry = cx.flow.clone();
  forgetAssigned(cx, node);
  const bound =
    conditionNode &&
    proveBound(
      cx,
      node,
      conditionNode,
      (symbol) => (incrementor ? stepIn(cx, incrementor, symbol) : undefined),
      (local) => entry.interval(local),
    );
  if (bound) cx.flow.setInterval(bound.local, bound.head);
  const target = newTarget("loop", label);
  const { body: before, value: condition } = cx.capture(() =>
    inTarget(cx, target, () => conditionNode && lowerCondition(cx, conditionNode)),
  );
  if (!bound && (condition || !conditionNode)) cx.report(F.loopBound(cx.span(conditionNode ?? node), "for"));
  const parts = lowerIteration(cx, target, node.statement, condition, () => {
    if (incrementor) lowerUpdate(cx, incrementor);
  });
  if (!bound || !condition) {
    cx.lost(node);
    return;
  }
  const guard: { condition: typeof condition.expression; before: IrStatement[] } = guarded(
    cx,
    before,
    condition,
    node,
  );
  cx.emit({
    op: "loop",
    initial: [],
    condition: guard.condition,
    update: parts.update,
    body: [...guard.before, ...parts.body],
    maxIterations: bound.iterations,
    ...(label === undefined ? {} : { label }),
    span: cx.span(node),
  });
}

/** `i++, j++`: the one place where a comma separates expressions. */
function lowerUpdate(cx: FunctionContext, node: ts.Expression): void {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
    lowerUpdate(cx, node.left);
    lowerUpdate(cx, node.right);
  } else {
    cx.expression(node);
  }
}

/** The part of `i++, j++` that moves the variable. */
function stepIn(cx: FunctionContext, node: ts.Expression, symbol: ts.Symbol): ts.Expression | undefined {
  if (ts.isParenthesizedExpression(node)) return stepIn(cx, node.expression, symbol);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
    return stepIn(cx, node.left, symbol) ?? stepIn(cx, node.right, symbol);
  }
  return stepOn(cx, node, symbol) ? node : undefined;
}

export function stepOn(cx: FunctionContext, node: ts.Expression, symbol: ts.Symbol): boolean {
  const target =
    ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)
      ? node.operand
      : ts.isBinaryExpression(node)
        ? node.left
        : undefined;
  return target !== undefined && ts.isIdentifier(target) && cx.checker.getSymbolAtLocation(target) === symbol;
}
