import type { ts } from "../frontend/typescript.ts";
import type { IrStatement } from "../ir/statements.ts";
import { lowerBody } from "./block.ts";
import type { Condition, FunctionContext, JumpTarget } from "./context.ts";
import { Flow } from "./flow.ts";
import { inTarget } from "./jumps.ts";
import { assignedIn } from "./mutation.ts";
import { checkNextIteration } from "./resources.ts";

/** At the head of a loop nothing is known of what its iterations assign. */
export function forgetAssigned(cx: FunctionContext, loop: ts.Node): void {
  for (const symbol of assignedIn(cx.checker, loop)) {
    const binding = cx.bindings.get(symbol);
    if (binding?.kind === "scalar") cx.flow.forget(binding.local);
    if (binding?.kind === "optional") cx.flow.forget(binding.value);
  }
}

export interface LoopParts {
  readonly body: IrStatement[];
  readonly update: IrStatement[];
}

/**
 * The body and what follows it in each iteration, under `condition`; afterwards the flow is what holds behind the loop.
 */
export function lowerIteration(
  cx: FunctionContext,
  target: JumpTarget,
  statement: ts.Statement,
  condition: Condition | undefined,
  update: () => void,
): LoopParts {
  const head = cx.flow.clone();
  if (condition) cx.assume(condition.whenTrue);
  const body = inTarget(cx, target, () => lowerBody(cx, statement));
  cx.flow = Flow.merge([cx.flow, ...target.continues]);
  const { body: updates } = inTarget(cx, target, () => cx.scope(update));
  checkNextIteration(cx, target, cx.flow);
  const end = cx.flow;
  cx.flow = head;
  if (condition) cx.assume(condition.whenFalse);
  cx.flow = leave(cx.flow, end, target, condition);
  return { body, update: updates };
}

/** Behind the loop: its condition failed at first or after an iteration, or it was left by `break`. */
function leave(failedAtHead: Flow, end: Flow, target: JumpTarget, condition: Condition | undefined): Flow {
  const paths = [...target.breaks];
  const endless = condition?.expression.op === "constant" && condition.expression.value !== 0n;
  if (!endless) {
    paths.push(failedAtHead);
    if (end.reachable) {
      // What was lost in an iteration stays lost; intervals at the head hold for every iteration already.
      const after = failedAtHead.clone();
      after.takeLosses(end);
      paths.push(after);
    }
  }
  return Flow.merge(paths);
}
