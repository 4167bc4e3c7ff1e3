import type { IrLocal } from "../../ir/module.ts";
import type { IrStatement, Let, Loop, RangeLoop, Switch, Using } from "../../ir/statements.ts";
import type { RefType } from "../../ir/types.ts";
import { declareAggregate } from "./aggregates.ts";
import type { JsDeclaration, JsExpression, JsStatement } from "./ast.ts";
import {
  arrow,
  assign,
  binary,
  call,
  declare,
  evaluate,
  identifier,
  literal,
  method,
  nothing,
} from "./build.ts";
import { contextField, emitExpression, emitPeeked } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { writePlace } from "./places.ts";
import { accessName, isAggregate, isBigint } from "./scalars.ts";

export function emitStatements(f: FunctionEmitter, statements: readonly IrStatement[]): JsStatement[] {
  return statements.flatMap((statement) => emitStatement(f, statement));
}

function emitBlock(f: FunctionEmitter, statements: readonly IrStatement[]): JsStatement[] {
  return f.inBlock(() => emitStatements(f, statements));
}

function label(name: string | undefined): { readonly label?: string } {
  return name === undefined ? {} : { label: name };
}

function emitStatement(f: FunctionEmitter, s: IrStatement): readonly JsStatement[] {
  switch (s.op) {
    case "let":
      return emitLet(f, s);
    case "assign":
      return [evaluate(writePlace(f, s.place, () => emitPeeked(f, s.value)))];
    case "contextStore": {
      const context = emitExpression(f, s.context);
      const place = contextField(s.field, s.index);
      return [evaluate(method(context, "put", emitExpression(f, s.value), ...place))];
    }
    case "evaluate":
      return [evaluate(emitPeeked(f, s.expression))];
    case "if":
      return [
        {
          kind: "if",
          condition: emitExpression(f, s.condition),
          then: emitBlock(f, s.then),
          ...(s.otherwise === undefined ? {} : { otherwise: emitBlock(f, s.otherwise) }),
        },
      ];
    case "switch":
      return [emitSwitch(f, s)];
    case "loop":
      return emitLoop(f, s);
    case "rangeLoop":
      return [f.inBlock(() => emitRangeLoop(f, s))];
    case "break":
    case "continue":
      return [{ kind: s.op, ...label(s.label) }];
    case "return":
      return [{ kind: "return", ...(s.value === undefined ? {} : { value: emitExpression(f, s.value) }) }];
    case "block":
      return [{ kind: "block", ...label(s.label), body: emitBlock(f, s.body) }];
    case "using":
      return [{ kind: "block", body: f.inBlock(() => emitUsing(f, s)) }];
    case "release": {
      const reservation = identifier(f.nameOf(s.local));
      return [evaluate(method(reservation, s.how, emitExpression(f, s.flags)))];
    }
    case "log":
      return [
        evaluate(call("log", literal(s.site.id), ...s.arguments.map((value) => emitExpression(f, value)))),
      ];
  }
}

function emitLet(f: FunctionEmitter, s: Let): readonly JsStatement[] {
  const { local, initial } = s;
  if (initial !== undefined && (initial.op === "struct" || initial.op === "array")) {
    // The parts are printed after the name is taken, and cannot mean it: it is declared here.
    return declareAggregate(f, f.declare(local), initial);
  }
  const value = initialValue(f, local, s);
  const keyword = f.isVariable(local) && f.isAssigned(local) ? "let" : "const";
  return [declare(keyword, f.declare(local), value)];
}

function initialValue(f: FunctionEmitter, local: IrLocal, { initial }: Let): JsExpression {
  if (isAggregate(local.type)) {
    return initial === undefined
      ? call("allocate", f.module.sizeExpression(local.type))
      : emitExpression(f, initial);
  }
  const value = initial === undefined ? zeroOf(local) : emitExpression(f, initial);
  return f.isBoxed(local) ? call("box", literal(accessName(local.type)), value) : value;
}

function zeroOf({ type }: IrLocal): JsExpression {
  if (type.kind === "bool") return literal(false);
  if (type.kind === "int") return literal(isBigint(type) ? 0n : 0);
  return nothing;
}

