import type { BinaryOperator, IrExpression } from "../../../compiler/ir/expressions.ts";
import type { IrFunction, IrGlobal, IrLocal } from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type { IntType } from "../../../compiler/ir/types.ts";
import * as t from "./ir.ts";
import { edges } from "./reference.ts";

// Random functions over integers: what they compute depends on the order in which everything happens, because any operand may call `bump`,
// which counts and answers with the count.

const { ir } = t;
const types = [ir.u8, ir.u16, ir.u32, ir.u64, ir.i8, ir.i16, ir.i32, ir.i64];
const binaries: readonly BinaryOperator[] = [
  "add",
  "sub",
  "mul",
  "div",
  "mod",
  "and",
  "or",
  "xor",
  "shl",
  "shr",
];
const comparisons = ["eq", "ne", "lt", "le", "gt", "ge"] as const;

export interface RandomWorld {
  readonly globals: readonly IrGlobal[];
  readonly functions: readonly IrFunction[];
  readonly counter: IrGlobal;
  readonly table: IrGlobal;
  readonly bump: IrFunction;
}

const tableLength = 8;

export function makeWorld(): RandomWorld {
  const counter: IrGlobal = {
    name: "counter",
    type: ir.u32,
    constant: false,
    initial: t.c(ir.u32, 1),
    span: t.span(),
  };
  const type = ir.arrayOf(ir.u32, tableLength);
  const table: IrGlobal = {
    name: "table",
    type,
    constant: false,
    initial: { op: "array", type, elements: [t.c(ir.u32, 3), t.c(ir.u32, 5)], span: t.span() },
    span: t.span(),
  };
  const by = t.local("by", ir.u32);
  const place = t.global(counter);
  const slot = t.element(t.global(table), t.binary("and", t.load(place), t.c(ir.u32, tableLength - 1)));
  const bump = t.define("bump", [by], ir.u32, [
    t.set(place, t.binary("add", t.binary("mul", t.load(place), t.c(ir.u32, 3)), t.get(by))),
    t.set(slot, t.binary("xor", t.load(slot), t.get(by))),
    t.give(t.load(place)),
  ]);
  return { counter, table, bump, globals: [counter, table], functions: [bump] };
}

/** Deterministic: the same seed gives the same function. */
export class RandomFunction {
  readonly #world: RandomWorld;
  readonly #inputs: (name: string) => IrExpression;
  #state: number;
  #locals: IrLocal[] = [];
  #loops = 0;
  #labels: string[] = [];

  constructor(seed: number, world: RandomWorld, inputs: (name: string) => IrExpression) {
    this.#state = seed >>> 0;
    this.#world = world;
    this.#inputs = inputs;
  }

