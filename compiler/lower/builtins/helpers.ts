import type { Span } from "../../diagnostics/diagnostic.ts";
import * as P from "../../diagnostics/programs.ts";
import * as D from "../../diagnostics/types.ts";
import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { HelperArgument, IrExpression } from "../../ir/expressions.ts";
import type { IntType, IrType, RefType } from "../../ir/types.ts";
import { helperKinds, helperSince } from "../../kernel/availability.ts";
import type { HelperArgumentShape, HelperUse } from "../../kernel/helpers.ts";
import type { ProgramKindName } from "../../kernel/programs.ts";
import { kernelStructs } from "../../kernel/structs.ts";
import { isOlder } from "../../kernel/version.ts";
import { describe, read, scalarOf, scalarOrLiteral, settle, toScalar, toValue } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { optionalRead } from "../element-access.ts";
import { withEnum } from "../property-access.ts";
import { movePackets, useOwners } from "../resources.ts";
import { failed, type Value } from "../value.ts";

/** A call of a helper as `kernel/helpers.ts` describes it. */
export function callHelper(
  cx: FunctionContext,
  use: HelperUse,
  receiver: Value | undefined,
  name: string,
  node: ts.CallExpression,
): Value {
  const span = cx.span(node);
  if (!isAvailable(cx, use, name, node)) return failed;
  const output = use.arguments.some((shape) => shape.from === "output") ? outputType(cx, node) : undefined;
  const storage = output && cx.declare("loaded", output, undefined, span);
  const parts: HelperArgument[] = [];
  let complete = true;
  for (const shape of use.arguments) {
    const lowered = lowerArgument(cx, shape, receiver, parts, node, storage);
    if (lowered) parts.push(...lowered);
    else complete = false;
  }
  if (!complete) return failed;
  if (use.movesPacket) movePackets(cx, name, span);
  const call = (type: IrType): IrExpression => ({
    op: "helper",
    type,
    helper: use.helper,
    arguments: parts,
    span,
  });
  const { result } = use;
  switch (result.kind) {
    case "void":
      cx.emit({ op: "evaluate", expression: call(ir.nothing), span });
      return { kind: "nothing" };
    case "int": {
      const type = result.enum === undefined ? result.type : withEnum(cx, result.type, result.enum);
      return scalarOf(cx.temporary(name, call(type)));
    }
    case "reference": {
      const type: RefType = ir.refTo(kernelStructs[result.struct].layout, "kernel", {
        nullable: true,
        readonly: true,
      });
      const expression = cx.temporary(name, call(type));
      return {
        kind: "reference",
        type,
        expression,
        boxed: false,
        provenance: { memory: "kernel", region: 0, owners: [] },
      };
    }
    case "output": {
      if (!storage) return failed;
      const errno = cx.temporary("errno", call(ir.i32));
      const loaded = ir.compare("eq", errno, ir.constant(ir.i32, 0n, span), span);
      const type: RefType = ir.refTo(storage.type, "stack", { nullable: true });
      const place = ir.localPlace(storage, span);
      const reference = cx.temporary(
        "result",
        ir.select(
          loaded,
          ir.convert(ir.address(place, "stack", false, span), type),
          ir.nullOf(type, span),
          span,
        ),
      );
      if (storage.type.kind === "int" || storage.type.kind === "bool") {
        return optionalRead(cx, reference, storage.type, span);
      }
      const provenance = { memory: "stack", region: cx.depth, owners: [] } as const;
      return { kind: "reference", type, expression: reference, boxed: false, provenance };
    }
  }
}

function isAvailable(cx: FunctionContext, use: HelperUse, name: string, node: ts.CallExpression): boolean {
  if (cx.constantOnly) {
    cx.report(P.notConstantCall(cx.span(node), name));
    return false;
  }
  if (cx.program === undefined) return true;
  const since = helperSince(use.helper, cx.program as ProgramKindName);
  const { minKernel } = cx.module.options;
  if (!since) {
    cx.report(P.helperNotAvailable(cx.span(node.expression), name, cx.program, helperKinds(use.helper)));
    return false;
  }
  if (isOlder(minKernel, since)) {
    cx.report(P.needsKernel(cx.span(node.expression), `\`${name}\` in \`${cx.program}\``, since, minKernel));
    return false;
  }
  return true;
}

