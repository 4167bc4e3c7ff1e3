import { wrap } from "../ir/build.ts";
import type { Convert } from "../ir/expressions.ts";
import type { IntType } from "../ir/types.ts";
import type { CExpression } from "./c/ast.ts";
import { cast, identifier } from "./c/build.ts";
import { constantOf } from "./constants.ts";
import { evaluate, hintOf } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

export function emitConvert(f: FunctionEmitter, e: Convert, hint: string | undefined): CExpression {
  const from = e.operand.type;
  const kept = e.type.kind !== "int" || (from.kind === "int" && sameRepresentation(e.type, from));
  const operand = evaluate(f, e.operand, kept ? hint : undefined);
  if (e.type.kind === "int" && (from.kind === "int" || from.kind === "bool")) {
    if (e.operand.op === "constant") {
      return constantOf(f.unit.types, e.type, wrap(e.type, e.operand.value), true);
    }
    if (kept) return operand;
    const converted = cast(f.unit.types.plain(e.type), operand);
    return from.kind === "int" && mayHideMinimum(e, from) ? hidden(f, e, converted, hint) : converted;
  }
  return operand;
}

/**
 * Whether clang may take the converted value for a minimum or maximum by the *other* signedness. In a loop it turns `x < min(a, b)` into
 * `x < a && x < b` and does not look whether the comparison and the minimum are both signed (LLVM 19: sinkMinMax in BPFCheckAndAdjustIR.cpp),
 * so a minimum must not reach a comparison of the other kind in its sight.
 */
function mayHideMinimum(e: Convert, from: IntType): boolean {
  const to = e.type;
  if (to.kind !== "int" || to.signed === from.signed) return false;
  // What becomes wider without a sign is the same number in both.
  if (from.signed ? to.bits < from.bits : to.bits !== from.bits) return false;
  switch (e.operand.op) {
    case "load":
    case "select":
    case "convert":
    case "call":
      return true;
    default:
      return false;
  }
}

function hidden(f: FunctionEmitter, e: Convert, value: CExpression, hint: string | undefined): CExpression {
  const name = f.name(hint ?? hintOf(e));
  f.push(f.storage(name, e.type, value, e.span));
  f.opaque(name);
  f.markStable(name);
  return identifier(name);
}

function sameRepresentation(a: IntType, b: IntType): boolean {
  return a.bits === b.bits && a.signed === b.signed;
}
