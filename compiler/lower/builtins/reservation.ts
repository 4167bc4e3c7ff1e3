import * as R from "../../diagnostics/disposables.ts";
import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { FunctionContext } from "../context.ts";
import { useOwners } from "../resources.ts";
import { failed, type ReservationValue, type Value } from "../value.ts";
import { toHelperInteger } from "./helpers.ts";

/** `event.submit(flags?)` and `event.discard(flags?)`. */
export function lowerReservationMethod(
  cx: FunctionContext,
  receiver: ReservationValue,
  name: string,
  node: ts.CallExpression,
): Value {
  const how = name === "submit" || name === "discard" ? name : undefined;
  if (!receiver.held || !how) {
    cx.report(R.notTaken(cx.span(node)));
    return failed;
  }
  const { local, resource } = receiver.held;
  const span = cx.span(node);
  useOwners(cx, [resource], span);
  const [flagsNode] = node.arguments;
  const flags = flagsNode
    ? toHelperInteger(cx, cx.expression(flagsNode), ir.u64, cx.span(flagsNode))
    : ir.constant(ir.u64, 0n, span);
  if (!flags) return failed;
  cx.emit({ op: "release", local, how, flags, span });
  cx.flow.lose(resource, { how: how === "submit" ? "submitted" : "discarded", by: name, span });
  return { kind: "nothing" };
}
