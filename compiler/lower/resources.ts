import type { Span } from "../diagnostics/diagnostic.ts";
import { usedAfterSubmit } from "../diagnostics/disposables.ts";
import { packetMoved } from "../diagnostics/packets.ts";
import type { IrLocal } from "../ir/module.ts";
import type { FunctionContext, JumpTarget } from "./context.ts";
import type { Flow, Loss } from "./flow.ts";
import type { Resource } from "./value.ts";

/** A new resource, known to the loops around it as their own. */
export function newResource(
  cx: FunctionContext,
  kind: Resource["kind"],
  name: string | undefined,
  span: Span,
): Resource {
  const resource: Resource = { kind, name, span };
  for (const target of cx.targets) target.born.add(resource);
  if (kind === "packet") cx.packets.add(resource);
  return resource;
}

/** Reading or writing memory that `owners` must still hold. */
export function useOwners(cx: FunctionContext, owners: readonly Resource[], span: Span): void {
  for (const resource of owners) {
    const loss = cx.flow.loss(resource);
    if (loss) {
      reportLoss(cx, resource, loss, span);
      return;
    }
    for (const target of cx.targets) {
      if (!target.born.has(resource) && !target.uses.has(resource)) target.uses.set(resource, span);
    }
  }
}

/** A variable that holds a reference is read: in a loop it may hold what a later part of the body put there. */
export function useLocal(cx: FunctionContext, local: IrLocal, span: Span): void {
  for (const target of cx.targets) {
    if (!target.born.has(local) && !target.localUses.has(local)) target.localUses.set(local, span);
  }
}

function reportLoss(cx: FunctionContext, resource: Resource, loss: Loss, span: Span): void {
  const name = resource.name ?? cx.module.textOf(span);
  cx.report(
    resource.kind === "packet"
      ? packetMoved(span, name, loss.by, loss.span)
      : usedAfterSubmit(span, name, loss.how === "discarded" ? "discarded" : "submitted", loss.span),
  );
}

/** A call that may move the packet: references into it are gone. */
export function movePackets(cx: FunctionContext, by: string, span: Span): void {
  cx.movesPacket ??= { by, span };
  for (const resource of cx.packets) cx.flow.lose(resource, { how: "moved", by, span });
}

/** At the end of a loop's body: what its next iteration would use although this one lost it. */
export function checkNextIteration(cx: FunctionContext, target: JumpTarget, end: Flow): void {
  if (!end.reachable) return;
  const reported = new Set<Resource>();
  for (const [resource, span] of target.uses) {
    const loss = end.loss(resource);
    if (!loss) continue;
    reportLoss(cx, resource, loss, span);
    reported.add(resource);
  }
  for (const [local, span] of target.localUses) {
    for (const resource of end.owners(local)) {
      const loss = end.loss(resource);
      if (loss && !reported.has(resource)) reportLoss(cx, resource, loss, span);
    }
  }
}
