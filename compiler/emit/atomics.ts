import type { Atomic, IrExpression } from "../ir/expressions.ts";
import { placeOperands } from "../ir/walk.ts";
import type { CExpression } from "./c/ast.ts";
import { addressOf, call, cast } from "./c/build.ts";
import { evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { placeFrom } from "./places.ts";

// clang chooses the plain instruction where the result of the builtin is not used, and the fetching one (Linux 5.12) where it is.
const builtins = {
  add: "__sync_fetch_and_add",
  and: "__sync_fetch_and_and",
  or: "__sync_fetch_and_or",
  xor: "__sync_fetch_and_xor",
  exchange: "__sync_lock_test_and_set",
  compareExchange: "__sync_val_compare_and_swap",
} as const satisfies Record<Atomic["operator"], string>;

export function emitAtomic(f: FunctionEmitter, e: Atomic): CExpression {
  const places = placeOperands(e.place);
  const scalars: IrExpression[] = e.expected === undefined ? [e.operand] : [e.expected, e.operand];
  const values = evaluateAll(f, [...places, ...scalars]);
  const place = placeFrom(f, e.place, values.slice(0, places.length));
  const operands = values.slice(places.length);
  const typed = operands.map((operand) => cast(f.unit.types.plain(e.type), operand));
  return call(builtins[e.operator], addressOf(place), ...typed);
}
