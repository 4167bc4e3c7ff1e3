import * as F from "../diagnostics/control-flow.ts";
import { ts } from "../frontend/typescript.ts";
import type { SwitchCase } from "../ir/statements.ts";
import type { IntType } from "../ir/types.ts";
import { lowerStatements } from "./block.ts";
import { describe, read, toScalar } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { Flow } from "./flow.ts";
import { inTarget, newTarget, takeLabel } from "./jumps.ts";

export function lowerSwitch(cx: FunctionContext, node: ts.SwitchStatement): void {
  const label = takeLabel(cx);
  const subjectSpan = cx.span(node.expression);
  const subject = read(cx, cx.expression(node.expression), subjectSpan);
  const type = subject.kind === "scalar" && subject.type.kind === "int" ? subject.type : undefined;
  if (!type && subject.kind !== "error") cx.report(F.switchSubject(subjectSpan, describe(subject)));
  const before = cx.flow;
  const target = newTarget("switch", label);
  const cases: SwitchCase[] = [];
  const seen = new Map<bigint, ts.Node>();
  let hasDefault = false;
  let complete = type !== undefined;
  let falling: Flow | undefined;
  for (const clause of node.caseBlock.clauses) {
    const isDefault = ts.isDefaultClause(clause);
    hasDefault ||= isDefault;
    let values: bigint[] = [];
    if (!isDefault && type) {
      const value = caseValue(cx, clause, type, seen);
      if (value === undefined) complete = false;
      else values = [value];
    }
    cx.flow = Flow.merge(falling ? [before, falling] : [before]);
    const outside = new Set(cx.bindings.keys());
    const { body } = inTarget(cx, target, () => cx.scope(() => lowerStatements(cx, clause.statements)));
    // Cases share a scope in TypeScript, but what one declares has no value when another is entered.
    for (const symbol of cx.bindings.keys()) if (!outside.has(symbol)) cx.bindings.delete(symbol);
    falling = cx.flow;
    cases.push({ values, isDefault, body, span: cx.span(clause) });
  }
  const ends = [...target.breaks];
  if (falling) ends.push(falling);
  if (!hasDefault) ends.push(before);
  cx.flow = Flow.merge(ends);
  if (!complete || subject.kind !== "scalar") {
    cx.lost(node);
    return;
  }
  cx.emit({
    op: "switch",
    subject: subject.expression,
    cases,
    ...(label === undefined ? {} : { label }),
    span: cx.span(node),
  });
}

function caseValue(
  cx: FunctionContext,
  clause: ts.CaseClause,
  type: IntType,
  seen: Map<bigint, ts.Node>,
): bigint | undefined {
  const span = cx.span(clause.expression);
  const { body, value: raw } = cx.capture(() => cx.expression(clause.expression));
  if (raw.kind === "error") return undefined;
  const value = toScalar(cx, raw, type, span);
  if (!value) return undefined;
  if (value.op !== "constant" || body.length > 0) {
    cx.report(F.caseNotConstant(span));
    return undefined;
  }
  const first = seen.get(value.value);
  if (first) {
    cx.report(F.duplicateCase(span, clause.expression.getText(), cx.span(first)));
    return undefined;
  }
  seen.set(value.value, clause.expression);
  return value.value;
}
