import type { IrExpression } from "../ir/expressions.ts";
import type { Assign, IrStatement, Loop, RangeLoop } from "../ir/statements.ts";
import { visit } from "../ir/walk.ts";
import type { CExpression, CStatement, CVariable } from "./c/ast.ts";
import { binary, identifier, ifStatement, number, unary, variable } from "./c/build.ts";
import { evaluate, evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { emitStatements } from "./statements.ts";

const breakStatement: CStatement = { kind: "break" };

/**
 * Loops of at most so many iterations are left to clang, which unrolls them. Longer ones, and those whose end is only known when the program
 * runs, count by an opaque variable of their own, apart from what the program sees: clang would compute trip counts by arithmetic that the
 * verifier cannot follow (an empty loop with two exits becomes an endless one behind a condition that never holds), walk by pointer to an
 * end that the verifier does not compare, or step from a value that the body has compared to the counter.
 */
const unrolled = 16;

/** `initial` and `update` in the header where they are one statement each, as people write it. */
export function emitLoop(f: FunctionEmitter, s: Loop): void {
  const counter = s.maxIterations <= unrolled && isCounted(s) ? undefined : f.name("iteration");
  const { statements, result: after } = f.scoped(() => emitFor(f, s, counter));
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) f.push(only, ...after);
  else f.push({ kind: "block", body: statements, span: s.span }, ...after);
}

/** What is returned belongs after the loop. */
function emitFor(f: FunctionEmitter, s: Loop, counter: string | undefined): readonly CStatement[] {
  const initial = f.capture(() => emitStatements(f, s.initial)).statements;
  const [first] = initial;
  const header =
    counter === undefined && initial.length === 1 && first?.kind === "variable" ? first : undefined;
  if (header === undefined) f.push(...initial);
  const condition = f.scoped(() => evaluate(f, s.condition));
  const simple = condition.statements.length === 0;
  const { result, atEnd, after } = f.jumps.within("loop", s.label, () =>
    f.scope(() => {
      if (!simple) {
        const test = evaluate(f, s.condition);
        f.push(ifStatement(unary("!", test), [breakStatement], undefined, s.condition.span));
      }
      if (counter !== undefined) f.opaque(counter);
      emitStatements(f, s.body);
    }),
  );
  const update = asExpression(f.scope(() => emitStatements(f, s.update)));
  f.push({
    kind: "for",
    initial: counter === undefined ? header : counterVariable(f, counter),
    condition: conditionOf(simple ? condition.result : undefined, counter, s.maxIterations),
    update:
      counter === undefined ? update : both(update, { kind: "postIncrement", operand: identifier(counter) }),
    body: [...result, ...atEnd],
    span: s.span,
  });
  return after;
}

function conditionOf(
  condition: CExpression | undefined,
  counter: string | undefined,
  maximum: number,
): CExpression | undefined {
  if (counter === undefined) return condition;
  const bound = binary("<", identifier(counter), number(maximum));
  return condition === undefined ? bound : binary("&&", bound, condition);
}

function counterVariable(f: FunctionEmitter, name: string): CVariable {
  return variable(name, f.unit.types.unsigned(32), number(0));
}

function both(first: CExpression | undefined, last: CExpression): CExpression {
  if (first === undefined) return last;
  return { kind: "statements", body: [{ kind: "expression", expression: first }], value: last };
}

/** Statements as one expression, for the header of a `for`. */
function asExpression(statements: readonly CStatement[]): CExpression | undefined {
  const [first] = statements;
  if (first === undefined) return undefined;
  if (statements.length === 1 && first.kind === "expression") return first.expression;
  return { kind: "statements", body: statements, value: number(0) };
}

/**
 * Whether the verifier finds the end by itself: a local that every iteration moves by a constant, tested against a constant. Any other
 * loop gets a counter of its own.
 */
