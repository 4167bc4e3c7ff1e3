import { noSuchField } from "../diagnostics/kernel-world.ts";
import { possiblyUndefined } from "../diagnostics/nullability.ts";
import * as P from "../diagnostics/programs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IntType, RefType, StructField, StructType } from "../ir/types.ts";
import { type ContextField, type ContextName, contexts } from "../kernel/contexts.ts";
import { kernelStructs } from "../kernel/structs.ts";
import { isOlder } from "../kernel/version.ts";
import { describe, scalarOf } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { isNarrowed, poison } from "./identifier.ts";
import { resolveAlias } from "./library.ts";
import { literal } from "./literals.ts";
import { useOwners } from "./resources.ts";
import { type ContextValue, failed, type PlaceValue, type Value } from "./value.ts";

export function lowerPropertyAccess(cx: FunctionContext, node: ts.PropertyAccessExpression): Value {
  const named = lowerNamed(cx, node);
  if (named) return named;
  return propertyOf(cx, cx.chainBases.get(node) ?? cx.expression(node.expression), node);
}

/** Members of enums and namespaces: nothing is evaluated. */
function lowerNamed(cx: FunctionContext, node: ts.PropertyAccessExpression): Value | undefined {
  const found = cx.checker.getSymbolAtLocation(node.name);
  if (!found) return undefined;
  const symbol = resolveAlias(cx.checker, found);
  if (symbol.flags & ts.SymbolFlags.EnumMember) {
    const member = cx.module.types.enums.member(symbol);
    if (!member?.type) return poison(cx, node);
    return scalarOf(ir.constant(member.type, member.value, cx.span(node)));
  }
  const parent = cx.checker.getSymbolAtLocation(node.expression);
  const owner = parent && resolveAlias(cx.checker, parent);
  if (owner && owner.flags & ts.SymbolFlags.Module) return cx.module.dispatch.entity(cx, symbol, node);
  return undefined;
}

/** `base.name`, where the base is not undefined. */
export function propertyOf(cx: FunctionContext, base: Value, node: ts.PropertyAccessExpression): Value {
  const name = node.name.text;
  const span = cx.span(node);
  switch (base.kind) {
    case "error":
      return failed;
    case "context":
      return contextProperty(cx, base, node);
    case "place":
      return placeProperty(cx, base, node);
    case "aggregate": {
      if (base.type.kind === "array" && name === "length") return literal(BigInt(base.type.length), "number");
      const field =
        base.type.kind === "struct"
          ? base.type.fields.find((candidate) => candidate.name === name)
          : undefined;
      if (!field) break;
      const local = cx.declare("value", base.type, base.expression, span);
      return {
        kind: "place",
        place: ir.fieldPlace(ir.localPlace(local, span), field, span),
        readonly: false,
        provenance: { memory: "stack", region: cx.depth, owners: [] },
      };
    }
    case "reference":
      if (base.type.nullable) {
        cx.report(possiblyUndefined(cx.span(node.expression), describe(base)));
        return failed;
      }
      if (base.boxed && name === "value") {
        return {
          kind: "place",
          place: ir.derefPlace(base.expression, span),
          readonly: base.type.readonly,
          provenance: base.provenance,
        };
      }
      break;
    case "optional":
    case "undefined":
      cx.report(possiblyUndefined(cx.span(node.expression), describe(base)));
      return failed;
    case "reservation":
      if (name === "record") return recordOf(cx, base, node);
      return { kind: "method", receiver: base, name };
    case "map":
      return { kind: "method", receiver: base, name };
    case "builtin":
      return { kind: "builtin", name: `${base.name}.${name}` };
    default:
      break;
  }
  const property = cx.checker.getSymbolAtLocation(node.name);
  if (!property) return poison(cx, node);
  cx.report(noSuchField(cx.span(node.name), name, describe(base), undefined, []));
  return failed;
}

function recordOf(
  cx: FunctionContext,
  base: Extract<Value, { kind: "reservation" }>,
  node: ts.PropertyAccessExpression,
): Value {
  const span = cx.span(node);
  if (!base.held) return failed;
  const { local, resource } = base.held;
  useOwners(cx, [resource], span);
  return {
    kind: "place",
    place: ir.derefPlace(ir.loadLocal(local, span), span),
    readonly: false,
    provenance: { memory: "ringbuf", region: 0, owners: [resource] },
  };
}

