import type { ElementOrNull, ElementPlace, IrExpression } from "../ir/expressions.ts";
import { isPowerOfTwo } from "../ir/numbers.ts";
import { placeOperands } from "../ir/walk.ts";
import type { CExpression } from "./c/ast.ts";
import {
  addressOf,
  assign,
  binary,
  cast,
  expressionStatement,
  identifier,
  ifStatement,
  index as indexed,
  number,
  variable,
} from "./c/build.ts";
import { evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { placeFrom } from "./places.ts";

/**
 * `base[index]` for an index that the compiler has proven. The verifier must see the proof on the very register that is added to the base,
 * in 64 bits: clang keeps copies, and deletes a second test that it holds for redundant, so the variable is made opaque first.
 */
export function provenElement(
  f: FunctionEmitter,
  place: ElementPlace,
  base: CExpression,
  index: CExpression,
): CExpression {
  if (isKnownBelow(f, place.index, place.array.length)) return indexed(base, index);
  const name = widened(f, place.index, index);
  const variable = identifier(name);
  const last = number(place.array.length - 1);
  if (isPowerOfTwo(place.array.length)) {
    f.push(assign(variable, binary("&", variable, last), place.index.span));
  } else {
    f.push(ifStatement(binary(">", variable, last), [assign(variable, last)], undefined, place.index.span));
  }
  // Knowing which bits are zero, clang would add to an aligned base by `|`, which the verifier prohibits on pointers.
  f.opaque(name);
  f.markStable(name);
  return indexed(base, variable);
}

function isKnownBelow(f: FunctionEmitter, index: IrExpression, length: number): boolean {
  if (index.op === "constant") return true;
  if (index.op === "convert") return isKnownBelow(f, index.operand, length);
  if (index.op !== "load" || index.place.place !== "local") return false;
  const bound = f.bounds.get(index.place.local);
  return bound !== undefined && bound <= length;
}

function widened(f: FunctionEmitter, expression: IrExpression, value: CExpression): string {
  const name = f.name("index");
  const type = f.unit.types.unsigned(64);
  const unsigned =
    expression.type.kind === "int" && expression.type.signed && expression.type.bits < 64
      ? cast(f.unit.types.unsigned(32), value)
      : value;
  f.push(variable(name, type, unsigned, expression.span));
  f.opaque(name);
  return name;
}

/** The address of an element, or null where the index is out of range. */
export function emitElementOrNull(
  f: FunctionEmitter,
  e: ElementOrNull,
  hint: string | undefined,
): CExpression {
  const operands = evaluateAll(f, [...placeOperands(e.base), e.index]);
  const index = operands.at(-1);
  if (index === undefined || e.base.type.kind !== "array") throw new Error("element of no array");
  const base = placeFrom(f, e.base, operands.slice(0, -1));
  const name = f.name(hint ?? "element");
  f.push(variable(name, f.unit.types.of(e.type), number(0), e.span));
  const at = widened(f, e.index, index);
  const length = number(e.base.type.length);
  const found = addressOf(indexed(base, identifier(at)));
  const forgotten = f.capture(() => f.opaque(at)).statements;
  const take = expressionStatement({ kind: "assign", target: identifier(name), value: found }, e.span);
  f.push(ifStatement(binary("<", identifier(at), length), [...forgotten, take], undefined, e.span));
  f.markStable(name);
  return identifier(name);
}
