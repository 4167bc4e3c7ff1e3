import type { Span } from "../diagnostics/diagnostic.ts";
import * as F from "../diagnostics/functions.ts";
import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { ArrayType, BoolType, IntType, IrType, RefType, StructType } from "../ir/types.ts";
import { describe, read, toScalar, toValue, widens } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { optionalParts } from "./rebind.ts";
import { useOwners } from "./resources.ts";
import type { SourceType, Value } from "./value.ts";

/** What a call of a function gives. */
export type Result =
  | { readonly kind: "void" }
  | { readonly kind: "scalar"; readonly type: IntType | BoolType }
  /** A struct or array that the function made: the caller gets a copy, and nobody else has it. */
  | { readonly kind: "aggregate"; readonly type: StructType | ArrayType }
  | { readonly kind: "optional"; readonly type: IntType | BoolType; readonly struct: StructType }
  /** A reference to something that was there before. */
  | { readonly kind: "reference"; readonly type: RefType; readonly boxed: boolean };

interface ReturnStatement {
  readonly op: "return";
  readonly span: Span;
  value?: IrExpression;
}

interface Returned {
  readonly statement: ReturnStatement;
  readonly value: Value;
  readonly node: ts.Node;
}

/** The `return`s of a function: their form is known when all have been seen. */
export class Results {
  readonly all: Returned[] = [];
  readonly declared: SourceType | undefined;
  readonly name: string;

  constructor(declared: SourceType | undefined, name: string) {
    this.declared = declared;
    this.name = name;
  }

  add(cx: FunctionContext, node: ts.Node, expression: ts.Expression | undefined): void {
    const span = cx.span(node);
    const raw: Value = expression ? cx.expression(expression, this.declared) : { kind: "nothing" };
    const value = read(cx, raw, expression ? cx.span(expression) : span);
    if (value.kind === "place") useOwners(cx, value.provenance.owners, span);
    const statement: ReturnStatement = { op: "return", span };
    this.all.push({ statement, value, node: expression ?? node });
    cx.emit(statement);
    cx.flow.reachable = false;
  }
}

export interface Finished {
  readonly type: IrType;
  readonly result: Result;
}

export function finishResults(
  cx: FunctionContext,
  results: Results,
  declaration: ts.SignatureDeclaration,
): Finished | undefined {
  const { all } = results;
  if (all.some(({ value }) => value.kind === "error")) return undefined;
  const falls = cx.flow.reachable;
  const result = decide(cx, results, falls && mayBeUndefined(cx, declaration), declaration);
  if (!result) return undefined;
  const type = typeOf(result);
  let complete = true;
  for (const { statement, value, node } of all) {
    if (result.kind === "void") continue;
    const expression = convert(cx, result, value, node);
    if (expression) statement.value = expression;
    else complete = false;
  }
  if (!complete) return undefined;
  const span = cx.span(declaration);
  if (falls && result.kind !== "void") {
    // Either the function ends without a value, which is `undefined`, or TypeScript has shown that it does not get here.
    const ending = convert(cx, result, { kind: "undefined" }, declaration, true) ?? zeroOf(type, span);
    cx.emit({ op: "return", value: ending, span });
  }
  fillUnreachable(cx, type);
  return { type, result };
}

/** Ways out that are never taken still need a value of the right type. */
export function fillUnreachable(cx: FunctionContext, type: IrType): void {
  for (const statement of cx.unreachableReturns) {
    if (type.kind !== "void") statement.value = zeroOf(type, statement.span);
  }
}

export function zeroOf(type: IrType, span: Span): IrExpression {
  switch (type.kind) {
    case "struct":
      return { op: "struct", type, fields: [], span };
    case "array":
      return { op: "array", type, elements: [], span };
    case "int":
    case "bool":
    case "ref":
      return ir.constant(type, 0n, span);
    case "void":
    case "context":
      return ir.constant(ir.i32, 0n, span);
  }
}