/** `load<T>(…)`: what is loaded. */
function outputType(cx: FunctionContext, node: ts.CallExpression): IrType | undefined {
  const [argument] = node.typeArguments ?? [];
  if (!argument) {
    cx.report(D.typeArgumentNeeded(cx.span(node), node.expression.getText()));
    return undefined;
  }
  const type = cx.module.types.ofNode(argument, cx.typeArguments);
  if (type && type.kind !== "value") {
    cx.report(D.unsupportedType(cx.span(argument), argument.getText()));
    return undefined;
  }
  return type?.type;
}

function lowerArgument(
  cx: FunctionContext,
  shape: HelperArgumentShape,
  receiver: Value | undefined,
  before: readonly HelperArgument[],
  node: ts.CallExpression,
  storage: { readonly type: IrType; readonly name: string; readonly span: Span } | undefined,
): HelperArgument[] | undefined {
  const span = cx.span(node);
  const value = (expression: IrExpression | undefined): HelperArgument[] | undefined =>
    expression && [{ pass: "value", value: expression }];
  const given = "parameter" in shape ? node.arguments[shape.parameter] : undefined;
  switch (shape.from) {
    case "receiver":
      return value(receiverOf(cx, receiver, node));
    case "constant":
      return value(ir.constant(shape.type, shape.value, span));
    case "parameter": {
      if (!given) return shape.optional ? value(ir.constant(shape.type, 0n, span)) : undefined;
      return value(toHelperInteger(cx, cx.expression(given), shape.type, cx.span(given)));
    }
    case "bits": {
      const bits = given && scalarOrLiteral(cx, cx.expression(given), cx.span(given));
      const scalar = bits?.kind === "literal" ? settle(cx, bits, cx.span(given ?? node)) : bits;
      return value(scalar && ir.convert(scalar.expression, ir.u64));
    }
    case "map": {
      if (!given) return undefined;
      const map = cx.expression(given);
      if (map.kind === "map")
        return value({ op: "mapReference", type: ir.nothing, map: map.map, span: cx.span(given) });
      if (map.kind !== "error") cx.report(P.notAMap(cx.span(given), describe(map)));
      return undefined;
    }
    case "key": {
      const map = before.find((argument) => argument.value.op === "mapReference")?.value;
      if (!given || map?.op !== "mapReference" || !map.map.key) return undefined;
      const key = keyValue(cx, given, map.map.key);
      return key && [{ pass: "pointer", value: key }];
    }
    case "value": {
      if (!given) return undefined;
      const lowered = storable(cx, given);
      return lowered && [{ pass: "pointer", value: lowered }];
    }
    case "output": {
      if (!storage) return undefined;
      // Passed as the address of the storage that the result is read from.
      return value(ir.address(ir.localPlace(storage, span), "stack", false, span));
    }
    case "size": {
      const measured = before.at(-1)?.value;
      if (!measured) return undefined;
      const type = measured.type.kind === "ref" ? measured.type.target : measured.type;
      return value(ir.constant(ir.u32, BigInt(ir.sizeOf(type)), span));
    }
    case "socketAddress":
      return socketAddress(cx, shape, node);
  }
}

function receiverOf(
  cx: FunctionContext,
  receiver: Value | undefined,
  node: ts.CallExpression,
): IrExpression | undefined {
  if (receiver?.kind === "context") return receiver.expression;
  if (receiver?.kind === "place") {
    useOwners(cx, receiver.provenance.owners, cx.span(node));
    return ir.address(receiver.place, receiver.provenance.memory, receiver.readonly, cx.span(node));
  }
  return undefined;
}

