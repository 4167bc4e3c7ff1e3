import { alignOf } from "../ir/build.ts";
import type { ArrayValue, IrExpression, StructValue } from "../ir/expressions.ts";
import type { Assign, If, IrStatement, Let, Release, Return, Switch } from "../ir/statements.ts";
import { placeOperands } from "../ir/walk.ts";
import { declareAggregate, zeroOf } from "./aggregates.ts";
import { arrayResultMember } from "./array-results.ts";
import type { CCase, CStatement } from "./c/ast.ts";
import {
  addressOf,
  assign,
  call,
  dereference,
  emptyList,
  expressionStatement,
  identifier,
  ifStatement,
  member,
  number,
  VOID,
  variable,
  voidPointer,
} from "./c/build.ts";
import { constantOf } from "./constants.ts";
import { emitContextStore } from "./contexts.ts";
import { evaluate, evaluateAll, evaluateAllOnce, evaluateOnce } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { emitLog } from "./logs.ts";
import { emitLoop, emitRangeLoop } from "./loops.ts";
import { alignmentOf, declareValue, isLarge, isZero, storeValue } from "./memory.ts";
import { placeFrom } from "./places.ts";

type Emitters = {
  readonly [Op in IrStatement["op"]]: (
    f: FunctionEmitter,
    statement: Extract<IrStatement, { op: Op }>,
  ) => void;
};

const emitters: Emitters = {
  let: emitLet,
  assign: emitAssign,
  contextStore: emitContextStore,
  evaluate: (f, s) => {
    const value = evaluateOnce(f, s.expression);
    const effect = value.kind === "cast" ? value.operand : value;
    // What is left of an expression without effects is of no use.
    if (effect.kind === "call") f.push(expressionStatement(effect, s.span));
    if (effect.kind === "statements") {
      f.push({
        kind: "block",
        body: [...effect.body, expressionStatement(effect.value, s.span)],
        span: s.span,
      });
    }
  },
  if: emitIf,
  switch: emitSwitch,
  loop: emitLoop,
  rangeLoop: emitRangeLoop,
  break: (f, s) => f.push({ ...f.jumps.breakTo(s.label), span: s.span }),
  continue: (f, s) => f.push({ ...f.jumps.continueTo(s.label), span: s.span }),
  return: emitReturn,
  block: (f, s) => {
    const { result, after } = f.jumps.within("block", s.label, () =>
      f.scope(() => emitStatements(f, s.body)),
    );
    f.push({ kind: "block", body: result, span: s.span }, ...after);
  },
  using: (_, s) => {
    throw new Error(`the reservation ${s.local.name} was not lowered`);
  },
  release: emitRelease,
  log: emitLog,
};

export function emitStatements(f: FunctionEmitter, statements: readonly IrStatement[]): void {
  for (const statement of statements) {
    const emitter = emitters[statement.op] as (f: FunctionEmitter, statement: IrStatement) => void;
    emitter(f, statement);
  }
}

function emitLet(f: FunctionEmitter, s: Let): void {
  const { local, initial } = s;
  if (initial === undefined || initial.op === "struct" || initial.op === "array") {
    if (initial?.op === "struct" || initial?.op === "array") {
      const name = f.name(local.name);
      declareAggregate(f, name, initial, s.span);
      f.bind(local, name);
      return;
    }
    const aggregate = local.type.kind === "struct" || local.type.kind === "array";
    f.push(f.storage(f.declare(local), local.type, aggregate ? emptyList : number(0), s.span));
  } else {
    const { statements, result } = f.capture(() => evaluateOnce(f, initial, local.name));
    f.push(...statements);
    // The variable that the value was made in serves as the local.
    const made = statements.some(
      (statement) =>
        statement.kind === "variable" && result.kind === "identifier" && statement.name === result.name,
    );
    if (made && result.kind === "identifier") f.bind(local, result.name);
    else declareValue(f, f.declare(local), result, initial, s.span);
  }
  if (local.opaque === true) f.opaque(nameOf(f, s));
}

function nameOf(f: FunctionEmitter, s: Let): string {
  const variable = f.local(s.local);
  if (variable.kind !== "identifier") throw new Error("local is no variable");
  return variable.name;
}

