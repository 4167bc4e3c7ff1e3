import { possiblyUndefined } from "../diagnostics/nullability.ts";
import * as D from "../diagnostics/types.ts";
import type { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { ArrayType, IntType, RefType } from "../ir/types.ts";
import { asType } from "./arithmetic.ts";
import { describe, scalarOf, scalarOrLiteral, settle, toPlace } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { whole } from "./interval.ts";
import { useOwners } from "./resources.ts";
import { failed, type PlaceValue, type ScalarValue, type Value } from "./value.ts";

export function lowerElementAccess(cx: FunctionContext, node: ts.ElementAccessExpression): Value {
  const accessed = lowerAccess(cx, node);
  if (!accessed) return failed;
  if (accessed.kind !== "unproven") return accessed;
  return elementOrNull(cx, accessed, node);
}

/** An element for writing, or one that the source says is there: the index must be proven. */
export function lowerProvenElement(
  cx: FunctionContext,
  node: ts.ElementAccessExpression,
  purpose: "write" | "assert",
): Value {
  const accessed = lowerAccess(cx, node);
  if (!accessed) return failed;
  if (accessed.kind !== "unproven") return accessed;
  const { range } = accessed.index;
  cx.report(
    D.indexNotProven(
      cx.span(node.argumentExpression),
      purpose,
      accessed.array.length,
      range && `${range.min} to ${range.max}`,
    ),
  );
  return failed;
}

interface Unproven {
  readonly kind: "unproven";
  readonly base: PlaceValue;
  readonly array: ArrayType;
  readonly index: ScalarValue;
}

function lowerAccess(
  cx: FunctionContext,
  node: ts.ElementAccessExpression,
): PlaceValue | ScalarValue | Unproven | undefined {
  const raw = cx.chainBases.get(node) ?? cx.expression(node.expression);
  if (raw.kind === "error") {
    cx.expression(node.argumentExpression);
    return undefined;
  }
  const span = cx.span(node);
  const indexSpan = cx.span(node.argumentExpression);
  // The base is a place: reading the index cannot change which one, unless it holds a reference that is assigned meanwhile.
  const index = scalarOrLiteral(cx, cx.expression(node.argumentExpression), indexSpan);
  if (!index) return undefined;
  const settled = index.kind === "literal" ? settle(cx, index, indexSpan) : index;
  if (!settled) return undefined;
  if (settled.type.kind !== "int" || settled.type.bits === 64 || settled.type.bigEndian) {
    cx.report(D.indexType(indexSpan, ir.typeName(settled.type)));
    return undefined;
  }
  const isArray =
    (raw.kind === "aggregate" && raw.type.kind === "array") ||
    (raw.kind === "place" && raw.place.type.kind === "array");
  if (!isArray) {
    if (raw.kind === "reference" || raw.kind === "optional" || raw.kind === "undefined") {
      cx.report(possiblyUndefined(cx.span(node.expression), describe(raw)));
    } else {
      cx.report(D.notAnArray(cx.span(node.expression), describe(raw)));
    }
    return undefined;
  }
  const known = settled.expression.op === "constant" ? settled.expression.value : undefined;
  const array = (raw.kind === "aggregate" ? raw.type : (raw as PlaceValue).place.type) as ArrayType;
  if (known !== undefined && (known < 0n || known >= BigInt(array.length))) {
    cx.report(D.indexOutOfRange(indexSpan, `${known}`, array.length));
    return undefined;
  }
  if (raw.kind === "aggregate" && raw.expression.op === "array" && known !== undefined) {
    const element = raw.expression.elements[Number(known)];
    if (element && (element.type.kind === "int" || element.type.kind === "bool")) return scalarOf(element);
  }
  const base = toPlace(cx, raw, undefined, cx.span(node.expression));
  if (!base) return undefined;
  useOwners(cx, base.provenance.owners, span);
  const range = settled.range ?? whole(settled.type);
  if (range.min < 0n || range.max >= BigInt(array.length)) {
    return { kind: "unproven", base, array, index: settled };
  }
  const place = {
    place: "element",
    type: array.element,
    base: base.place,
    array,
    index: indexOf(settled),
    span,
  } as const;
  return { ...base, place };
}

function indexOf(index: ScalarValue): IrExpression {
  return asType(index, ir.u32).expression;
}

/** `x[i]` with an index that may be out of range: `undefined` then. */
function elementOrNull(cx: FunctionContext, { base, array, index }: Unproven, node: ts.Node): Value {
  const span = cx.span(node);
  const { memory } = base.provenance;
  const type: RefType = ir.refTo(array.element, memory, { nullable: true, readonly: base.readonly });
  // A negative index is a large one as u32: out of range as well.
  const wide: IntType = ir.u32;
  const reference = cx.temporary("element", {
    op: "elementOrNull",
    type,
    base: base.place,
    index: (index.type as IntType).signed
      ? ir.convert(ir.convert(index.expression, ir.i32), wide)
      : ir.convert(index.expression, wide),
    span,
  });
  if (array.element.kind === "int" || array.element.kind === "bool") {
    return optionalRead(cx, reference, array.element, span);
  }
  return { kind: "reference", type, expression: reference, boxed: false, provenance: base.provenance };
}

/** A copy of the scalar behind a nullable reference, made now. */
export function optionalRead(
  cx: FunctionContext,
  reference: IrExpression,
  type: Extract<Value, { kind: "optional" }>["type"],
  span: ReturnType<FunctionContext["span"]>,
): Value {
  const present = cx.temporary("present", ir.isPresent(reference, span));
  const value = ir.select(
    ir.isPresent(reference, span),
    ir.load(ir.derefPlace(reference, span), span),
    ir.constant(type, 0n, span),
    span,
  );
  return { kind: "optional", type, present, value: cx.temporary("value", value) };
}
