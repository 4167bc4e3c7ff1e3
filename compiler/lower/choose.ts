import * as D from "../diagnostics/types.ts";
import type { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression, IrPlace } from "../ir/expressions.ts";
import type { IrStatement } from "../ir/statements.ts";
import type { ArrayType, BoolType, IntType, IrType, RefType, StructType } from "../ir/types.ts";
import { commonType } from "./arithmetic.ts";
import { adopt, describe, read, settle, toScalar, widens } from "./coerce.ts";
import type { Fact, FunctionContext } from "./context.ts";
import { Flow } from "./flow.ts";
import { join, whole } from "./interval.ts";
import { useOwners } from "./resources.ts";
import {
  failed,
  type LiteralValue,
  type Provenance,
  type ScalarValue,
  type SourceType,
  type Value,
} from "./value.ts";

/** One of two ways an expression may go: what it runs, and what it gives. */
export interface Branch {
  readonly body: IrStatement[];
  readonly value: Value;
  readonly node: ts.Node;
}

/** Lowers both ways of a choice, each under what the condition says, and joins what is known after them. */
export function branches(
  cx: FunctionContext,
  ways: readonly [
    { facts: readonly Fact[]; node: ts.Node; lower: () => Value },
    { facts: readonly Fact[]; node: ts.Node; lower: () => Value },
  ],
): readonly [Branch, Branch] {
  const before = cx.flow;
  const ends: Flow[] = [];
  const [a, b] = ways.map(({ facts, node, lower }) => {
    cx.flow = before.clone();
    cx.assume(facts);
    const branch = cx.scope(() => read(cx, lower(), cx.span(node)));
    ends.push(cx.flow);
    return { ...branch, node };
  }) as [Branch, Branch];
  cx.flow = Flow.merge(ends);
  return [a, b];
}

/** The value of `condition ? a : b`. */
export function choose(
  cx: FunctionContext,
  condition: IrExpression,
  a: Branch,
  b: Branch,
  node: ts.Node,
  expected: SourceType | undefined,
): Value {
  if (a.value.kind === "error" || b.value.kind === "error") return failed;
  if (isNumber(a.value) && isNumber(b.value)) {
    const pair = sameScalars(cx, a.value, b.value, a, b, expected);
    return pair ? joinScalars(cx, condition, a.body, b.body, pair[0], pair[1], node) : failed;
  }
  const scalar = scalarType(a.value) ?? scalarType(b.value);
  if (scalar) return chooseOptional(cx, condition, a, b, scalar, node);
  return chooseReference(cx, condition, a, b, node);
}

function isNumber(value: Value): value is ScalarValue | LiteralValue {
  return value.kind === "scalar" || value.kind === "literal";
}

function scalarType(value: Value): IntType | BoolType | undefined {
  if (value.kind === "optional" || value.kind === "scalar") return value.type;
  if (value.kind === "literal") return value.syntax === "bigint" ? ir.u64 : ir.u32;
  return undefined;
}

/** Two numbers in one type: the one that is expected, the wider of both, or what arithmetic gives. */
function sameScalars(
  cx: FunctionContext,
  left: ScalarValue | LiteralValue,
  right: ScalarValue | LiteralValue,
  a: Branch,
  b: Branch,
  expected: SourceType | undefined,
): readonly [ScalarValue, ScalarValue] | undefined {
  const leftSpan = cx.span(a.node);
  const rightSpan = cx.span(b.node);
  const target =
    expected?.kind === "value" && (expected.type.kind === "int" || expected.type.kind === "bool")
      ? expected.type
      : undefined;
  if (target) {
    const first = toScalar(cx, left, target, leftSpan);
    const second = toScalar(cx, right, target, rightSpan);
    if (!first || !second) return undefined;
    return [
      { ...rangeOf(left), kind: "scalar", type: target, expression: first },
      { ...rangeOf(right), kind: "scalar", type: target, expression: second },
    ];
  }
  if (left.kind === "literal" && right.kind === "literal") {
    const signed = left.value < 0n || right.value < 0n;
    const type = left.syntax === "bigint" ? (signed ? ir.i64 : ir.u64) : signed ? ir.i32 : ir.u32;
    const first = adopt(cx, left, type, leftSpan);
    const second = adopt(cx, right, type, rightSpan);
    return first && second && [first, second];
  }
  if (left.kind === "scalar" && right.kind === "scalar") {
    if (ir.sameType(left.type, right.type)) return [left, right];
    if (left.type.kind === "bool" || right.type.kind === "bool") {
      cx.report(D.mismatch(rightSpan, describe(right), describe(left)));
      return undefined;
    }
    if (widens(left.type, right.type) && !right.type.enum) {
      return [{ ...left, type: right.type, expression: ir.convert(left.expression, right.type) }, right];
    }
    if (widens(right.type, left.type) && !left.type.enum) {
      return [left, { ...right, type: left.type, expression: ir.convert(right.expression, left.type) }];
    }
  }
  const known = left.kind === "scalar" ? left : right.kind === "scalar" ? right : undefined;
  if (known?.type.kind === "bool") {
    cx.report(D.mismatch(rightSpan, describe(right), describe(left)));
    return undefined;
  }
  if (known?.type.kind === "int" && (left.kind === "literal" || right.kind === "literal")) {
    const fits = (value: LiteralValue, type: IntType) =>
      value.value >= ir.minimum(type) && value.value <= ir.maximum(type);
    const loose = left.kind === "literal" ? left : (right as LiteralValue);
    const type = fits(loose, known.type) ? known.type : undefined;
    if (type) {
      const adopted = adopt(cx, loose, type, left.kind === "literal" ? leftSpan : rightSpan);
      if (!adopted) return undefined;
      return left.kind === "literal" ? [adopted, known] : [known, adopted];
    }
  }
  const common = commonType(cx, { left, right, leftSpan, rightSpan }, rightSpan, true);
  return common && [common.left, common.right];
}

