import type { IrExpression } from "../ir/expressions.ts";
import type { Assign, IrStatement, Loop, RangeLoop } from "../ir/statements.ts";
import { visit } from "../ir/walk.ts";
import type { CExpression, CStatement, CVariable } from "./c/ast.ts";
import { binary, identifier, ifStatement, number, unary, variable } from "./c/build.ts";
import { evaluate, evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { emitStatements } from "./statements.ts";

const breakStatement: CStatement = { kind: "break" };

/** `initial` and `update` in the header where they are one statement each, as people write it. */
export function emitLoop(f: FunctionEmitter, s: Loop): void {
  const counter = isCounted(s) ? undefined : f.name("iteration");
  const { result, after } = f.jumps.within("loop", s.label, () => f.scope(() => emitFor(f, s, counter)));
  const [only] = result;
  if (result.length === 1 && only !== undefined) f.push(only, ...after);
  else f.push({ kind: "block", body: result, span: s.span }, ...after);
}

function emitFor(f: FunctionEmitter, s: Loop, counter: string | undefined): void {
  const initial = f.capture(() => emitStatements(f, s.initial)).statements;
  const [first] = initial;
  const header =
    counter === undefined && initial.length === 1 && first?.kind === "variable" ? first : undefined;
  if (header === undefined) f.push(...initial);
  const condition = f.scoped(() => evaluate(f, s.condition));
  const simple = condition.statements.length === 0;
  const inner = f.jumps.within("block", undefined, () =>
    f.scope(() => {
      if (!simple) {
        const test = evaluate(f, s.condition);
        f.push(ifStatement(unary("!", test), [breakStatement], undefined, s.condition.span));
      }
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
    body: [...inner.result, ...inner.atEnd],
    span: s.span,
  });
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

/** Counts up from zero to a constant, so that the verifier sees every number, and leaves where the range ends. */
export function emitRangeLoop(f: FunctionEmitter, s: RangeLoop): void {
  const [start, end] = evaluateAll(f, [s.start, s.end]);
  if (start === undefined || end === undefined) throw new Error("range without an end");
  const type = f.unit.types.unsigned(32);
  const changed = f.facts.assigned.has(s.local) || f.facts.addressed.has(s.local);
  const fixedStart = s.start.op === "constant" ? Number(s.start.value) : undefined;
  const fixedEnd = s.end.op === "constant" ? Number(s.end.value) : undefined;
  if (fixedStart !== undefined) {
    const limit = Math.min(fixedStart + s.maxIterations, fixedEnd ?? Number.POSITIVE_INFINITY);
    if (!changed) f.bounds.set(s.local, limit);
  }
  const last =
    fixedEnd === undefined && !f.isStable(end) ? f.temporary("end", s.end.type, end, s.end.span) : end;
  const first =
    fixedStart === undefined && !f.isStable(start)
      ? f.temporary("start", s.start.type, start, s.start.span)
      : start;
  const { result, after } = f.jumps.within("loop", s.label, () => f.scoped(() => loopOf(first, last)));
  f.push(...result.statements, result.result, ...after);

  function loopOf(from: CExpression, to: CExpression): CStatement {
    const direct = fixedStart !== undefined && !changed;
    const counter = direct ? f.declare(s.local) : f.name("iteration");
    const begin = direct ? fixedStart : 0;
    const limit = direct
      ? Math.min(begin + s.maxIterations, fixedEnd ?? Number.POSITIVE_INFINITY)
      : s.maxIterations;
    if (direct) f.markStable(counter);
    const body = f.scope(() => {
      if (!direct) {
        const name = f.declare(s.local);
        f.push(
          variable(
            name,
            type,
            fixedStart === 0 ? identifier(counter) : binary("+", from, identifier(counter)),
            s.span,
          ),
        );
      }
      if (!direct || fixedEnd === undefined) {
        f.push(ifStatement(binary(">=", f.local(s.local), to), [breakStatement], undefined, s.end.span));
      }
      emitStatements(f, s.body);
    });
    return {
      kind: "for",
      initial: variable(counter, type, number(begin)),
      condition: binary("<", identifier(counter), number(Math.max(begin, limit))),
      update: { kind: "postIncrement", operand: identifier(counter) },
      body,
      span: s.span,
    };
  }
}
