import type { ContextLoad, IrExpression } from "../ir/expressions.ts";
import type { ContextStore } from "../ir/statements.ts";
import type { UapiField } from "../kernel/uapi.gen.ts";
import type { CExpression } from "./c/ast.ts";
import { cast, struct, voidPointer } from "./c/build.ts";
import { evaluate, evaluateAllOnce } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { bytesOf, type KernelPlace, loadKernel, storeKernel } from "./kernel-memory.ts";

function fieldOf(
  f: FunctionEmitter,
  contextType: IrExpression["type"],
  context: CExpression,
  name: string,
  element: number | undefined,
): { readonly layout: UapiField; readonly place: KernelPlace } {
  if (contextType.kind !== "context") throw new Error(`field ${name} of no context`);
  const layout = f.unit.contexts.fieldOf(contextType.name, name);
  const bytes = bytesOf((8 * layout.size) / (layout.length ?? 1));
  const path = element === undefined ? [name] : [name, element];
  return {
    layout,
    place: { pointer: context, struct: struct(f.unit.contexts.tagOf(contextType.name)), path, bytes },
  };
}

/** The member may be wider than the value (`user_port` is 32 bits that hold 16). */
export function emitContextLoad(f: FunctionEmitter, e: ContextLoad, hint: string | undefined): CExpression {
  const context = evaluate(f, e.context);
  const { place } = fieldOf(f, e.context.type, context, e.field, e.index);
  const type = f.unit.types.of(e.type);
  const same = e.type.kind === "ref" || (e.type.bits === 8 * place.bytes && e.type.bits >= 32);
  if (same) return loadKernel(f, place, type, hint ?? e.field, e.span);
  const held = f.unit.types.unsigned(place.bytes === 8 ? 64 : 32);
  return cast(type, loadKernel(f, place, held, e.field, e.span));
}

export function emitContextStore(f: FunctionEmitter, s: ContextStore): void {
  const { before, last } = evaluateAllOnce(f, [s.context], s.value);
  const [context] = before;
  if (context === undefined) throw new Error("store without a context");
  const { place } = fieldOf(f, s.context.type, context, s.field, s.index);
  // Zero-extended to the member's width, and no narrower than a register.
  const value = cast(f.unit.types.unsigned(place.bytes === 8 ? 64 : 32), last);
  storeKernel(f, place, value, s.span);
}

/** A limit of the packet: the load means a pointer to the verifier, so nothing may come between it and its use. */
export function loadPacketLimit(
  f: FunctionEmitter,
  contextType: IrExpression["type"],
  context: CExpression,
  name: string,
  span: ContextLoad["span"],
): CExpression {
  const { place } = fieldOf(f, contextType, context, name, undefined);
  return loadKernel(f, place, voidPointer, name, span);
}