function mayBeUndefined(cx: FunctionContext, declaration: ts.SignatureDeclaration): boolean {
  const signature = cx.checker.getSignatureFromDeclaration(declaration);
  const type = signature && cx.checker.getReturnTypeOfSignature(signature);
  if (!type) return false;
  const empty = ts.TypeFlags.Undefined | ts.TypeFlags.Void;
  return (type.flags & empty) !== 0 || (type.isUnion() && type.types.some((part) => part.flags & empty));
}

function typeOf(result: Result): IrType {
  switch (result.kind) {
    case "void":
      return ir.nothing;
    case "optional":
      return result.struct;
    default:
      return result.type;
  }
}

function decide(
  cx: FunctionContext,
  results: Results,
  fallsThrough: boolean,
  declaration: ts.SignatureDeclaration,
): Result | undefined {
  const { declared, all } = results;
  if (declared) return decideDeclared(cx, declared, all, declaration);
  const valued = all.filter(({ value }) => value.kind !== "nothing");
  if (valued.length === 0) return { kind: "void" };
  const empty =
    fallsThrough || valued.length < all.length || valued.some(({ value }) => value.kind === "undefined");
  const scalar = commonScalar(cx, valued);
  if (scalar === "mistake") return undefined;
  if (scalar) {
    const optional = empty || valued.some(({ value }) => value.kind === "optional");
    return optional ? optionalResult(cx, scalar) : { kind: "scalar", type: scalar };
  }
  return decideReference(cx, valued, empty);
}

function decideDeclared(
  cx: FunctionContext,
  declared: SourceType,
  all: readonly Returned[],
  declaration: ts.SignatureDeclaration,
): Result | undefined {
  switch (declared.kind) {
    case "void":
      return { kind: "void" };
    case "value":
    case "optional": {
      const { type } = declared;
      if (type.kind === "int" || type.kind === "bool") {
        return declared.kind === "optional" ? optionalResult(cx, type) : { kind: "scalar", type };
      }
      const valued = all.filter(({ value }) => value.kind !== "nothing");
      if (valued.every(({ value }) => value.kind === "undefined")) {
        const reference = ir.refTo(type, "map", { nullable: true, readonly: declared.readonly });
        return { kind: "reference", type: reference, boxed: false };
      }
      const found = decideReference(cx, valued, declared.kind === "optional");
      if (found?.kind === "aggregate" && !ir.sameType(found.type, type)) {
        cx.report(D.mismatch(cx.span(declaration), ir.typeName(found.type), ir.typeName(type)));
        return undefined;
      }
      if (found?.kind !== "reference") return found;
      if (!ir.sameType(found.type.target, type)) {
        cx.report(
          found.type.target.kind === "struct" && type.kind === "struct"
            ? D.otherStruct(cx.span(declaration), found.type.target, type)
            : D.mismatch(cx.span(declaration), ir.typeName(found.type.target), ir.typeName(type)),
        );
        return undefined;
      }
      if (found.type.readonly && !declared.readonly) {
        cx.report(D.readonlyLost(cx.span(valued[0]?.node ?? declaration), ir.typeName(type)));
        return undefined;
      }
      return { ...found, type: { ...found.type, readonly: declared.readonly } };
    }
    case "box":
      return decideReference(cx, all, declared.nullable);
    default:
      cx.report(F.resultType(cx.span(declaration.type ?? declaration)));
      return undefined;
  }
}

function optionalResult(cx: FunctionContext, type: IntType | BoolType): Result {
  const struct = cx.module.types.structs.synthesize(`optional_${ir.typeName(type)}`, [
    { name: "present", type: ir.bool },
    { name: "value", type },
  ]);
  return { kind: "optional", type, struct };
}