function emitAssign(f: FunctionEmitter, s: Assign): void {
  if ((s.value.op === "struct" || s.value.op === "array") && emitFill(f, s, s.value)) return;
  const { before, last } = evaluateAllOnce(f, placeOperands(s.place), s.value);
  const target = placeFrom(f, s.place, before);
  storeValue(f, { place: target, alignment: alignmentOf(s.place) }, last, s.value, s.span);
  if (s.place.place === "local" && s.place.local.opaque === true && target.kind === "identifier") {
    f.opaque(target.name);
  }
}

/** A large place that becomes zero but for some fields; what it becomes never stands on the stack. */
function emitFill(f: FunctionEmitter, s: Assign, value: StructValue | ArrayValue): boolean {
  if (!isLarge(value.type)) return false;
  const zero = isZero(value);
  const fields = value.op === "struct" && value.base === undefined ? value.fields : [];
  const set = fields.filter((field) => !isZero(field.value));
  const isScalar = (e: IrExpression): boolean => e.type.kind !== "struct" && e.type.kind !== "array";
  if (!zero && (fields.length === 0 || !set.every((field) => isScalar(field.value)))) return false;
  const operands = placeOperands(s.place);
  const values = evaluateAll(f, [...operands, ...set.map((field) => field.value)]);
  const place = placeFrom(f, s.place, values.slice(0, operands.length));
  const target = f.isStable(addressOf(place)) ? place : dereference(f.addressVariable(place, value.type));
  // They may have been read from what is about to become zero.
  const parts = set.map((field, position) => {
    const part = values[operands.length + position];
    if (part === undefined) throw new Error("field without a value");
    return f.isStable(part) ? part : f.temporary(field.field.name, field.value, part);
  });
  storeValue(
    f,
    { place: target, alignment: alignmentOf(s.place) },
    target,
    zeroOf(value.type, s.span),
    s.span,
  );
  set.forEach(({ field }, position) => {
    const part = parts[position];
    if (part === undefined || value.op !== "struct") return;
    f.push(assign(member(target, f.unit.types.fieldName(value.type, field.name)), part, s.span));
  });
  return true;
}

function emitIf(f: FunctionEmitter, s: If): void {
  const condition = evaluate(f, s.condition);
  const then = f.scope(() => emitStatements(f, s.then));
  const otherwise = s.otherwise && f.scope(() => emitStatements(f, s.otherwise ?? []));
  f.push(ifStatement(condition, then, otherwise, s.span));
}

function emitSwitch(f: FunctionEmitter, s: Switch): void {
  const subject = evaluate(f, s.subject);
  const type = s.subject.type;
  const { result: cases, after } = f.jumps.within("switch", s.label, () =>
    s.cases.map((part): CCase => {
      const values = part.values.map((value) =>
        type.kind === "int" || type.kind === "bool" ? constantOf(f.unit.types, type, value) : number(value),
      );
      return {
        values,
        isDefault: part.isDefault,
        body: f.scope(() => emitStatements(f, part.body)),
        span: part.span,
      };
    }),
  );
  f.push({ kind: "switch", subject, cases, span: s.span }, ...after);
}

function emitReturn(f: FunctionEmitter, s: Return): void {
  const value = s.value && evaluateOnce(f, s.value);
  if (s.value?.type.kind !== "array" || value === undefined) {
    f.push({ kind: "return", value, span: s.span });
    return;
  }
  const name = f.name("result");
  f.push(variable(name, f.unit.resultType(s.value.type), undefined, s.span));
  const place = member(identifier(name), arrayResultMember);
  storeValue(f, { place, alignment: alignOf(s.value.type) }, value, s.value, s.span);
  f.push({ kind: "return", value: identifier(name), span: s.span });
}

const releases = { submit: "ringbuf_submit", discard: "ringbuf_discard" } as const;

function emitRelease(f: FunctionEmitter, s: Release): void {
  const flags = evaluate(f, s.flags);
  const helper = f.unit.helper(releases[s.how], {
    result: VOID,
    parameters: [voidPointer, f.unit.types.unsigned(64)],
  });
  f.push(expressionStatement(call(helper, f.local(s.local), flags), s.span) satisfies CStatement);
}
