import type { Span } from "../diagnostics/diagnostic.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrLocal } from "../ir/module.ts";
import type { If, IrStatement, Using } from "../ir/statements.ts";
import type { ArrayType, IrType, RefType, StructType } from "../ir/types.ts";
import { bodiesOf } from "../ir/walk.ts";

type Enclosing = { readonly kind: "loop" | "switch" | "block"; readonly label: string | undefined } | Held;

interface Held {
  readonly kind: "using";
  readonly local: IrLocal;
  /** Absent where it is known at every place whether the reservation is held. */
  readonly owned: IrLocal | undefined;
}

/**
 * Turns `using` into a reservation and a release on every way out where it is still held.
 *
 * Where only the run of the program tells, a flag says so. The flag is a number of its own: testing the pointer instead is refused on 5.10 and
 * 6.1, because until Linux 6.2 the verifier takes a non-null pointer to such memory for possibly null again when it is compared, and sees
 * a path that leaks.
 */
export function lowerUsing(body: readonly IrStatement[]): IrStatement[] {
  return lower(body, []);
}

function lower(statements: readonly IrStatement[], around: readonly Enclosing[]): IrStatement[] {
  let held = around;
  return statements.flatMap((statement) => {
    const lowered = lowerStatement(statement, held);
    // From here to the end of this list there is nothing left to release.
    if (statement.op === "release") held = held.filter((outer) => !holds(outer, statement.local));
    return lowered;
  });
}

function holds(outer: Enclosing, local: IrLocal): outer is Held {
  return outer.kind === "using" && outer.local === local;
}

function lowerStatement(statement: IrStatement, around: readonly Enclosing[]): readonly IrStatement[] {
  switch (statement.op) {
    case "using":
      return lowerReservation(statement, around);
    case "release": {
      const held = around.find((outer) => holds(outer, statement.local));
      if (held?.kind !== "using") throw new Error(`${statement.local.name} is not held`);
      return held.owned === undefined ? [statement] : [statement, setOwned(held.owned, 0n, statement.span)];
    }
    case "return":
      return lowerReturn(statement, around);
    case "break":
      return [...releases(leftByBreak(statement.label, around), statement.span), statement];
    case "continue":
      return [...releases(leftByContinue(statement.label, around), statement.span), statement];
    case "if":
      return [
        {
          ...statement,
          then: lower(statement.then, around),
          ...(statement.otherwise === undefined ? {} : { otherwise: lower(statement.otherwise, around) }),
        },
      ];
    case "switch": {
      const inner = [...around, { kind: "switch", label: statement.label } as const];
      const cases = statement.cases.map((part) => ({ ...part, body: lower(part.body, inner) }));
      return [{ ...statement, cases }];
    }
    case "loop":
    case "rangeLoop":
      return [
        { ...statement, body: lower(statement.body, [...around, { kind: "loop", label: statement.label }]) },
      ];
    case "block":
      return [
        { ...statement, body: lower(statement.body, [...around, { kind: "block", label: statement.label }]) },
      ];
    default:
      return [statement];
  }
}

function lowerReservation(statement: Using, around: readonly Enclosing[]): readonly IrStatement[] {
  const { local, map, span } = statement;
  const type = local.type as RefType;
  const flag: IrLocal = { name: `${local.name}_owned`, type: ir.u64, span, opaque: true };
  const reserve: IrStatement = {
    op: "let",
    local,
    initial: {
      op: "helper",
      type: { ...type, nullable: true },
      helper: "ringbuf_reserve",
      arguments: [
        { pass: "value", value: { op: "mapReference", type: ir.nothing, map, span } },
        { pass: "value", value: ir.constant(ir.u64, BigInt(ir.sizeOf(type.target)), span) },
        { pass: "value", value: ir.constant(ir.u64, 0n, span) },
      ],
      span,
    },
    span,
  };
  const whole = (held: Held, start: readonly IrStatement[], rest: readonly IrStatement[]) => {
    const body = lower(rest, [...around, held]);
    const given = rest.some((inner) => inner.op === "release" && inner.local === local);
    const end = given || endsInJump(body) ? [] : [release(held, span)];
    return [{ op: "block", body: [reserve, ...start, ...body, ...end], span } as const];
  };
  const [first, ...rest] = statement.body;
  if (first !== undefined && leavesWhenNull(first, local)) {
    // The common shape: from here on it is held, and nothing has to be tested twice.
    const owned = releasedForSure(rest, local) ? undefined : flag;
    const test = { ...first, then: lower(first.then, around) };
    const start = [test, clear(local, type.target, span)];
    return whole(
      { kind: "using", local, owned },
      owned === undefined ? start : [...start, declareOwned(owned, 1n, span)],
      rest,
    );
  }
  const start: IrStatement[] = [
    declareOwned(flag, 0n, span),
    {
      op: "if",
      condition: ir.isPresent(ir.loadLocal(local, span), span),
      then: [clear(local, type.target, span), setOwned(flag, 1n, span)],
      span,
    },
  ];
  return whole({ kind: "using", local, owned: flag }, start, statement.body);
}

