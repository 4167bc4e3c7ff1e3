import type { IrPlace } from "../ir/expressions.ts";
import type { IrFunction, IrLocal } from "../ir/module.ts";
import { rootLocal, visit } from "../ir/walk.ts";

/** What a whole function says of its locals. */
export interface FunctionFacts {
  /** Assigned after its declaration, as a whole or in a part. */
  readonly assigned: ReadonlySet<IrLocal>;
  /** A reference to it, or to a part of it, is made. */
  readonly addressed: ReadonlySet<IrLocal>;
}

export function factsOf(definition: IrFunction): FunctionFacts {
  const assigned = new Set<IrLocal>();
  const addressed = new Set<IrLocal>();
  const note = (set: Set<IrLocal>, place: IrPlace): void => {
    const local = rootLocal(place);
    if (local !== undefined) set.add(local);
  };
  visit(definition.body, {
    statement: (statement) => {
      if (statement.op === "assign") note(assigned, statement.place);
    },
    expression: (expression) => {
      if (expression.op === "address") note(addressed, expression.place);
      if (expression.op === "elementOrNull") note(addressed, expression.base);
      if (expression.op === "atomic") note(addressed, expression.place);
    },
  });
  return { assigned, addressed };
}
