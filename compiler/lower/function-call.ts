import * as C from "../diagnostics/constructs.ts";
import * as F from "../diagnostics/functions.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { RefType } from "../ir/types.ts";
import { isUndefined } from "./binary.ts";
import { describe, read, scalarOf, toScalar } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { declarationOf, type FunctionLike, lowerFunction, type ParameterShape } from "./functions.ts";
import { optionalParts, toReference } from "./rebind.ts";
import { movePackets, newResource } from "./resources.ts";
import { type FunctionValue, failed, type Provenance, type SourceType, type Value } from "./value.ts";

interface Argument {
  readonly shape: ParameterShape;
  readonly parts: readonly IrExpression[];
  readonly provenance?: Provenance;
}

/** A call of a function of the program: each use is lowered for the memory its references point to. */
export function callFunction(cx: FunctionContext, callee: FunctionValue, node: ts.CallExpression): Value {
  const declaration = declarationOf(callee.symbol);
  const span = cx.span(node);
  if (!declaration) {
    cx.report(C.notCallable(cx.span(node.expression), "a value"));
    return failed;
  }
  if (cx.constantOnly) {
    cx.report(F.callInConstant(span));
    return failed;
  }
  const typeArguments = inferTypeArguments(cx, declaration, node);
  if (!typeArguments) return failed;
  const found: (Argument | undefined)[] = [];
  for (const [position, parameter] of declaration.parameters.entries()) {
    const given = argumentFor(parameter, node.arguments[position]);
    const { body, value } = cx.capture(() => lowerArgument(cx, parameter, given, typeArguments, node));
    if (body.length > 0) keepEarlier(cx, found);
    cx.statements.push(...body);
    found.push(value);
  }
  const complete = found.filter((argument) => argument !== undefined);
  if (complete.length !== declaration.parameters.length) return failed;
  const lowered = lowerFunction(
    cx,
    callee.symbol,
    declaration,
    complete.map(({ shape }) => shape),
    typeArguments,
    node,
  );
  if (!lowered) return failed;
  if (lowered.movesPacket) movePackets(cx, callee.symbol.name, span);
  const call: IrExpression = {
    op: "call",
    type: lowered.function.result,
    function: lowered.function,
    arguments: complete.flatMap(({ parts }) => parts),
    span,
  };
  const { result } = lowered;
  switch (result.kind) {
    case "void":
      cx.emit({ op: "evaluate", expression: call, span });
      return { kind: "nothing" };
    case "scalar":
      return scalarOf(cx.temporary(callee.symbol.name, call));
    case "aggregate":
      return { kind: "aggregate", type: result.type, expression: cx.temporary(callee.symbol.name, call) };
    case "optional": {
      const local = cx.declare(callee.symbol.name, call.type, call, span);
      const [presentField, valueField] = result.struct.fields;
      if (!presentField || !valueField) return failed;
      const place = ir.localPlace(local, span);
      return {
        kind: "optional",
        type: result.type,
        present: ir.load(ir.fieldPlace(place, presentField, span), span),
        value: ir.load(ir.fieldPlace(place, valueField, span), span),
      };
    }
    case "reference": {
      const type = result.type;
      const reference = cx.temporary(callee.symbol.name, call);
      const sources = complete.flatMap(({ provenance }) => (provenance ? [provenance] : []));
      const owners = new Set(sources.flatMap((source) => source.owners));
      if (type.memory === "packet") owners.add(newResource(cx, "packet", undefined, span));
      const provenance: Provenance = {
        memory: type.memory,
        region: Math.max(0, ...sources.map((source) => source.region)),
        owners: [...owners],
      };
      if (type.nullable || result.boxed) {
        return { kind: "reference", type, expression: reference, boxed: result.boxed, provenance };
      }
      return { kind: "place", place: ir.derefPlace(reference, span), readonly: type.readonly, provenance };
    }
  }
}

/** As in JavaScript, `undefined` asks for the default too. */
function argumentFor(
  { initializer }: ts.ParameterDeclaration,
  argument: ts.Expression | undefined,
): ts.Expression | undefined {
  if (initializer === undefined) return argument;
  return argument === undefined || isUndefined(argument) ? initializer : argument;
}

/** A later argument has effects: what earlier ones read is kept. */
function keepEarlier(cx: FunctionContext, found: (Argument | undefined)[]): void {
  for (const [at, argument] of found.entries()) {
    if (!argument) continue;
    const parts = argument.parts.map((part) =>
      part.op === "constant" || part.type.kind === "context" ? part : cx.temporary("argument", part),
    );
    found[at] = { ...argument, parts };
  }
}