/** Every release either stands in the scope itself or in a branch that then returns: no two ways meet of which only one has released. */
function releasedForSure(body: readonly IrStatement[], local: IrLocal): boolean {
  const inBranch = (branch: readonly IrStatement[]): boolean => {
    const direct = branch.some((inner) => inner.op === "release" && inner.local === local);
    return (!direct || branch.at(-1)?.op === "return") && branch.every(within);
  };
  const within = (statement: IrStatement): boolean => bodiesOf(statement).every(inBranch);
  return body.every(within);
}

/** `if (!event) return …;` */
function leavesWhenNull(statement: IrStatement, local: IrLocal): statement is If {
  if (statement.op !== "if" || (statement.otherwise?.length ?? 0) > 0) return false;
  return isNullTest(statement.condition, local) && endsInJump(statement.then);
}

function isNullTest(condition: IrExpression, local: IrLocal): boolean {
  if (condition.op === "not") {
    const { operand } = condition;
    return operand.op === "compare" && operand.operator === "ne" && testsNull(operand, local);
  }
  return condition.op === "compare" && condition.operator === "eq" && testsNull(condition, local);
}

function testsNull(test: IrExpression & { readonly op: "compare" }, local: IrLocal): boolean {
  const { left, right } = test;
  return (
    right.op === "constant" &&
    right.value === 0n &&
    left.op === "load" &&
    left.place.place === "local" &&
    left.place.local === local
  );
}

function endsInJump(body: readonly IrStatement[]): boolean {
  const last = body.at(-1);
  return (
    last?.op === "return" ||
    last?.op === "break" ||
    last?.op === "continue" ||
    (last?.op === "block" && last.label === undefined && endsInJump(last.body))
  );
}

/** The ring buffer hands out what an earlier record left behind. */
function clear(local: IrLocal, type: IrType, span: Span): IrStatement {
  return {
    op: "assign",
    place: ir.derefPlace(ir.loadLocal(local, span), span),
    value: zero(type, span),
    span,
  };
}

function zero(type: IrType, span: Span): IrExpression {
  if (type.kind === "struct") return { op: "struct", type: type satisfies StructType, fields: [], span };
  if (type.kind === "array") return { op: "array", type: type satisfies ArrayType, elements: [], span };
  if (type.kind === "int" || type.kind === "bool") return ir.constant(type, 0n, span);
  throw new Error(`a record cannot be of type ${type.kind}`);
}

function declareOwned(owned: IrLocal, value: bigint, span: Span): IrStatement {
  return { op: "let", local: owned, initial: ir.constant(ir.u64, value, span), span };
}

function setOwned(owned: IrLocal, value: bigint, span: Span): IrStatement {
  return {
    op: "assign",
    place: ir.localPlace(owned, span),
    value: ir.constant(ir.u64, value, span),
    span,
  };
}

function release({ local, owned }: Held, span: Span): IrStatement {
  const discard: IrStatement = {
    op: "release",
    local,
    how: "discard",
    flags: ir.constant(ir.u64, 0n, span),
    span,
  };
  if (owned === undefined) return discard;
  const isOwned = ir.compare("ne", ir.loadLocal(owned, span), ir.constant(ir.u64, 0n, span), span);
  return { op: "if", condition: isOwned, then: [discard], span };
}

/** Innermost first. */
function releases(left: readonly Enclosing[], span: Span): readonly IrStatement[] {
  return [...left].reverse().flatMap((outer) => (outer.kind === "using" ? [release(outer, span)] : []));
}

/** The value is computed before anything is released: it may come out of a record. */
function lowerReturn(
  statement: IrStatement & { readonly op: "return" },
  around: readonly Enclosing[],
): readonly IrStatement[] {
  const given = releases(around, statement.span);
  const { value, span } = statement;
  if (given.length === 0 || value === undefined || value.op === "constant") return [...given, statement];
  const result: IrLocal = { name: "result", type: value.type, span };
  return [
    { op: "let", local: result, initial: value, span },
    ...given,
    { ...statement, value: ir.loadLocal(result, span) },
  ];
}

function leftByBreak(label: string | undefined, around: readonly Enclosing[]): readonly Enclosing[] {
  const target = around.findLastIndex((outer) =>
    outer.kind === "using"
      ? false
      : label === undefined
        ? outer.kind === "loop" || outer.kind === "switch"
        : outer.label === label,
  );
  return around.slice(target + 1);
}

function leftByContinue(label: string | undefined, around: readonly Enclosing[]): readonly Enclosing[] {
  const target = around.findLastIndex(
    (outer) => outer.kind === "loop" && (label === undefined || outer.label === label),
  );
  return around.slice(target + 1);
}
