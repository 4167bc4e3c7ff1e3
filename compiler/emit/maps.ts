import type { IrExpression, MapDelete, MapLookup, MapUpdate } from "../ir/expressions.ts";
import type { IrMap } from "../ir/module.ts";
import type { CExpression, CStatement } from "./c/ast.ts";
import { addressOf, call, cast, identifier, voidPointer } from "./c/build.ts";
import { callWith, constVoidPointer } from "./calls.ts";
import { evaluateAll, pointerTo } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

function mapPointer(f: FunctionEmitter, map: IrMap): CExpression {
  return addressOf(identifier(f.unit.mapName(map)));
}

/** Keys and values are passed by address: those that are in no variable get one in a block around the call. */
function passed(
  f: FunctionEmitter,
  expressions: readonly (readonly [IrExpression, string])[],
  values: readonly CExpression[],
): { readonly statements: readonly CStatement[]; readonly pointers: readonly CExpression[] } {
  const statements: CStatement[] = [];
  const { result: pointers } = f.scoped(() =>
    expressions.map(([expression, hint], position) => {
      const value = values[position];
      if (value === undefined) throw new Error("argument is missing");
      const passed = pointerTo(f, expression, value, hint);
      statements.push(...passed.statements);
      return passed.pointer;
    }),
  );
  return { statements, pointers };
}

export function emitMapLookup(f: FunctionEmitter, e: MapLookup): CExpression {
  const values = evaluateAll(f, [e.key]);
  const { statements, pointers } = passed(f, [[e.key, "key"]], values);
  const helper = f.unit.helper("map_lookup_elem", {
    result: voidPointer,
    parameters: [voidPointer, constVoidPointer],
  });
  return callWith(statements, call(helper, mapPointer(f, e.map), ...pointers));
}

export function emitMapUpdate(f: FunctionEmitter, e: MapUpdate): CExpression {
  const values = evaluateAll(f, [e.key, e.value, e.flags]);
  const { statements, pointers } = passed(
    f,
    [
      [e.key, "key"],
      [e.value, "value"],
    ],
    values,
  );
  const flags = values[2];
  if (flags === undefined) throw new Error("update without flags");
  const helper = f.unit.helper("map_update_elem", {
    result: f.unit.types.unsigned(64),
    parameters: [voidPointer, constVoidPointer, constVoidPointer, f.unit.types.unsigned(64)],
  });
  const value = callWith(statements, call(helper, mapPointer(f, e.map), ...pointers, flags));
  return cast(f.unit.types.plain(e.type), value);
}

export function emitMapDelete(f: FunctionEmitter, e: MapDelete): CExpression {
  const values = evaluateAll(f, [e.key]);
  const { statements, pointers } = passed(f, [[e.key, "key"]], values);
  const helper = f.unit.helper("map_delete_elem", {
    result: f.unit.types.unsigned(64),
    parameters: [voidPointer, constVoidPointer],
  });
  const value = callWith(statements, call(helper, mapPointer(f, e.map), ...pointers));
  return cast(f.unit.types.plain(e.type), value);
}
