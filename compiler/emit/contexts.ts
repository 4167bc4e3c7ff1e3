import type { ContextLoad, IrExpression } from "../ir/expressions.ts";
import type { ContextStore } from "../ir/statements.ts";
import type { UapiField } from "../kernel/uapi.gen.ts";
import type { CExpression, CType } from "./c/ast.ts";
import { addressOf, assign, cast, identifier, index, number, pointer, unary, volatile } from "./c/build.ts";
import { contextElementType } from "./context-types.ts";
import { evaluate, evaluateAllOnce } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

// The verifier accepts a context only at constant offsets of the pointer it was given (`check_ctx_reg`). Clang merges the loads of two
// branches into one of a computed address, also volatile ones; an asm barrier on what was loaded keeps them apart, and a memory clobber the
// stores.

interface Field {
  readonly layout: UapiField;
  readonly type: CType;
  readonly place: CExpression;
}

function fieldOf(
  f: FunctionEmitter,
  contextType: IrExpression["type"],
  context: CExpression,
  name: string,
  element: number | undefined,
): Field {
  if (contextType.kind !== "context") throw new Error(`field ${name} of no context`);
  const layout = f.unit.contexts.fieldOf(contextType.name, name);
  const whole: CExpression = { kind: "arrow", base: context, name };
  const place = element === undefined ? whole : index(whole, number(element));
  return { layout, type: contextElementType(layout, f.unit.types), place };
}

export function emitContextLoad(f: FunctionEmitter, e: ContextLoad, hint: string | undefined): CExpression {
  const context = evaluate(f, e.context);
  const field = fieldOf(f, e.context.type, context, e.field, e.index);
  const name = f.name(hint ?? e.field);
  const load = unary("*", cast(pointer(volatile(field.type)), addressOf(field.place)));
  const bits = (8 * field.layout.size) / (field.layout.length ?? 1);
  const type = f.unit.types.of(e.type);
  f.markStable(name);
  if (e.type.kind === "ref") {
    f.push({ kind: "variable", name, type, initializer: load, span: e.span });
    return identifier(name);
  }
  // An asm operand has a whole register.
  const wide = bits < 32 ? f.unit.types.unsigned(32) : e.type.bits === bits ? type : field.type;
  f.push({ kind: "variable", name, type: wide, initializer: load, span: e.span });
  f.opaque(name);
  return e.type.bits === bits && bits >= 32 ? identifier(name) : cast(type, identifier(name));
}

export function emitContextStore(f: FunctionEmitter, s: ContextStore): void {
  const { before, last } = evaluateAllOnce(f, [s.context], s.value);
  const [context] = before;
  if (context === undefined) throw new Error("store without a context");
  const field = fieldOf(f, s.context.type, context, s.field, s.index);
  const target = unary("*", cast(pointer(volatile(field.type)), addressOf(field.place)));
  f.push(assign(target, last, s.span), { kind: "memoryBarrier" });
}

/** The packet's limits; their loads mean pointers to the verifier, so nothing may come between load and use. */
export function loadPacketPointer(
  f: FunctionEmitter,
  contextType: IrExpression["type"],
  context: CExpression,
  name: string,
): CExpression {
  const field = fieldOf(f, contextType, context, name, undefined);
  const load = unary("*", cast(pointer(volatile(field.type)), addressOf(field.place)));
  const voidPointer = pointer({ kind: "name", name: "void" });
  return field.layout.pointer === true ? load : cast(voidPointer, cast({ kind: "name", name: "long" }, load));
}
