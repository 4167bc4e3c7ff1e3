import type { ts } from "../frontend/typescript.ts";
import { lowerBody } from "./block.ts";
import { lowerCondition } from "./condition.ts";
import type { FunctionContext } from "./context.ts";
import { Flow } from "./flow.ts";

export function lowerIf(cx: FunctionContext, node: ts.IfStatement): void {
  const condition = lowerCondition(cx, node.expression);
  const before = cx.flow;
  const then = before.clone();
  cx.flow = then;
  if (condition) cx.assume(condition.whenTrue);
  const body = lowerBody(cx, node.thenStatement);
  const afterThen = cx.flow;
  cx.flow = before.clone();
  if (condition) cx.assume(condition.whenFalse);
  const otherwise = node.elseStatement ? lowerBody(cx, node.elseStatement) : undefined;
  const afterElse = cx.flow;
  cx.flow = Flow.merge([afterThen, afterElse]);
  if (!condition) {
    cx.lost(node);
    return;
  }
  const { expression } = condition;
  if (expression.op === "constant") {
    // Decided when compiled: the other way is checked, but it is no part of the program.
    const taken = expression.value !== 0n ? body : otherwise;
    cx.flow = expression.value !== 0n ? afterThen : afterElse;
    if (taken && taken.length > 0) cx.emit({ op: "block", body: taken, span: cx.span(node) });
    return;
  }
  cx.emit({
    op: "if",
    condition: expression,
    then: body,
    ...(otherwise && otherwise.length > 0 ? { otherwise } : {}),
    span: cx.span(node),
  });
}
