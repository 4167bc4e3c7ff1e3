import type { Span } from "../diagnostics/diagnostic.ts";
import type { AddressOf, IrExpression, IrPlace, Load } from "../ir/expressions.ts";
import type { IrGlobal } from "../ir/module.ts";
import { placeOperands, rootLocal } from "../ir/walk.ts";
import type { CExpression, CType } from "./c/ast.ts";
import {
  addressOf,
  binary,
  cast,
  constVolatile,
  dereference,
  identifier,
  member,
  number,
  pointer,
  unary,
  volatile,
} from "./c/build.ts";
import { provenElement } from "./elements.ts";
import { evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

/** The place as an lvalue of C. */
export function evaluatePlace(f: FunctionEmitter, place: IrPlace): CExpression {
  return placeFrom(f, place, evaluateAll(f, placeOperands(place)));
}

/** The place as an lvalue, its references and indexes being evaluated already, in the order of `placeOperands`. */
export function placeFrom(f: FunctionEmitter, place: IrPlace, operands: readonly CExpression[]): CExpression {
  switch (place.place) {
    case "local":
      return f.local(place.local);
    case "global":
      return identifier(f.unit.globalName(place.global));
    case "deref":
      return dereference(first(operands));
    case "field": {
      const base = placeFrom(f, place.base, operands);
      if (place.base.type.kind !== "struct") throw new Error(`field ${place.field.name} of no struct`);
      return member(base, f.unit.types.fieldName(place.base.type, place.field.name));
    }
    case "element": {
      const base = placeFrom(f, place.base, operands.slice(0, -1));
      const index = operands.at(-1);
      if (index === undefined) throw new Error("element without an index");
      return provenElement(f, place, base, index);
    }
  }
}

function first(operands: readonly CExpression[]): CExpression {
  const [operand] = operands;
  if (operand === undefined) throw new Error("reference is missing");
  return operand;
}

export function emitLoad(f: FunctionEmitter, e: Load, hint: string | undefined): CExpression {
  const place = evaluatePlace(f, e.place);
  if (isKernelMemory(e.place)) return loadFromKernel(f, e, place, hint);
  if (e.type.kind === "bool" && e.place.place !== "local") return truthOf(f, e.place, place);
  return place;
}

/** User space may have written any byte; C takes a `_Bool` for 0 or 1 and computes with it. */
function truthOf(f: FunctionEmitter, place: IrPlace, lvalue: CExpression): CExpression {
  const byte = f.unit.types.unsigned(8);
  const type = rootConstant(place) === undefined ? byte : constVolatile(byte);
  return binary("!=", dereference(cast(pointer(type), addressOf(lvalue))), number(0));
}

/**
 * Kernel structs behind a reference (sockets) are read like a context: each field by an instruction of its own, at its own offset
 * (`bpf_sock_convert_ctx_access`); two reads that clang merged into one of a computed address are refused.
 */
function loadFromKernel(
  f: FunctionEmitter,
  e: Load,
  place: CExpression,
  hint: string | undefined,
): CExpression {
  if (e.type.kind !== "int" && e.type.kind !== "bool") return place;
  const type = f.unit.types.of(e.type);
  return volatileLoad(
    f,
    type,
    place,
    e.type.kind === "int" ? e.type.bits : 8,
    hint ?? hintFor(e.place),
    e.span,
  );
}

function hintFor(place: IrPlace): string {
  return place.place === "field" ? place.field.name : "value";
}

/** Loads by one instruction into a variable that clang knows nothing of afterwards. */
export function volatileLoad(
  f: FunctionEmitter,
  type: CType,
  place: CExpression,
  bits: number,
  hint: string,
  span: Span,
): CExpression {
  const name = f.name(hint);
  // An asm operand narrower than a register has no register class; the value is zero or sign extended by the load.
  const held = bits < 32 ? f.unit.types.unsigned(32) : type;
  const value = unary("*", cast(pointer(volatile(type)), addressOf(place)));
  f.push({ kind: "variable", name, type: held, initializer: value, span });
  f.opaque(name);
  f.markStable(name);
  return bits < 32 ? cast(type, identifier(name)) : identifier(name);
}

export function emitAddress(f: FunctionEmitter, e: AddressOf, hint: string | undefined): CExpression {
  const place = addressOf(evaluatePlace(f, e.place));
  const type = f.unit.types.of(e.type);
  if (rootConstant(e.place) === undefined) return place;
  // Clang would take the initial value for the value behind a pointer it can follow, but user space may change it before the load.
  const name = f.name(hint ?? "reference");
  f.push({ kind: "variable", name, type, initializer: cast(type, place), span: e.span });
  f.opaque(name);
  f.markStable(name);
  return identifier(name);
}

/** The read-only global that the place is a part of. */
export function rootConstant(place: IrPlace): IrGlobal | undefined {
  switch (place.place) {
    case "global":
      return place.global.constant ? place.global : undefined;
    case "field":
    case "element":
      return rootConstant(place.base);
    case "local":
    case "deref":
      return undefined;
  }
}

function isKernelMemory(place: IrPlace): boolean {
  switch (place.place) {
    case "deref":
      return referenceMemory(place.reference) === "kernel";
    case "field":
    case "element":
      return isKernelMemory(place.base);
    case "local":
    case "global":
      return false;
  }
}

function referenceMemory(reference: IrExpression): string | undefined {
  return reference.type.kind === "ref" ? reference.type.memory : undefined;
}

/** Whether the place is on this program's stack. */
export function isOnStack(place: IrPlace): boolean {
  return rootLocal(place) !== undefined;
}
