import { sizeOf } from "../../ir/build.ts";
import type { IrExpression, IrPlace } from "../../ir/expressions.ts";
import type { JsExpression } from "./ast.ts";
import { binary, call, identifier, literal, member, method } from "./build.ts";
import { emitExpression } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { accessName, isBigint, isScalar, storeName } from "./scalars.ts";

// A place is a pointer (bytes and where in them) and an offset. Scalar locals that nothing points to are variables of JavaScript.

interface Located {
  readonly pointer: JsExpression;
  /** Parts of the offset, in order; none is 0. */
  readonly terms: readonly JsExpression[];
}

function locate(f: FunctionEmitter, place: IrPlace): Located {
  switch (place.place) {
    case "local":
      return { pointer: identifier(f.nameOf(place.local)), terms: [] };
    case "global":
      return { pointer: identifier(f.module.globalName(place.global)), terms: [] };
    case "deref":
      return { pointer: emitExpression(f, place.reference), terms: [] };
    case "field": {
      const base = locate(f, place.base);
      if (place.base.type.kind !== "struct") throw new Error(`${place.field.name} of no struct`);
      const layout = f.module.layoutName(place.base.type);
      return { ...base, terms: [...base.terms, member(identifier(layout), "at", place.field.name)] };
    }
    case "element": {
      const base = locate(f, place.base);
      const term = elementOffset(f, place.index, sizeOf(place.array.element));
      return { ...base, terms: term === undefined ? base.terms : [...base.terms, term] };
    }
  }
}

function elementOffset(f: FunctionEmitter, index: IrExpression, size: number): JsExpression | undefined {
  if (index.op === "constant") return index.value === 0n ? undefined : literal(Number(index.value) * size);
  const value = emitExpression(f, index);
  const number = isBigint(index.type) ? call("Number", value) : value;
  return size === 1 ? number : binary("*", literal(size), number);
}

function offsetOf({ terms }: Located): JsExpression {
  const [first, ...rest] = terms;
  return first === undefined ? literal(0) : rest.reduce((sum, term) => binary("+", sum, term), first);
}

/** A pointer to the place. */
export function pointerTo(f: FunctionEmitter, place: IrPlace): JsExpression {
  const located = locate(f, place);
  return located.terms.length === 0 ? located.pointer : method(located.pointer, "plus", offsetOf(located));
}

/** The local, where it is a variable of JavaScript. */
export function variableOf(f: FunctionEmitter, place: IrPlace): JsExpression | undefined {
  return place.place === "local" && f.isVariable(place.local) ? identifier(f.nameOf(place.local)) : undefined;
}

/** What stands in a place: a scalar, or a pointer to the place itself, which the caller copies. */
export function readPlace(f: FunctionEmitter, place: IrPlace): JsExpression {
  const variable = variableOf(f, place);
  if (variable !== undefined) return variable;
  if (!isScalar(place.type)) return pointerTo(f, place);
  const located = locate(f, place);
  return method(located.pointer, accessName(place.type), offsetOf(located));
}

/** Evaluates the place, then `value`, then stores. */
export function writePlace(f: FunctionEmitter, place: IrPlace, value: () => JsExpression): JsExpression {
  const variable = variableOf(f, place);
  if (variable !== undefined) return { kind: "assign", target: variable, value: value() };
  if (!isScalar(place.type)) {
    return method(pointerTo(f, place), "assign", value(), f.module.sizeExpression(place.type));
  }
  const located = locate(f, place);
  return method(located.pointer, storeName(place.type), offsetOf(located), value());
}

/** A pointer and an offset, for an operation that takes both. */
export function locatedPlace(f: FunctionEmitter, place: IrPlace): readonly [JsExpression, JsExpression] {
  const located = locate(f, place);
  return [located.pointer, offsetOf(located)];
}