function isCounted(s: Loop): boolean {
  const { condition } = s;
  if (condition.op !== "compare" || condition.right.op !== "constant") return false;
  if (condition.operator === "eq") return false;
  const left = condition.left;
  if (left.op !== "load" || left.place.place !== "local") return false;
  const local = left.place.local;
  const steps = s.update
    .filter((update): update is Assign => update.op === "assign")
    .filter((update) => update.place.place === "local" && update.place.local === local);
  let touched = false;
  visit(s.body, {
    statement: (inner: IrStatement) => {
      if (inner.op === "assign" && inner.place.place === "local" && inner.place.local === local)
        touched = true;
    },
    expression: (inner: IrExpression) => {
      if (inner.op === "address" && inner.place.place === "local" && inner.place.local === local)
        touched = true;
    },
  });
  const [step] = steps;
  if (touched || steps.length !== 1 || step === undefined) return false;
  const { value } = step;
  if (value.op !== "binary" || (value.operator !== "add" && value.operator !== "sub")) return false;
  const moved = value.left;
  return (
    moved.op === "load" &&
    moved.place.place === "local" &&
    moved.place.local === local &&
    value.right.op === "constant" &&
    value.right.value !== 0n
  );
}

const largest = 0xffff_ffff;

/** What is known of a range before the program runs. */
interface RangeBounds {
  readonly start: number | undefined;
  /** One more than the largest number, where the start is known. */
  readonly limit: number | undefined;
  /** The number of iterations at most. */
  readonly count: number;
  /** The loop takes exactly `count` iterations unless it is left. */
  readonly exact: boolean;
}

function boundsOf(s: RangeLoop): RangeBounds {
  const start = s.start.op === "constant" ? Number(s.start.value) : undefined;
  const end = s.end.op === "constant" ? Number(s.end.value) : undefined;
  if (start === undefined) return { start, limit: undefined, count: s.maxIterations, exact: false };
  const limit = Math.max(start, Math.min(start + s.maxIterations, end ?? largest));
  return { start, limit, count: limit - start, exact: end !== undefined };
}

/**
 * Counts up to a constant, so that the verifier sees every number, and leaves where the range ends.
 */
export function emitRangeLoop(f: FunctionEmitter, s: RangeLoop): void {
  const evaluated = evaluateAll(f, [s.start, s.end]);
  const [start, end] = evaluated.map((value, position) => {
    const from = position === 0 ? s.start : s.end;
    return f.isStable(value) ? value : f.temporary(position === 0 ? "start" : "end", from, value);
  });
  if (start === undefined || end === undefined) throw new Error("range without an end");
  const bounds = boundsOf(s);
  const { statements, result } = f.scoped(() => rangeLoop(f, s, bounds, start, end));
  f.push(...statements, ...result);
}

/** What is returned last belongs after the loop. */
function rangeLoop(
  f: FunctionEmitter,
  s: RangeLoop,
  bounds: RangeBounds,
  start: CExpression,
  end: CExpression,
): readonly CStatement[] {
  const type = f.unit.types.unsigned(32);
  const changed = f.facts.assigned.has(s.local) || f.facts.addressed.has(s.local);
  if (bounds.limit !== undefined && !changed) f.bounds.set(s.local, bounds.limit);
  const direct = bounds.exact && bounds.count <= unrolled && !changed;
  const counter = direct ? f.declare(s.local) : f.name("iteration");
  const first = direct ? (bounds.start ?? 0) : 0;
  if (direct) f.markStable(counter);
  const body = (): void => {
    if (!direct) {
      f.opaque(counter);
      const value = bounds.start === 0 ? identifier(counter) : binary("+", start, identifier(counter));
      const local = f.declare(s.local);
      f.push(variable(local, type, value, s.span));
      f.opaque(local);
      const past = binary(">=", identifier(local), end);
      if (!bounds.exact) f.push(ifStatement(past, [breakStatement], undefined, s.end.span));
    }
    emitStatements(f, s.body);
  };
  const { result, atEnd, after } = f.jumps.within("loop", s.label, () => f.scope(body));
  const loop: CStatement = {
    kind: "for",
    initial: variable(counter, type, number(first)),
    condition: binary("<", identifier(counter), number(first + bounds.count)),
    update: { kind: "postIncrement", operand: identifier(counter) },
    body: [...result, ...atEnd],
    span: s.span,
  };
  return [loop, ...after];
}
