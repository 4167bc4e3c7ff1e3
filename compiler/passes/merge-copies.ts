import { sameType } from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrLocal } from "../ir/module.ts";
import type { IrStatement, Let } from "../ir/statements.ts";
import { bodiesOf, rootLocal, visit } from "../ir/walk.ts";

/**
 * `let a = f(); let b = a;`, with no other use of `a`, becomes `let b = f();`, and `let a = f(); return a;` becomes `return f();`. Lowering
 * makes such pairs wherever a value must be computed before what comes next.
 */
export function mergeCopies(body: readonly IrStatement[]): IrStatement[] {
  const uses = countUses(body);
  return merge(body, (local) => uses.get(local) === 1);
}

function merge(body: readonly IrStatement[], isUsedOnce: (local: IrLocal) => boolean): IrStatement[] {
  const merged: IrStatement[] = [];
  for (const original of body) {
    const statement = withBodies(original, (inner) => merge(inner, isUsedOnce));
    const previous = merged.at(-1);
    const joined =
      previous?.op === "let" && previous.initial !== undefined && isUsedOnce(previous.local)
        ? join(previous, previous.initial, statement)
        : undefined;
    if (joined === undefined) merged.push(statement);
    else merged.splice(-1, 1, joined);
  }
  return merged;
}

/** The two statements as one, where the second only copies the first's local. */
function join(first: Let, value: IrExpression, second: IrStatement): IrStatement | undefined {
  if (first.local.opaque === true) return undefined;
  if (second.op === "let" && second.local.opaque !== true && isCopy(second.initial, first.local)) {
    return sameType(value.type, second.local.type) ? { ...second, initial: value } : undefined;
  }
  if (second.op === "return" && isCopy(second.value, first.local)) return { ...second, value };
  return undefined;
}

function isCopy(value: IrExpression | undefined, local: IrLocal): boolean {
  return value?.op === "load" && value.place.place === "local" && value.place.local === local;
}

/** How often each local is named, its declaration not counted; an assignment or a reference counts twice, for neither is a mere use. */
function countUses(body: readonly IrStatement[]): ReadonlyMap<IrLocal, number> {
  const uses = new Map<IrLocal, number>();
  const note = (local: IrLocal | undefined, times: number): void => {
    if (local !== undefined) uses.set(local, (uses.get(local) ?? 0) + times);
  };
  visit(body, {
    statement: (statement) => {
      if (statement.op === "assign") note(rootLocal(statement.place), 2);
      if (statement.op === "release" || statement.op === "using") note(statement.local, 2);
    },
    expression: (expression) => {
      if (expression.op === "address") note(rootLocal(expression.place), 2);
    },
    place: (place) => {
      if (place.place === "local") note(place.local, 1);
    },
  });
  return uses;
}

function withBodies(
  statement: IrStatement,
  transform: (body: readonly IrStatement[]) => IrStatement[],
): IrStatement {
  if (bodiesOf(statement).length === 0) return statement;
  switch (statement.op) {
    case "if":
      return {
        ...statement,
        then: transform(statement.then),
        ...(statement.otherwise === undefined ? {} : { otherwise: transform(statement.otherwise) }),
      };
    case "switch":
      return {
        ...statement,
        cases: statement.cases.map((part) => ({ ...part, body: transform(part.body) })),
      };
    case "loop":
      return {
        ...statement,
        initial: transform(statement.initial),
        body: transform(statement.body),
        update: transform(statement.update),
      };
    case "rangeLoop":
    case "block":
    case "using":
      return { ...statement, body: transform(statement.body) };
    default:
      return statement;
  }
}
