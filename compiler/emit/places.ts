import { refTo } from "../ir/build.ts";
import type { AddressOf, IrExpression, IrPlace, Load } from "../ir/expressions.ts";
import type { IrGlobal } from "../ir/module.ts";
import type { IrType, RefType } from "../ir/types.ts";
import { placeOperands } from "../ir/walk.ts";
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
} from "./c/build.ts";
import { provenElement } from "./elements.ts";
import { evaluate, evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { bytesOf, type KernelPlace, loadKernel } from "./kernel-memory.ts";

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
  if (isKernelMemory(e.place)) return loadFromKernel(f, e, hint);
  const place = evaluatePlace(f, e.place);
  const aggregate = e.type.kind === "struct" || e.type.kind === "array";
  if (aggregate && rootConstant(e.place) !== undefined) {
    const type = refTo(e.type, "global", { readonly: true });
    return dereference(hidden(f, addressOf(place), type, e, undefined));
  }
  if (e.type.kind === "bool" && e.place.place !== "local") return truthOf(f, e.place, place);
  return place;
}

/** User space may have written any byte; C takes a `_Bool` for 0 or 1 and computes with it. */
function truthOf(f: FunctionEmitter, place: IrPlace, lvalue: CExpression): CExpression {
  const byte = f.unit.types.unsigned(8);
  const type = rootConstant(place) === undefined ? byte : constVolatile(byte);
  return binary("!=", dereference(cast(pointer(type), addressOf(lvalue))), number(0));
}

/** A member of a kernel struct behind a reference, such as a socket; an array of them one by one. */
function loadFromKernel(f: FunctionEmitter, e: Load, hint: string | undefined): CExpression {
  const { reference, struct, path } = kernelPath(f, e.place);
  const name = hint ?? path.findLast((step) => typeof step === "string") ?? "value";
  const from = evaluate(f, reference);
  const load = (type: IrType, at: KernelPlace["path"], as: string): CExpression => {
    if (type.kind !== "int") throw new Error("only numbers can be read from kernel structs");
    const place: KernelPlace = { pointer: from, struct, path: at, bytes: bytesOf(type.bits) };
    const own = f.unit.types.of(type);
    if (type.bits >= 32) return loadKernel(f, place, own, as, e.span);
    return cast(own, loadKernel(f, place, f.unit.types.unsigned(32), as, e.span));
  };
  if (e.type.kind !== "array") return load(e.type, path, name);
  const { element, length } = e.type;
  const items = Array.from({ length }, (_, index) => ({ value: load(element, [...path, index], "element") }));
  const variable = f.name(name);
  f.push(f.storage(variable, e.type, { kind: "list", items }, e.span));
  f.markStable(variable);
  return identifier(variable);
}

function kernelPath(
  f: FunctionEmitter,
  place: IrPlace,
): {
  readonly reference: IrExpression;
  readonly struct: CType;
  readonly path: readonly (string | number)[];
} {
  switch (place.place) {
    case "deref":
      return { reference: place.reference, struct: f.unit.types.of(place.type), path: [] };
    case "field": {
      const base = kernelPath(f, place.base);
      if (place.base.type.kind !== "struct") throw new Error(`field ${place.field.name} of no struct`);
      const name = f.unit.types.fieldName(place.base.type, place.field.name);
      return { ...base, path: [...base.path, name] };
    }
    case "element": {
      const base = kernelPath(f, place.base);
      if (place.index.op !== "constant") throw new Error("kernel structs have constant indices only");
      return { ...base, path: [...base.path, Number(place.index.value)] };
    }
    default:
      throw new Error(`a ${place.place} is no kernel memory`);
  }
}

export function emitAddress(f: FunctionEmitter, e: AddressOf, hint: string | undefined): CExpression {
  const address = addressOf(evaluatePlace(f, e.place));
  return rootConstant(e.place) === undefined ? address : hidden(f, address, e.type, e, hint);
}

/**
 * Clang would take the initial value for the value behind a pointer that it can follow to a read-only global, but user space may change it
 * before the load.
 */
function hidden(
  f: FunctionEmitter,
  address: CExpression,
  pointerType: RefType,
  e: IrExpression,
  hint: string | undefined,
): CExpression {
  const name = f.name(hint ?? "reference");
  const type = f.unit.types.of(pointerType);
  f.push({ kind: "variable", name, type, initializer: cast(type, address), span: e.span });
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