function rangeOf(value: ScalarValue | LiteralValue) {
  if (value.kind === "literal") return { range: { min: value.value, max: value.value } };
  return value.range ? { range: value.range } : {};
}

function joinScalars(
  cx: FunctionContext,
  condition: IrExpression,
  bodyA: readonly IrStatement[],
  bodyB: readonly IrStatement[],
  a: ScalarValue,
  b: ScalarValue,
  node: ts.Node,
): ScalarValue {
  const [expression] = joinExpressions(
    cx,
    condition,
    bodyA,
    bodyB,
    [{ name: "choice", type: a.type, a: a.expression, b: b.expression }],
    node,
  );
  const range =
    a.type.kind === "int" ? { range: join(a.range ?? whole(a.type), b.range ?? whole(a.type)) } : {};
  return { kind: "scalar", type: a.type, expression: expression as IrExpression, ...range };
}

interface Joined {
  readonly name: string;
  readonly type: IrType;
  readonly a: IrExpression;
  readonly b: IrExpression;
}

/** `select`s where the ways need no statements, otherwise locals that both ways of an `if` assign. */
function joinExpressions(
  cx: FunctionContext,
  condition: IrExpression,
  bodyA: readonly IrStatement[],
  bodyB: readonly IrStatement[],
  joined: readonly Joined[],
  node: ts.Node,
): IrExpression[] {
  const span = cx.span(node);
  if (bodyA.length === 0 && bodyB.length === 0) {
    return joined.map(({ a, b }) => ir.select(condition, a, b, span));
  }
  const locals = joined.map(({ name, type }) => cx.declare(name, type, undefined, span));
  const assign = (which: "a" | "b"): IrStatement[] =>
    joined.map((part, n) => ({
      op: "assign",
      place: ir.localPlace(locals[n] as (typeof locals)[number], span),
      value: part[which],
      span,
    }));
  cx.emit({
    op: "if",
    condition,
    then: [...bodyA, ...assign("a")],
    otherwise: [...bodyB, ...assign("b")],
    span,
  });
  return locals.map((local) => ir.loadLocal(local, span));
}

function chooseOptional(
  cx: FunctionContext,
  condition: IrExpression,
  a: Branch,
  b: Branch,
  type: IntType | BoolType,
  node: ts.Node,
): Value {
  const ways = [a, b].map((branch) => optionalOf(cx, branch, type));
  const [first, second] = ways;
  if (!first || !second) return failed;
  const [present, value] = joinExpressions(
    cx,
    condition,
    a.body,
    b.body,
    [
      { name: "present", type: ir.bool, a: first.present, b: second.present },
      { name: "choice", type, a: first.value, b: second.value },
    ],
    node,
  );
  return { kind: "optional", type, present: present as IrExpression, value: value as IrExpression };
}

function optionalOf(
  cx: FunctionContext,
  { value, node }: Branch,
  type: IntType | BoolType,
): { readonly present: IrExpression; readonly value: IrExpression } | undefined {
  const span = cx.span(node);
  if (value.kind === "optional" && ir.sameType(value.type, type)) return value;
  if (value.kind === "undefined")
    return { present: ir.truth(false, span), value: ir.constant(type, 0n, span) };
  if (value.kind === "literal" || value.kind === "scalar") {
    const expression = toScalar(cx, value, type, span);
    return expression && { present: ir.truth(true, span), value: expression };
  }
  cx.report(D.mismatch(span, describe(value), ir.typeName(type)));
  return undefined;
}

