import { sizeOf } from "../../ir/build.ts";
import type { ArrayValue, IrExpression, StructValue } from "../../ir/expressions.ts";
import type { JsExpression, JsStatement } from "./ast.ts";
import { arrow, binary, call, evaluate, identifier, literal, member, method } from "./build.ts";
import { emitExpression, emitPeeked } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { isScalar, storeName } from "./scalars.ts";

/** The memory that the value is built in: zero, or a copy of what the source spreads. */
function startOf(f: FunctionEmitter, e: StructValue | ArrayValue): JsExpression {
  const size = f.module.sizeExpression(e.type);
  if (e.op === "struct" && e.base !== undefined) return call("copyOf", emitPeeked(f, e.base), size);
  return call("allocate", size);
}

/** Stores of the parts into `target`, in the order of the source; aggregates within are stored part by part. */
function parts(
  f: FunctionEmitter,
  e: StructValue | ArrayValue,
  target: JsExpression,
  base: JsExpression | undefined,
): JsStatement[] {
  const listed: readonly (readonly [JsExpression | undefined, IrExpression])[] =
    e.op === "struct"
      ? e.fields.map(({ field, value }) => [
          member(identifier(f.module.layoutName(e.type)), "at", field.name),
          value,
        ])
      : e.elements.map((value, index) => [
          index === 0 ? undefined : literal(index * sizeOf(e.type.element)),
          value,
        ]);
  return listed.flatMap(([term, value]) => {
    const offset = sum(base, term);
    const at = offset ?? literal(0);
    if ((value.op === "struct" && value.base === undefined) || value.op === "array") {
      return parts(f, value, target, offset);
    }
    if (isScalar(value.type)) {
      return [evaluate(method(target, storeName(value.type), at, emitExpression(f, value)))];
    }
    const place = offset === undefined ? target : method(target, "plus", offset);
    return [evaluate(method(place, "assign", emitPeeked(f, value), f.module.sizeExpression(value.type)))];
  });
}

function sum(base: JsExpression | undefined, term: JsExpression | undefined): JsExpression | undefined {
  return base === undefined || term === undefined ? (base ?? term) : binary("+", base, term);
}

/** The value as an expression: a pointer to memory that nothing else points to. */
export function emitAggregate(f: FunctionEmitter, e: StructValue | ArrayValue): JsExpression {
  const start = startOf(f, e);
  const stores = f.inBlock(() => {
    const it = f.scope.take("it");
    return { it, body: parts(f, e, identifier(it), undefined) };
  });
  return stores.body.length === 0 ? start : call("build", start, arrow([stores.it], stores.body));
}

/** The value in a new constant `name`, which its parts cannot name yet. */
export function declareAggregate(
  f: FunctionEmitter,
  name: string,
  e: StructValue | ArrayValue,
): readonly JsStatement[] {
  return [
    { kind: "declare", keyword: "const", variables: [[name, startOf(f, e)]] },
    ...parts(f, e, identifier(name), undefined),
  ];
}
