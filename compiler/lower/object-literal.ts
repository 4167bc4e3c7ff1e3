import * as C from "../diagnostics/constructs.ts";
import { missingFields, noSuchField } from "../diagnostics/kernel-world.ts";
import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { StructField, StructType } from "../ir/types.ts";
import { toPlace, toValue } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { lowerIdentifier } from "./identifier.ts";
import { useOwners } from "./resources.ts";
import { failed, type SourceType, type Value } from "./value.ts";

export function lowerObjectLiteral(
  cx: FunctionContext,
  node: ts.ObjectLiteralExpression,
  expected: SourceType | undefined,
): Value {
  const wanted = expected ?? typeOfBase(cx, node);
  const type = wanted?.kind === "value" || wanted?.kind === "optional" ? wanted.type : undefined;
  if (type?.kind !== "struct") {
    cx.report(
      type ? D.mismatch(cx.span(node), "an object", ir.typeName(type)) : D.literalWithoutType(cx.span(node)),
    );
    return failed;
  }
  return objectLiteral(cx, node, type, false);
}

/** What nothing else types, `const copy = { ...base, port: 80 }`, is another struct of the base's type. */
function typeOfBase(cx: FunctionContext, node: ts.ObjectLiteralExpression): SourceType | undefined {
  const [first] = node.properties;
  if (!first || !ts.isSpreadAssignment(first)) return undefined;
  const base = first.expression;
  return cx.module.types.of(cx.checker.getTypeAtLocation(base), base, cx.typeArguments);
}

/** `{ ...base, port: 80 }` as a struct; `partial` leaves out what is not given. */
export function objectLiteral(
  cx: FunctionContext,
  node: ts.ObjectLiteralExpression,
  type: StructType,
  partial: boolean,
): Value {
  const fields = new Map<StructField, IrExpression>();
  let base: IrExpression | undefined;
  let complete = true;
  const put = (field: StructField, lower: () => IrExpression | undefined) => {
    const { body, value } = cx.capture(lower);
    // What was read before this property's effects stays as it was.
    if (body.length > 0) {
      for (const [known, earlier] of fields) {
        if (earlier.op !== "constant") fields.set(known, cx.temporary(known.name, earlier));
      }
      if (base) base = cx.temporary("base", base);
    }
    cx.statements.push(...body);
    if (value) fields.set(field, value);
    else complete = false;
  };
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      const spread = lowerSpread(cx, property, type, fields);
      if (spread === undefined) complete = false;
      else if (spread !== "by field") base = spread;
      continue;
    }
    const name = property.name && memberName(property.name);
    const field = name === undefined ? undefined : type.fields.find((known) => known.name === name);
    if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) {
      cx.report(
        C.unsupported(
          cx.span(property),
          "a method or accessor in an object",
          "call a function of the module",
        ),
      );
      complete = false;
      continue;
    }
    if (!field) {
      cx.report(
        noSuchField(
          cx.span(property.name),
          name ?? property.name.getText(),
          type.name,
          undefined,
          type.fields.map((each) => each.name),
        ),
      );
      complete = false;
      continue;
    }
    const expected = typeOfField(field);
    put(field, () => {
      const value = ts.isShorthandPropertyAssignment(property)
        ? lowerIdentifier(cx, property.name)
        : cx.expression(property.initializer, expected);
      const at = ts.isShorthandPropertyAssignment(property) ? property.name : property.initializer;
      return toValue(cx, value, field.type, cx.span(at));
    });
  }
  if (!complete) return failed;
  const missing = type.fields.filter((field) => !fields.has(field));
  if (!partial && !base && missing.length > 0) {
    cx.report(
      missingFields(
        cx.span(node),
        type.name,
        missing.map((field) => field.name),
      ),
    );
    return failed;
  }
  const expression: IrExpression = {
    op: "struct",
    type,
    fields: [...fields].map(([field, value]) => ({ field, value })),
    ...(base ? { base } : {}),
    span: cx.span(node),
  };
  return { kind: "aggregate", type, expression };
}

function typeOfField(field: StructField): SourceType | undefined {
  const { type } = field;
  if (type.kind === "int" || type.kind === "bool" || type.kind === "struct" || type.kind === "array") {
    return { kind: "value", type, readonly: false };
  }
  return undefined;
}

function memberName(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
}

/** A spread of the same struct is the base; of another one, its fields by name. It replaces what stands before it. */
function lowerSpread(
  cx: FunctionContext,
  property: ts.SpreadAssignment,
  type: StructType,
  fields: Map<StructField, IrExpression>,
): IrExpression | "by field" | undefined {
  const span = cx.span(property);
  const value = cx.expression(property.expression);
  const source = toPlace(cx, value, undefined, cx.span(property.expression));
  if (!source) return undefined;
  const from = source.place.type;
  if (from.kind !== "struct") {
    cx.report(D.notAStruct(span, ir.typeName(from)));
    return undefined;
  }
  useOwners(cx, source.provenance.owners, span);
  if (from === type) {
    fields.clear();
    return ir.load(source.place, span);
  }
  for (const field of type.fields) {
    const theirs = from.fields.find((known) => known.name === field.name);
    if (!theirs) continue;
    const read: Value = { ...source, place: ir.fieldPlace(source.place, theirs, span) };
    const copied = toValue(cx, read, field.type, span);
    if (!copied) return undefined;
    fields.set(field, copied);
  }
  return "by field";
}

export function lowerArrayLiteral(
  cx: FunctionContext,
  node: ts.ArrayLiteralExpression,
  expected: SourceType | undefined,
): Value {
  const type = expected?.kind === "value" || expected?.kind === "optional" ? expected.type : undefined;
  const span = cx.span(node);
  if (type?.kind !== "array") {
    cx.report(type ? D.mismatch(span, "an array", ir.typeName(type)) : D.literalWithoutType(span));
    return failed;
  }
  if (node.elements.length !== type.length) {
    cx.report(D.elementCount(span, node.elements.length, type.length));
    return failed;
  }
  const element = type.element;
  const wanted: SourceType | undefined =
    element.kind === "int" || element.kind === "bool" || element.kind === "struct" || element.kind === "array"
      ? { kind: "value", type: element, readonly: false }
      : undefined;
  const elements: IrExpression[] = [];
  let complete = true;
  for (const item of node.elements) {
    if (ts.isSpreadElement(item) || ts.isOmittedExpression(item)) {
      cx.report(C.unsupported(cx.span(item), "a spread or a hole in an array", "write out every element"));
      complete = false;
      continue;
    }
    const { body, value } = cx.capture(() =>
      toValue(cx, cx.expression(item, wanted), element, cx.span(item)),
    );
    if (body.length > 0) {
      for (const [at, earlier] of elements.entries()) {
        if (earlier.op !== "constant") elements[at] = cx.temporary("element", earlier);
      }
    }
    cx.statements.push(...body);
    if (value) elements.push(value);
    else complete = false;
  }
  if (!complete) return failed;
  return { kind: "aggregate", type, expression: { op: "array", type, elements, span } };
}