  body(): IrStatement[] {
    const start: IrStatement[] = types.map((type, index) => {
      const local = t.local(`v${index}`, type);
      const initial = ir.convert(this.#inputs(index % 2 === 0 ? "mark" : "priority"), type);
      this.#locals.push(local);
      return t.declare(local, initial);
    });
    const middle = this.#statements(6, 2);
    const sum = this.#locals
      .slice(0, types.length)
      .map((local) => ir.convert(t.get(local), ir.u32))
      .reduce((left, right) => t.binary("xor", t.binary("mul", left, t.c(ir.u32, 31)), right));
    const all = t.binary("add", sum, t.load(t.global(this.#world.counter)));
    return [...start, ...middle, t.give(ir.convert(all, ir.i32))];
  }

  #below(limit: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % limit;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #statements(count: number, depth: number): IrStatement[] {
    const outer = this.#locals.length;
    const statements = Array.from({ length: 1 + this.#below(count) }, () => this.#statement(depth));
    this.#locals = this.#locals.slice(0, Math.max(outer, types.length));
    return statements;
  }

  #statement(depth: number): IrStatement {
    const kind = this.#below(depth > 0 ? 9 : 4);
    const target = this.#pick(this.#locals.slice(0, types.length));
    switch (kind) {
      case 4:
      case 5:
        return t.when(
          this.#truth(2),
          this.#statements(3, depth - 1),
          this.#below(2) === 0 ? undefined : this.#statements(2, depth - 1),
        );
      case 6:
        return this.#switch(depth);
      case 7:
        return this.#rangeLoop(depth);
      case 8:
        return this.#loop(depth);
      case 3: {
        const index = t.binary("and", this.#integer(ir.u32, 2), t.c(ir.u32, tableLength - 1));
        return t.set(t.element(t.global(this.#world.table), index), this.#integer(ir.u32, 3));
      }
      case 2: {
        const local = t.local("made", this.#pick(types));
        const statement = t.declare(local, this.#integer(local.type as IntType, 3));
        this.#locals.push(local);
        return statement;
      }
      default:
        if (this.#labels.length > 0 && this.#below(6) === 0) return t.when(this.#truth(1), [this.#jump()]);
        return t.set(t.at(target), this.#integer(target.type as IntType, 4));
    }
  }

  #jump(): IrStatement {
    const op = this.#pick(["break", "continue"] as const);
    if (this.#below(2) === 0) return { op, span: t.span() };
    return { op, label: this.#pick(this.#labels), span: t.span() };
  }

  #within(depth: number): { readonly label: string; readonly body: IrStatement[] } {
    const label = `loop${this.#loops++}`;
    this.#labels.push(label);
    const body = this.#statements(3, depth - 1);
    this.#labels.pop();
    return { label, body };
  }

  #switch(depth: number): IrStatement {
    const subject = this.#integer(ir.u8, 2);
    const bodies = Array.from({ length: 3 }, (_, index) => ({
      values: index === 2 ? [] : [BigInt(index), BigInt(index + 7)],
      isDefault: index === 2,
      // Some fall through into the next.
      body: [
        ...this.#statements(2, depth - 1),
        ...(this.#below(2) === 0 ? [{ op: "break", span: t.span() } as const] : []),
      ],
      span: t.span(),
    }));
    return { op: "switch", subject: t.binary("mod", subject, t.c(ir.u8, 10)), cases: bodies, span: t.span() };
  }

  #rangeLoop(depth: number): IrStatement {
    const local = t.local("i", ir.u32);
    const start =
      this.#below(2) === 0
        ? t.c(ir.u32, this.#below(3))
        : t.binary("and", this.#integer(ir.u32, 1), t.c(ir.u32, 15));
    const end = this.#below(2) === 0 ? t.c(ir.u32, this.#below(9)) : this.#integer(ir.u32, 1);
    this.#locals.push(local);
    const { label, body } = this.#within(depth);
    this.#locals = this.#locals.filter((one) => one !== local);
    return {
      op: "rangeLoop",
      local,
      start,
      end,
      maxIterations: 1 + this.#below(5),
      label,
      body,
      span: t.span(),
    };
  }

  #loop(depth: number): IrStatement {
    const local = t.local("n", ir.u32);
    const limit = 1 + this.#below(5);
    const { label, body } = this.#within(depth);
    const halves = this.#below(2) === 0;
    const step = halves
      ? t.binary("div", t.get(local), t.c(ir.u32, 3))
      : t.binary("add", t.get(local), t.c(ir.u32, 1));
    const condition = halves
      ? t.compare("ne", t.get(local), t.c(ir.u32, 0))
      : t.compare("lt", t.get(local), t.c(ir.u32, limit));
    // Half of them with a condition that does something.
    const full: IrExpression =
      this.#below(2) === 0
        ? condition
        : {
            op: "logical",
            type: ir.bool,
            operator: "and",
            left: condition,
            right: t.compare("ne", this.#bump(1), t.c(ir.u32, 7)),
            span: t.span(),
          };
    return {
      op: "loop",
      initial: [t.declare(local, t.c(ir.u32, halves ? 100 : 0))],
      condition: full,
      update: [t.set(t.at(local), step)],
      body,
      maxIterations: halves ? 6 : limit + 1,
      label,
      span: t.span(),
    };
  }

  #bump(depth: number): IrExpression {
    return t.call(this.#world.bump, this.#integer(ir.u32, depth - 1));
  }

  #truth(depth: number): IrExpression {
    if (depth <= 0) return t.c(ir.bool, this.#below(2));
    switch (this.#below(5)) {
      case 0:
        return { op: "not", type: ir.bool, operand: this.#truth(depth - 1), span: t.span() };
      case 1:
        return {
          op: "logical",
          type: ir.bool,
          operator: this.#pick(["and", "or"] as const),
          left: this.#truth(depth - 1),
          right: this.#truth(depth - 1),
          span: t.span(),
        };
      default: {
        const type = this.#pick(types);
        return t.compare(
          this.#pick(comparisons),
          this.#integer(type, depth - 1),
          this.#integer(type, depth - 1),
        );
      }
    }
  }

  #integer(type: IntType, depth: number): IrExpression {
    if (depth <= 0 || this.#below(8) === 0) return this.#leaf(type);
    switch (this.#below(8)) {
      case 0:
        return ir.convert(this.#integer(this.#pick(types), depth - 1), type);
      case 1:
        return {
          op: "unary",
          type,
          operator: this.#pick(["negate", "complement"] as const),
          operand: this.#integer(type, depth - 1),
          span: t.span(),
        };
      case 2:
        return {
          op: "select",
          type,
          condition: this.#truth(depth - 1),
          whenTrue: this.#integer(type, depth - 1),
          whenFalse: this.#integer(type, depth - 1),
          span: t.span(),
        };
      case 3:
        return ir.convert(this.#bump(depth), type);
      case 4:
        return ir.convert(this.#truth(depth - 1), type);
      default: {
        const operator = this.#pick(binaries);
        const shift = operator === "shl" || operator === "shr";
        const right = shift
          ? ir.convert(this.#integer(type, depth - 1), { ...type, signed: false })
          : this.#integer(type, depth - 1);
        return t.binary(operator, this.#integer(type, depth - 1), right);
      }
    }
  }

  #leaf(type: IntType): IrExpression {
    switch (this.#below(4)) {
      case 0:
        return t.c(type, this.#pick(edges(type)));
      case 1:
        return ir.convert(this.#inputs(this.#pick(["mark", "priority"])), type);
      case 2: {
        const index = t.c(ir.u32, this.#below(tableLength));
        return ir.convert(t.load(t.element(t.global(this.#world.table), index)), type);
      }
      default:
        return ir.convert(t.get(this.#pick(this.#locals)), type);
    }
  }
}