/** A reference that a value is, or where its copy would be. */
interface Target {
  readonly type: StructType | ArrayType | IntType | BoolType;
  readonly nullable: boolean;
  readonly readonly: boolean;
  readonly boxed: boolean;
  readonly provenance: Provenance | undefined;
  /** A copy that must be put into storage of the block around. */
  readonly copy: IrExpression | undefined;
  readonly reference: IrExpression | undefined;
}

function chooseReference(
  cx: FunctionContext,
  condition: IrExpression,
  a: Branch,
  b: Branch,
  node: ts.Node,
): Value {
  const span = cx.span(node);
  if (a.value.kind === "undefined" && b.value.kind === "undefined") return a.value;
  const first = targetOf(cx, a);
  const second = targetOf(cx, b);
  if (!first || !second) return failed;
  const known = first === "null" ? second : first;
  if (known === "null") return failed;
  for (const [side, branch] of [
    [first, a],
    [second, b],
  ] as const) {
    if (side === "null") continue;
    if (!ir.sameType(side.type, known.type) || side.boxed !== known.boxed) {
      cx.report(
        side.type.kind === "struct" && known.type.kind === "struct"
          ? D.otherStruct(cx.span(branch.node), side.type, known.type)
          : D.mismatch(cx.span(branch.node), describe(branch.value), ir.typeName(known.type)),
      );
      return failed;
    }
  }
  const sides = [first, second].filter((side) => side !== "null");
  const nullable = sides.length === 1 || sides.some((side) => side.nullable);
  const readonly = sides.some((side) => side.readonly);
  const provenance: Provenance = {
    memory: sides.find((side) => side.provenance)?.provenance?.memory ?? "stack",
    region: Math.max(...sides.map((side) => side.provenance?.region ?? cx.depth)),
    owners: [...new Set(sides.flatMap((side) => side.provenance?.owners ?? []))],
  };
  const type: RefType = ir.refTo(known.type, provenance.memory, { nullable, readonly });
  const bodies = [a, b].map((branch, n) => {
    const side = n === 0 ? first : second;
    if (side === "null") return { body: branch.body, value: ir.nullOf(type, span) as IrExpression };
    if (side.reference) return { body: branch.body, value: ir.convert(side.reference, type) };
    const storage = cx.declare("value", side.type, undefined, span);
    const place: IrPlace = ir.localPlace(storage, span);
    const fill: IrStatement = { op: "assign", place, value: side.copy as IrExpression, span };
    return {
      body: [...branch.body, fill],
      value: ir.convert(ir.address(place, "stack", readonly, span), type),
    };
  });
  const [one, other] = bodies as [(typeof bodies)[0], (typeof bodies)[0]];
  const [expression] = joinExpressions(
    cx,
    condition,
    one.body,
    other.body,
    [{ name: "choice", type, a: one.value, b: other.value }],
    node,
  );
  const reference = expression as IrExpression;
  if (nullable || known.boxed) {
    return { kind: "reference", type, expression: reference, boxed: known.boxed, provenance };
  }
  return { kind: "place", place: ir.derefPlace(reference, span), readonly, provenance };
}

function targetOf(cx: FunctionContext, { value, node }: Branch): Target | "null" | undefined {
  const span = cx.span(node);
  switch (value.kind) {
    case "undefined":
      return "null";
    case "aggregate":
      return {
        type: value.type,
        nullable: false,
        readonly: false,
        boxed: false,
        provenance: undefined,
        copy: value.expression,
        reference: undefined,
      };
    case "place": {
      useOwners(cx, value.provenance.owners, span);
      const type = value.place.type as StructType | ArrayType;
      const inner = value.provenance.region > cx.depth;
      return {
        type,
        nullable: false,
        readonly: value.readonly,
        boxed: false,
        provenance: inner ? undefined : value.provenance,
        copy: inner ? ir.load(value.place, span) : undefined,
        reference: inner ? undefined : ir.address(value.place, value.provenance.memory, value.readonly, span),
      };
    }
    case "reference":
      return {
        type: value.type.target as StructType | ArrayType | IntType | BoolType,
        nullable: value.type.nullable,
        readonly: value.type.readonly,
        boxed: value.boxed,
        provenance: value.provenance,
        copy: undefined,
        reference: value.expression,
      };
    default:
      if (value.kind !== "error") cx.report(D.notAChoice(span, describe(value)));
      return undefined;
  }
}

/** A literal or scalar in a type of its own. */
export function settled(
  cx: FunctionContext,
  value: ScalarValue | LiteralValue,
  node: ts.Node,
): ScalarValue | undefined {
  return value.kind === "literal" ? settle(cx, value, cx.span(node)) : value;
}