/** Flags and their combinations, enums and integers: plain numbers to a helper. */
export function toHelperInteger(
  cx: FunctionContext,
  raw: Value,
  type: IntType,
  span: Span,
): IrExpression | undefined {
  const value = scalarOrLiteral(cx, raw, span);
  if (!value) return undefined;
  if (value.kind === "literal") {
    const wide = type.bits === 64 ? "bigint" : "number";
    return toScalar(cx, { ...value, syntax: value.value === 0n ? wide : value.syntax }, type, span);
  }
  const from = value.type;
  const flags = from.kind === "int" && !from.bigEndian && !type.bigEndian && type.bits >= from.bits;
  if (flags && (from.enum || value.expression.op === "constant" || !from.signed)) {
    return ir.convert(value.expression, type);
  }
  return toScalar(cx, value, type, span);
}

export function keyValue(cx: FunctionContext, node: ts.Expression, type: IrType): IrExpression | undefined {
  const expected =
    type.kind === "int" || type.kind === "bool" || type.kind === "struct" || type.kind === "array"
      ? ({ kind: "value", type, readonly: false } as const)
      : undefined;
  return toValue(cx, cx.expression(node, expected), type, cx.span(node));
}

/** A value of whatever type it has: to be copied as bytes. */
function storable(cx: FunctionContext, node: ts.Expression): IrExpression | undefined {
  const span = cx.span(node);
  const value = read(cx, cx.expression(node), span);
  switch (value.kind) {
    case "scalar":
      return value.expression;
    case "literal":
      return settle(cx, value, span)?.expression;
    case "aggregate":
      return value.expression;
    case "place":
      useOwners(cx, value.provenance.owners, span);
      return ir.load(value.place, span);
    case "error":
      return undefined;
    default:
      cx.report(D.notStorable(span, describe(value)));
      return undefined;
  }
}

/** struct sockaddr_in and sockaddr_in6 (include/uapi/linux/in.h, in6.h), of 16 and 28 bytes. */
function socketAddress(
  cx: FunctionContext,
  shape: Extract<HelperArgumentShape, { from: "socketAddress" }>,
  node: ts.CallExpression,
): HelperArgument[] | undefined {
  const span = cx.span(node);
  const addressNode = node.arguments[shape.address];
  const portNode = node.arguments[shape.port];
  if (!addressNode || !portNode) return undefined;
  const { structs } = cx.module.types;
  const v4 = shape.family === 2;
  const addressType = v4 ? ir.be32 : ir.arrayOf(ir.be32, 4);
  const struct = v4
    ? structs.synthesize("sockaddr_in", [
        { name: "sin_family", type: ir.u16 },
        { name: "sin_port", type: ir.be16 },
        { name: "sin_addr", type: ir.be32 },
        { name: "sin_zero", type: ir.u64 },
      ])
    : structs.synthesize("sockaddr_in6", [
        { name: "sin6_family", type: ir.u16 },
        { name: "sin6_port", type: ir.be16 },
        { name: "sin6_flowinfo", type: ir.be32 },
        { name: "sin6_addr", type: ir.arrayOf(ir.be32, 4) },
        { name: "sin6_scope_id", type: ir.u32 },
      ]);
  const address = keyValue(cx, addressNode, addressType);
  const port = toScalar(
    cx,
    cx.expression(portNode, { kind: "value", type: ir.be16, readonly: false }),
    ir.be16,
    cx.span(portNode),
  );
  if (!address || !port) return undefined;
  const family = ir.constant(ir.u16, BigInt(shape.family), span);
  const values: Readonly<Record<string, IrExpression>> = v4
    ? { sin_family: family, sin_port: port, sin_addr: address }
    : { sin6_family: family, sin6_port: port, sin6_addr: address };
  const fields = struct.fields.flatMap((field) => {
    const value = values[field.name];
    return value ? [{ field, value }] : [];
  });
  return [
    { pass: "pointer", value: { op: "struct", type: struct, fields, span } },
    { pass: "value", value: ir.constant(ir.u32, BigInt(struct.size), span) },
  ];
}