function emitSwitch(f: FunctionEmitter, s: Switch): JsStatement {
  const wide = isBigint(s.subject.type);
  const boolean = s.subject.type.kind === "bool";
  const constant = (value: bigint): JsExpression =>
    literal(boolean ? value !== 0n : wide ? value : Number(value));
  return {
    kind: "switch",
    ...label(s.label),
    subject: emitExpression(f, s.subject),
    cases: s.cases.map((part) => ({
      values: part.values.map(constant),
      isDefault: part.isDefault,
      body: emitBlock(f, part.body),
    })),
  };
}

function emitLoop(f: FunctionEmitter, s: Loop): readonly JsStatement[] {
  return f.inBlock(() => {
    const initial = emitStatements(f, s.initial);
    const condition = emitExpression(f, s.condition);
    const updates = emitBlock(f, s.update);
    const simple = updates.flatMap((one) => (one.kind === "expression" ? [one.expression] : []));
    const before: JsStatement[] = [];
    let update: readonly JsExpression[] = simple;
    if (simple.length < updates.length) {
      const step = f.scope.take("step");
      before.push(declare("const", step, arrow([], updates)));
      update = [call(step)];
    }
    const [only, ...more] = initial;
    const body = emitBlock(f, s.body);
    // Closures would see another variable in each round, were it declared in the loop's head.
    if (before.length === 0 && more.length === 0 && only?.kind === "declare") {
      return [{ kind: "for", ...label(s.label), initial: only, condition, update, body }];
    }
    const loop: JsStatement = { kind: "for", ...label(s.label), condition, update, body };
    return initial.length + before.length === 0
      ? [loop]
      : [{ kind: "block", body: [...initial, ...before, loop] }];
  });
}

/** The bounds are evaluated once; the local is another one in each round. */
function emitRangeLoop(f: FunctionEmitter, s: RangeLoop): JsStatement {
  const start = emitExpression(f, s.start);
  const end = emitExpression(f, s.end);
  const known = (value: RangeLoop["start"]): bigint | undefined =>
    value.op === "constant" ? value.value : undefined;
  const from = known(s.start);
  const to = known(s.end);
  const variables: [string, JsExpression][] = [];
  const own = f.isBoxed(s.local) || f.isAssigned(s.local);
  const index = own ? f.scope.take("index") : f.declare(s.local);
  variables.push([index, start]);
  const limit = to === undefined ? f.scope.take("end") : undefined;
  if (limit !== undefined) variables.push([limit, end]);
  let condition = binary("<", identifier(index), limit === undefined ? end : identifier(limit));
  const update: JsExpression[] = [assign(identifier(index), binary("+", identifier(index), literal(1)))];
  if (from === undefined || to === undefined || to - from > BigInt(s.maxIterations)) {
    const round = f.scope.take("round");
    variables.push([round, literal(0)]);
    update.push(assign(identifier(round), binary("+", identifier(round), literal(1))));
    condition = binary("&&", condition, binary("<", identifier(round), literal(s.maxIterations)));
  }
  const body = f.inBlock(() => {
    const fresh: JsStatement[] = own ? [freshLocal(f, s.local, index)] : [];
    return [...fresh, ...emitStatements(f, s.body)];
  });
  const initial: JsDeclaration = { kind: "declare", keyword: "let", variables };
  return { kind: "for", ...label(s.label), initial, condition, update, body };
}

function freshLocal(f: FunctionEmitter, local: IrLocal, index: string): JsStatement {
  const value = identifier(index);
  return f.isBoxed(local)
    ? declare("const", f.declare(local), call("box", literal(accessName(local.type)), value))
    : declare("let", f.declare(local), value);
}

/** A reservation is given up at every way out of its scope, submitted or not: `close` discards what is still held. */
function emitUsing(f: FunctionEmitter, s: Using): JsStatement[] {
  const { target } = s.local.type as RefType;
  const reserve = method(identifier(f.module.mapName(s.map)), "reserve", f.module.sizeExpression(target));
  const name = f.declare(s.local);
  const close = method(identifier(f.module.mapName(s.map)), "close", identifier(name));
  return [
    declare("const", name, reserve),
    { kind: "try", body: emitBlock(f, s.body), finally: [evaluate(close)] },
  ];
}