function lowerArgument(
  cx: FunctionContext,
  parameter: ts.ParameterDeclaration,
  given: ts.Expression | undefined,
  typeArguments: ReadonlyMap<ts.Type, SourceType>,
  call: ts.CallExpression,
): Argument | undefined {
  const declared = parameterType(cx, parameter, typeArguments);
  if (!declared) {
    if (given) cx.visit(given);
    return undefined;
  }
  const node = given ?? call;
  const span = cx.span(node);
  const value: Value = given ? cx.expression(given, declared) : { kind: "undefined" };
  switch (declared.kind) {
    case "value": {
      const { type } = declared;
      if (type.kind === "int" || type.kind === "bool") {
        const expression = toScalar(cx, value, type, span);
        return expression && { shape: { kind: "scalar", type }, parts: [expression] };
      }
      return reference(cx, value, ir.refTo(type, "stack", { readonly: declared.readonly }), false, node);
    }
    case "optional": {
      const { type } = declared;
      if (type.kind === "int" || type.kind === "bool") {
        const parts = optionalParts(cx, value, type, node);
        return parts && { shape: { kind: "optional", type }, parts: [parts.present, parts.value] };
      }
      const wanted = ir.refTo(type, "stack", { readonly: declared.readonly, nullable: true });
      return reference(cx, value, wanted, false, node);
    }
    case "box":
      return reference(
        cx,
        value,
        ir.refTo(declared.type, "stack", { nullable: declared.nullable }),
        true,
        node,
      );
    case "context":
      if (value.kind === "context") {
        return { shape: { kind: "context", name: value.name }, parts: [value.expression] };
      }
      break;
    case "map":
      if (value.kind === "map") {
        return { shape: { kind: "map", map: value.map, className: value.className }, parts: [] };
      }
      break;
    default:
      break;
  }
  if (value.kind !== "error") cx.report(F.argument(span, describe(read(cx, value, span))));
  return undefined;
}

function reference(
  cx: FunctionContext,
  value: Value,
  type: RefType,
  boxed: boolean,
  node: ts.Node,
): Argument | undefined {
  const lowered = toReference(cx, value, type, boxed, node);
  if (!lowered) return undefined;
  const memory = lowered.provenance.memory;
  return {
    shape: { kind: "reference", type: { ...type, memory }, boxed },
    parts: [lowered.expression],
    provenance: lowered.provenance,
  };
}

/** The type that a parameter is declared with; a function of the program has to say it. */
export function parameterType(
  cx: FunctionContext,
  parameter: ts.ParameterDeclaration,
  typeArguments: ReadonlyMap<ts.Type, SourceType>,
): SourceType | undefined {
  if (!parameter.type) {
    cx.report(F.parameterType(cx.span(parameter)));
    return undefined;
  }
  const type = cx.module.types.ofNode(parameter.type, typeArguments);
  if (type?.kind === "void") {
    cx.report(F.parameterType(cx.span(parameter)));
    return undefined;
  }
  if (!parameter.questionToken || !type) return type;
  return type.kind === "value" ? { ...type, kind: "optional" } : type;
}

/** Type parameters of a generic function, from the call: written, or as TypeScript inferred them. */
function inferTypeArguments(
  cx: FunctionContext,
  declaration: FunctionLike,
  node: ts.CallExpression,
): ReadonlyMap<ts.Type, SourceType> | undefined {
  const parameters = declaration.typeParameters ?? [];
  const found = new Map<ts.Type, SourceType>();
  for (const [position, parameter] of parameters.entries()) {
    const written = node.typeArguments?.[position];
    const inferred = written ? undefined : inferredTypeArgument(cx, node, position);
    if (!written && !inferred) cx.report(F.typeArguments(cx.span(node), parameter.name.text));
    const type = written
      ? cx.module.types.ofNode(written, cx.typeArguments)
      : inferred && cx.module.types.of(inferred, node, cx.typeArguments);
    if (!type) return undefined;
    found.set(cx.checker.getTypeAtLocation(parameter), type);
  }
  return found;
}

/** What TypeScript found; nothing where that is a plain `number` or `bigint`, which says no width. */
function inferredTypeArgument(
  cx: FunctionContext,
  node: ts.CallExpression,
  position: number,
): ts.Type | undefined {
  const signature = cx.checker.getResolvedSignature(node);
  const type = signature && cx.checker.getTypeArgumentsForResolvedSignature(signature)?.[position];
  if (!type || type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return undefined;
  // The base of an enum's constant is the enum; of literals, also of several, `number` or `bigint`.
  const { flags } = cx.checker.getBaseTypeOfLiteralType(type);
  return flags & (ts.TypeFlags.Number | ts.TypeFlags.BigInt) ? undefined : type;
}