function placeProperty(cx: FunctionContext, base: PlaceValue, node: ts.PropertyAccessExpression): Value {
  const name = node.name.text;
  const span = cx.span(node);
  const { type } = base.place;
  if (type.kind === "array" && name === "length") return literal(BigInt(type.length), "number");
  if (type.kind === "struct") {
    const field = fieldOf(cx, type, name);
    if (field) {
      useOwners(cx, base.provenance.owners, span);
      return { ...base, place: ir.fieldPlace(base.place, field, span) };
    }
    if (isKernelStruct(type)) return { kind: "method", receiver: base, name };
  }
  if (!cx.checker.getSymbolAtLocation(node.name)) return poison(cx, node);
  cx.report(noSuchField(cx.span(node.name), name, describe(base), undefined, []));
  return failed;
}

export function isKernelStruct(type: StructType): boolean {
  return Object.values(kernelStructs).some((known) => known.layout === type);
}

/** A field by its name in the source; the kernel's structs have names and enums of their own. */
function fieldOf(cx: FunctionContext, type: StructType, name: string): StructField | undefined {
  const kernel = Object.values(kernelStructs).find((known) => known.layout === type);
  if (!kernel) return type.fields.find((field) => field.name === name);
  const field = kernel.fields.get(name);
  const enumName = kernel.enums.get(name);
  if (field?.type.kind !== "int" || enumName === undefined) return field;
  return { ...field, type: withEnum(cx, field.type, enumName) };
}

/** An integer of the kernel's, typed with an enum of the library. */
export function withEnum(cx: FunctionContext, type: IntType, name: string): IntType {
  const known = cx.module.libraryEnum(name);
  return known ? { ...type, enum: known } : type;
}

function contextProperty(cx: FunctionContext, base: ContextValue, node: ts.PropertyAccessExpression): Value {
  const field = contextField(base, node.name.text);
  if (!field) {
    if (!cx.checker.getSymbolAtLocation(node.name)) return poison(cx, node);
    return { kind: "method", receiver: base, name: node.name.text };
  }
  if (field.since && isOlder(cx.module.options.minKernel, field.since)) {
    cx.report(
      P.needsKernel(cx.span(node.name), `\`${node.name.text}\``, field.since, cx.module.options.minKernel),
    );
    return failed;
  }
  return loadContextField(cx, base, field, node);
}

export function contextField(base: ContextValue, name: string): ContextField | undefined {
  return contexts[base.name as ContextName].fields.get(name);
}

export function fieldType(cx: FunctionContext, field: ContextField): IntType | undefined {
  if (field.type.kind !== "int") return undefined;
  return field.enum === undefined ? field.type : withEnum(cx, field.type, field.enum);
}

function loadContextField(
  cx: FunctionContext,
  base: ContextValue,
  field: ContextField,
  node: ts.Node,
): Value {
  const span = cx.span(node);
  if (field.type.kind === "reference") {
    const { struct, nullable } = field.type;
    const type: RefType = ir.refTo(kernelStructs[struct].layout, "kernel", { nullable, readonly: true });
    const local = cx.contextReference(field.kernel, {
      op: "contextLoad",
      type,
      context: base.expression,
      field: field.kernel,
      span,
    });
    const reference = ir.loadLocal(local, span);
    const certain = !nullable || (ts.isExpression(node) && isNarrowed(cx, node));
    const provenance = { memory: "kernel", region: 0, owners: [] } as const;
    if (!certain) return { kind: "reference", type, expression: reference, boxed: false, provenance };
    return { kind: "place", place: ir.derefPlace(reference, span), readonly: true, provenance };
  }
  const type = fieldType(cx, field) ?? field.type;
  const element = (index: number | undefined): IrExpression => ({
    op: "contextLoad",
    type,
    context: base.expression,
    field: field.kernel,
    ...(index === undefined ? {} : { index }),
    span,
  });
  if (field.length === undefined) return scalarOf(element(field.index));
  const array = ir.arrayOf(type, field.length);
  const elements = Array.from({ length: field.length }, (_, index) => element(index));
  return { kind: "aggregate", type: array, expression: { op: "array", type: array, elements, span } };
}
