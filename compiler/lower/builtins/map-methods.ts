import * as C from "../../diagnostics/constructs.ts";
import * as R from "../../diagnostics/disposables.ts";
import { possiblyUndefined } from "../../diagnostics/nullability.ts";
import * as P from "../../diagnostics/programs.ts";
import * as D from "../../diagnostics/types.ts";
import { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { HelperArgument, IrExpression } from "../../ir/expressions.ts";
import type { IrMap } from "../../ir/module.ts";
import type { IrType, RefType } from "../../ir/types.ts";
import { helperKinds, helperSince } from "../../kernel/availability.ts";
import type { HelperName } from "../../kernel/helpers.ts";
import { mapClass } from "../../kernel/maps.ts";
import type { ProgramKindName } from "../../kernel/programs.ts";
import { describe, scalarOf } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { optionalRead } from "../element-access.ts";
import { useOwners } from "../resources.ts";
import { everlasting, failed, type MapValue, type Value } from "../value.ts";
import { keyValue, toHelperInteger } from "./helpers.ts";

type MapMethod = (cx: FunctionContext, receiver: MapValue, node: ts.CallExpression) => Value;

const methods: ReadonlyMap<string, MapMethod> = new Map<string, MapMethod>([
  ["get", (cx, receiver, node) => lookup(cx, receiver, node, false)],
  ["ref", (cx, receiver, node) => lookup(cx, receiver, node, true)],
  ["has", has],
  ["set", set],
  ["delete", remove],
  ["getOrCreate", (cx, receiver, node) => storageGet(cx, receiver, node, true, false)],
  ["output", output],
  ["reserve", reserve],
  ["query", query],
]);

export function lowerMapMethod(
  cx: FunctionContext,
  receiver: MapValue,
  name: string,
  node: ts.CallExpression,
): Value {
  const method = methods.get(name);
  if (!method) {
    cx.report(C.unsupportedLibrary(cx.span(node.expression), `${receiver.className}.${name}`));
    return failed;
  }
  if (cx.constantOnly) {
    cx.report(P.notConstantCall(cx.span(node), name));
    return failed;
  }
  return method(cx, receiver, node);
}

function lookup(cx: FunctionContext, receiver: MapValue, node: ts.CallExpression, live: boolean): Value {
  const { map } = receiver;
  if (map.type === "sk_storage") return storageGet(cx, receiver, node, false, live);
  const [keyNode] = node.arguments;
  if (!keyNode || !map.key || !map.value) return failed;
  const key = keyValue(cx, keyNode, map.key);
  if (!key) return failed;
  const span = cx.span(node);
  const type: RefType = ir.refTo(map.value, "map", { nullable: true });
  const reference = cx.temporary("entry", { op: "mapLookup", type, map, key, span });
  return found(cx, reference, type, live, node);
}

/** A struct is a live reference; a scalar is copied now, unless its reference was asked for. */
function found(
  cx: FunctionContext,
  reference: IrExpression,
  type: RefType,
  live: boolean,
  node: ts.CallExpression,
): Value {
  const { target } = type;
  if (target.kind === "int" || target.kind === "bool") {
    if (!live) return optionalRead(cx, reference, target, cx.span(node));
    return { kind: "reference", type, expression: reference, boxed: true, provenance: everlasting };
  }
  return { kind: "reference", type, expression: reference, boxed: false, provenance: everlasting };
}

function has(cx: FunctionContext, { map }: MapValue, node: ts.CallExpression): Value {
  const [keyNode] = node.arguments;
  if (!keyNode || !map.key || !map.value) return failed;
  const key = keyValue(cx, keyNode, map.key);
  if (!key) return failed;
  const span = cx.span(node);
  const type: RefType = ir.refTo(map.value, "map", { nullable: true });
  const reference = cx.temporary("entry", { op: "mapLookup", type, map, key, span });
  return { kind: "scalar", type: ir.bool, expression: ir.isPresent(reference, span) };
}

function set(cx: FunctionContext, { map }: MapValue, node: ts.CallExpression): Value {
  const [keyNode, valueNode, flagsNode] = node.arguments;
  if (!keyNode || !valueNode || !map.key || !map.value) return failed;
  const span = cx.span(node);
  const key = keyValue(cx, keyNode, map.key);
  const { value: rest, body } = cx.capture(() => {
    const value = keyValue(cx, valueNode, map.value as IrType);
    const flags = flagsOf(cx, flagsNode, node);
    return value && flags && { value, flags };
  });
  const kept = key && body.length > 0 && key.op !== "constant" ? cx.temporary("key", key) : key;
  cx.statements.push(...body);
  if (!kept || !rest) return failed;
  return scalarOf(cx.temporary("errno", { op: "mapUpdate", type: ir.i32, map, key: kept, ...rest, span }));
}

function remove(cx: FunctionContext, receiver: MapValue, node: ts.CallExpression): Value {
  const { map } = receiver;
  const [keyNode] = node.arguments;
  if (!keyNode || !map.key) return failed;
  const span = cx.span(node);
  if (map.type === "sk_storage") {
    if (!available(cx, "sk_storage_delete", "delete", node)) return failed;
    const socket = socketOf(cx, keyNode);
    if (!socket) return failed;
    const parts = [byValue(reference(map, span)), byValue(socket)];
    return scalarOf(
      cx.temporary("errno", {
        op: "helper",
        type: ir.i32,
        helper: "sk_storage_delete",
        arguments: parts,
        span,
      }),
    );
  }
  const key = keyValue(cx, keyNode, map.key);
  if (!key) return failed;
  return scalarOf(cx.temporary("errno", { op: "mapDelete", type: ir.i32, map, key, span }));
}

function byValue(value: IrExpression): HelperArgument {
  return { pass: "value", value };
}

function reference(map: IrMap, span: ReturnType<FunctionContext["span"]>): IrExpression {
  return { op: "mapReference", type: ir.nothing, map, span };
}

function flagsOf(
  cx: FunctionContext,
  node: ts.Expression | undefined,
  call: ts.CallExpression,
): IrExpression | undefined {
  if (!node) return ir.constant(ir.u64, 0n, cx.span(call));
  return toHelperInteger(cx, cx.expression(node), ir.u64, cx.span(node));
}

function available(cx: FunctionContext, helper: HelperName, name: string, node: ts.CallExpression): boolean {
  if (cx.program === undefined || helperSince(helper, cx.program as ProgramKindName)) return true;
  cx.report(P.helperNotAvailable(cx.span(node.expression), name, cx.program, helperKinds(helper)));
  return false;
}

/** BPF_SK_STORAGE_GET_F_CREATE (include/uapi/linux/bpf.h). */
const create = 1n;

function storageGet(
  cx: FunctionContext,
  { map }: MapValue,
  node: ts.CallExpression,
  make: boolean,
  live: boolean,
): Value {
  const [socketNode] = node.arguments;
  if (!socketNode || !map.value || !available(cx, "sk_storage_get", "get", node)) return failed;
  const socket = socketOf(cx, socketNode);
  if (!socket) return failed;
  const span = cx.span(node);
  const type: RefType = ir.refTo(map.value, "map", { nullable: true });
  const nothing: RefType = ir.refTo(map.value, "map", { nullable: true });
  const parts = [
    byValue(reference(map, span)),
    byValue(socket),
    byValue(ir.nullOf(nothing, span)),
    byValue(ir.constant(ir.u64, make ? create : 0n, span)),
  ];
  const entry = cx.temporary("entry", {
    op: "helper",
    type,
    helper: "sk_storage_get",
    arguments: parts,
    span,
  });
  return found(cx, entry, type, live, node);
}

/** A socket that is there. */
function socketOf(cx: FunctionContext, node: ts.Expression): IrExpression | undefined {
  const span = cx.span(node);
  const value = cx.expression(node);
  if (value.kind === "place") {
    useOwners(cx, value.provenance.owners, span);
    return ir.address(value.place, value.provenance.memory, true, span);
  }
  if (value.kind === "reference") cx.report(possiblyUndefined(span, describe(value)));
  else if (value.kind !== "error") cx.report(D.mismatch(span, describe(value), "Socket"));
  return undefined;
}

function output(cx: FunctionContext, { map }: MapValue, node: ts.CallExpression): Value {
  const [valueNode, flagsNode] = node.arguments;
  if (!valueNode || !map.value) return failed;
  const span = cx.span(node);
  const value = keyValue(cx, valueNode, map.value);
  if (!value) return failed;
  const { body, value: flags } = cx.capture(() => flagsOf(cx, flagsNode, node));
  const kept = body.length > 0 ? cx.temporary("record", value) : value;
  cx.statements.push(...body);
  if (!flags) return failed;
  const parts: HelperArgument[] = [
    byValue(reference(map, span)),
    { pass: "pointer", value: kept },
    byValue(ir.constant(ir.u64, BigInt(ir.sizeOf(map.value)), span)),
    byValue(flags),
  ];
  return scalarOf(
    cx.temporary("errno", { op: "helper", type: ir.i32, helper: "ringbuf_output", arguments: parts, span }),
  );
}

function query(cx: FunctionContext, { map }: MapValue, node: ts.CallExpression): Value {
  const span = cx.span(node);
  const flags = flagsOf(cx, node.arguments[0], node);
  if (!flags) return failed;
  const parts = [byValue(reference(map, span)), byValue(flags)];
  return scalarOf(
    cx.temporary("amount", { op: "helper", type: ir.u64, helper: "ringbuf_query", arguments: parts, span }),
  );
}

/** Only `using` may take it: the declaration holds what this describes. */
function reserve(cx: FunctionContext, { map }: MapValue, node: ts.CallExpression): Value {
  if (!map.value) return failed;
  let parent: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  const taken =
    ts.isVariableDeclaration(parent) &&
    (parent.parent.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Using;
  if (!taken) {
    cx.report(R.notTaken(cx.span(node)));
    return failed;
  }
  return { kind: "reservation", map, record: map.value };
}

/** Whether the kernel finds every index below `maxEntries` there. */
export function isIndexed(className: string): boolean {
  return mapClass(className)?.indexed === true && className !== "SockMap";
}
