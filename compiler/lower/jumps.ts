import * as F from "../diagnostics/control-flow.ts";
import { ts } from "../frontend/typescript.ts";
import type { FunctionContext, JumpTarget } from "./context.ts";
import { Flow } from "./flow.ts";

export function lowerReturn(cx: FunctionContext, node: ts.ReturnStatement): void {
  cx.returnValue(node, node.expression);
  cx.flow.reachable = false;
}

export function lowerBreak(cx: FunctionContext, node: ts.BreakStatement): void {
  const label = node.label?.text;
  const target = cx.targets.findLast((candidate) =>
    label === undefined ? candidate.kind !== "block" : candidate.label === label,
  );
  if (!target) {
    cx.report(F.jumpWithoutTarget(cx.span(node), "break"));
    return;
  }
  target.breaks.push(cx.flow.clone());
  cx.emit({ op: "break", ...(label === undefined ? {} : { label }), span: cx.span(node) });
  cx.flow.reachable = false;
}

export function lowerContinue(cx: FunctionContext, node: ts.ContinueStatement): void {
  const label = node.label?.text;
  const target = cx.targets.findLast(
    (candidate) => candidate.kind === "loop" && (label === undefined || candidate.label === label),
  );
  if (!target) {
    cx.report(F.jumpWithoutTarget(cx.span(node), "continue"));
    return;
  }
  target.continues.push(cx.flow.clone());
  cx.emit({ op: "continue", ...(label === undefined ? {} : { label }), span: cx.span(node) });
  cx.flow.reachable = false;
}

export function lowerLabeled(cx: FunctionContext, node: ts.LabeledStatement): void {
  const label = node.label.text;
  const { statement } = node;
  if (ts.isIterationStatement(statement, false) || ts.isSwitchStatement(statement)) {
    cx.pendingLabel = label;
    cx.statement(statement);
    return;
  }
  const target = newTarget("block", label);
  const { body } = inTarget(cx, target, () => cx.scope(() => cx.statement(statement)));
  cx.flow = mergeBreaks(cx, target);
  cx.emit({ op: "block", body, label, span: cx.span(node) });
}

export function newTarget(kind: JumpTarget["kind"], label: string | undefined): JumpTarget {
  return { kind, label, breaks: [], continues: [], uses: new Map(), localUses: new Map(), born: new Set() };
}

export function takeLabel(cx: FunctionContext): string | undefined {
  const label = cx.pendingLabel;
  cx.pendingLabel = undefined;
  return label;
}

export function inTarget<T>(cx: FunctionContext, target: JumpTarget, lower: () => T): T {
  cx.targets.push(target);
  try {
    return lower();
  } finally {
    cx.targets.pop();
  }
}

/** What is known behind a statement that may be left by `break` or by its end. */
export function mergeBreaks(cx: FunctionContext, target: JumpTarget): Flow {
  return Flow.merge([cx.flow, ...target.breaks]);
}
