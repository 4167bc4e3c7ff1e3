import type { Assign, If, IrStatement, Let, Release, Return, Switch } from "../ir/statements.ts";
import { placeOperands } from "../ir/walk.ts";
import { declareAggregate } from "./aggregates.ts";
import type { CCase, CStatement } from "./c/ast.ts";
import {
  assign,
  call,
  emptyList,
  expressionStatement,
  identifier,
  ifStatement,
  number,
  VOID,
  voidPointer,
} from "./c/build.ts";
import { constantOf } from "./constants.ts";
import { emitContextStore } from "./contexts.ts";
import { evaluate, evaluateAllOnce, evaluateOnce } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { emitLog } from "./logs.ts";
import { emitLoop, emitRangeLoop } from "./loops.ts";
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
    if (effect.kind === "call" || effect.kind === "statements") f.push(expressionStatement(effect, s.span));
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
    else if (local.type.kind === "array") {
      const name = f.declare(local);
      f.push(f.storage(name, local.type, undefined, s.span));
      f.push(f.copy(identifier(name), result, local.type, s.span));
    } else f.push(f.storage(f.declare(local), local.type, result, s.span));
  }
  if (local.opaque === true) f.opaque(nameOf(f, s));
}

function nameOf(f: FunctionEmitter, s: Let): string {
  const variable = f.local(s.local);
  if (variable.kind !== "identifier") throw new Error("local is no variable");
  return variable.name;
}

function emitAssign(f: FunctionEmitter, s: Assign): void {
  const { before, last } = evaluateAllOnce(f, placeOperands(s.place), s.value);
  const target = placeFrom(f, s.place, before);
  f.push(
    s.place.type.kind === "array" ? f.copy(target, last, s.place.type, s.span) : assign(target, last, s.span),
  );
  if (s.place.place === "local" && s.place.local.opaque === true && target.kind === "identifier") {
    f.opaque(target.name);
  }
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
  f.push({ kind: "return", value, span: s.span });
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