/** The type that holds what every `return` gives; undefined where they are no scalars. */
function commonScalar(
  cx: FunctionContext,
  valued: readonly Returned[],
): IntType | BoolType | "mistake" | undefined {
  let common: IntType | BoolType | undefined;
  let signed = false;
  let wide = false;
  let literals = false;
  for (const { value, node } of valued) {
    if (value.kind === "literal") {
      literals = true;
      signed ||= value.value < 0n;
      wide ||= value.syntax === "bigint";
      continue;
    }
    if (value.kind !== "scalar" && value.kind !== "optional") continue;
    const { type } = value;
    if (!common || ir.sameType(common, type)) common = type;
    else if (common.kind === "int" && type.kind === "int" && widens(common, type)) common = type;
    else if (common.kind !== "int" || type.kind !== "int" || !widens(type, common)) {
      cx.report(F.differentResults(cx.span(node), ir.typeName(common), ir.typeName(type)));
      return "mistake";
    }
  }
  if (common || !literals) return common;
  if (wide) return signed ? ir.i64 : ir.u64;
  return signed ? ir.i32 : ir.u32;
}

function decideReference(
  cx: FunctionContext,
  valued: readonly Returned[],
  empty: boolean,
): Result | undefined {
  let fresh: Returned | undefined;
  let alias: Returned | undefined;
  let type: RefType | undefined;
  let made: StructType | ArrayType | undefined;
  let boxed = false;
  for (const returned of valued) {
    const { value, node } = returned;
    switch (value.kind) {
      case "undefined":
        break;
      case "aggregate":
        fresh = returned;
        made ??= value.type;
        break;
      case "place": {
        const target = value.place.type as StructType | ArrayType;
        if (value.provenance.region > 0) {
          fresh = returned;
          made ??= target;
        } else {
          alias = returned;
          type = merge(type, ir.refTo(target, value.provenance.memory, { readonly: value.readonly }));
        }
        break;
      }
      case "reference":
        if (value.provenance.region > 0) fresh = returned;
        else alias = returned;
        boxed ||= value.boxed;
        type = merge(type, value.type);
        break;
      default:
        cx.report(F.resultValue(cx.span(node), describe(value)));
        return undefined;
    }
  }
  if (fresh && (alias || empty || !made)) {
    cx.report(alias ? F.mixedResults(cx.span(fresh.node)) : F.localReturned(cx.span(fresh.node)));
    return undefined;
  }
  if (made) return { kind: "aggregate", type: made };
  if (!type) return undefined;
  return { kind: "reference", type: { ...type, nullable: type.nullable || empty }, boxed };
}

function merge(known: RefType | undefined, next: RefType): RefType {
  if (!known) return next;
  return {
    ...known,
    nullable: known.nullable || next.nullable,
    readonly: known.readonly || next.readonly,
    memory: known.memory === "packet" || next.memory === "packet" ? "packet" : known.memory,
  };
}

function convert(
  cx: FunctionContext,
  result: Result,
  given: Value,
  node: ts.Node,
  quiet = false,
): IrExpression | undefined {
  const span = cx.span(node);
  const value: Value = given.kind === "nothing" ? { kind: "undefined" } : given;
  switch (result.kind) {
    case "void":
      return undefined;
    case "scalar":
      if (quiet) return undefined;
      return toScalar(cx, value, result.type, span);
    case "aggregate":
      if (quiet) return undefined;
      return toValue(cx, value, result.type, span);
    case "optional": {
      const parts = optionalParts(cx, value, result.type, node);
      const [present, number] = result.struct.fields;
      if (!parts || !present || !number) return undefined;
      return {
        op: "struct",
        type: result.struct,
        fields: [
          { field: present, value: parts.present },
          { field: number, value: parts.value },
        ],
        span,
      };
    }
    case "reference": {
      if (value.kind === "undefined") return result.type.nullable ? ir.nullOf(result.type, span) : undefined;
      if (value.kind === "place") {
        if (ir.sameType(value.place.type, result.type.target)) {
          return ir.convert(
            ir.address(value.place, value.provenance.memory, value.readonly, span),
            result.type,
          );
        }
      } else if (value.kind === "reference" && ir.sameType(value.type.target, result.type.target)) {
        return ir.convert(value.expression, result.type);
      }
      cx.report(D.mismatch(span, describe(value), ir.typeName(result.type)));
      return undefined;
    }
  }
}
