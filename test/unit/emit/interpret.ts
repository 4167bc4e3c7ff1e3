import * as ir from "../../../compiler/ir/build.ts";
import type { IrExpression, IrPlace } from "../../../compiler/ir/expressions.ts";
import type { IrFunction, IrGlobal, IrLocal } from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type { IntType } from "../../../compiler/ir/types.ts";
import { binaryResult, compareResult } from "./reference.ts";

// The meaning of the part of the intermediate representation that has nothing to do with the kernel: integers, locals, globals, arrays,
// calls and control flow. Slow and plain, to compare with.

type Cell = { value: bigint | Cell[] };

type Outcome =
  | { readonly kind: "next" }
  | { readonly kind: "return"; readonly value: bigint }
  | { readonly kind: "break" | "continue"; readonly label: string | undefined };

const next: Outcome = { kind: "next" };

export class Interpreter {
  readonly #globals = new Map<IrGlobal, Cell>();
  readonly #inputs: ReadonlyMap<string, bigint>;

  /** `inputs` are the fields of the context. */
  constructor(inputs: ReadonlyMap<string, bigint>) {
    this.#inputs = inputs;
  }

  call(definition: IrFunction, args: readonly bigint[]): bigint {
    const frame = new Map<IrLocal, Cell>();
    definition.parameters.forEach((parameter, index) => {
      frame.set(parameter, { value: args[index] ?? 0n });
    });
    const outcome = this.#run(definition.body, frame);
    return outcome.kind === "return" ? outcome.value : 0n;
  }

  #run(body: readonly IrStatement[], frame: Map<IrLocal, Cell>): Outcome {
    for (const statement of body) {
      const outcome = this.#statement(statement, frame);
      if (outcome.kind !== "next") return outcome;
    }
    return next;
  }

  #statement(s: IrStatement, frame: Map<IrLocal, Cell>): Outcome {
    switch (s.op) {
      case "let":
        frame.set(s.local, s.initial === undefined ? zero(s.local.type) : this.#cell(s.initial, frame));
        return next;
      case "assign": {
        const place = this.#place(s.place, frame);
        place.value = this.#cell(s.value, frame).value;
        return next;
      }
      case "evaluate":
        this.#value(s.expression, frame);
        return next;
      case "if":
        return this.#run(this.#value(s.condition, frame) !== 0n ? s.then : (s.otherwise ?? []), frame);
      case "block": {
        const outcome = this.#run(s.body, frame);
        return leaves(outcome, s.label, false) ? next : outcome;
      }
      case "switch": {
        const subject = this.#value(s.subject, frame);
        let start = s.cases.findIndex((part) => part.values.includes(subject));
        if (start < 0) start = s.cases.findIndex((part) => part.isDefault);
        for (const part of start < 0 ? [] : s.cases.slice(start)) {
          const outcome = this.#run(part.body, frame);
          if (leaves(outcome, s.label, true)) return next;
          if (outcome.kind !== "next") return outcome;
        }
        return next;
      }
      case "loop":
        this.#run(s.initial, frame);
        for (; this.#value(s.condition, frame) !== 0n; this.#run(s.update, frame)) {
          const outcome = this.#run(s.body, frame);
          if (leaves(outcome, s.label, true)) return next;
          if (outcome.kind === "next" || continues(outcome, s.label)) continue;
          return outcome;
        }
        return next;
      case "rangeLoop": {
        const start = this.#value(s.start, frame);
        const end = this.#value(s.end, frame);
        for (let n = 0n; n < BigInt(s.maxIterations) && start + n < end; n++) {
          frame.set(s.local, { value: start + n });
          const outcome = this.#run(s.body, frame);
          if (leaves(outcome, s.label, true)) return next;
          if (outcome.kind === "next" || continues(outcome, s.label)) continue;
          return outcome;
        }
        return next;
      }
      case "break":
      case "continue":
        return { kind: s.op, label: s.label };
      case "return":
        return { kind: "return", value: s.value === undefined ? 0n : this.#value(s.value, frame) };
      default:
        throw new Error(`${s.op} is not interpreted`);
    }
  }

  #value(e: IrExpression, frame: Map<IrLocal, Cell>): bigint {
    const { value } = this.#cell(e, frame);
    if (typeof value !== "bigint") throw new Error("an aggregate is no number");
    return value;
  }

  #cell(e: IrExpression, frame: Map<IrLocal, Cell>): Cell {
    switch (e.op) {
      case "load":
        return copy(this.#place(e.place, frame));
      case "array": {
        const cells = zero(e.type);
        e.elements.forEach((element, index) => {
          (cells.value as Cell[])[index] = this.#cell(element, frame);
        });
        return cells;
      }
      default:
        return { value: this.#scalar(e, frame) };
    }
  }

  #scalar(e: IrExpression, frame: Map<IrLocal, Cell>): bigint {
    const value = (inner: IrExpression): bigint => this.#value(inner, frame);
    switch (e.op) {
      case "constant":
        return e.value;
      case "binary": {
        const left = value(e.left);
        return binaryResult(e.operator, e.type, left, value(e.right));
      }
      case "compare": {
        const left = value(e.left);
        return compareResult(e.operator, left, value(e.right)) ? 1n : 0n;
      }
      case "logical": {
        const left = value(e.left) !== 0n;
        return (e.operator === "and" ? left && value(e.right) !== 0n : left || value(e.right) !== 0n)
          ? 1n
          : 0n;
      }
      case "not":
        return value(e.operand) === 0n ? 1n : 0n;
      case "unary":
        return ir.wrap(e.type, e.operator === "negate" ? -value(e.operand) : ~value(e.operand));
      case "select":
        return value(e.condition) !== 0n ? value(e.whenTrue) : value(e.whenFalse);
      case "convert":
        return ir.wrap(e.type as IntType, value(e.operand));
      case "call": {
        const args = e.arguments.map(value);
        return this.call(e.function, args);
      }
      case "contextLoad":
        return this.#inputs.get(e.field) ?? 0n;
      default:
        throw new Error(`${e.op} is not interpreted`);
    }
  }

  #place(place: IrPlace, frame: Map<IrLocal, Cell>): Cell {
    switch (place.place) {
      case "local":
        return required(frame.get(place.local));
      case "global": {
        const cell = this.#globals.get(place.global) ?? this.#cell(place.global.initial, frame);
        this.#globals.set(place.global, cell);
        return cell;
      }
      case "element": {
        const base = this.#place(place.base, frame).value;
        const index = this.#value(place.index, frame);
        return required((base as Cell[])[Number(index)]);
      }
      default:
        throw new Error(`${place.place} is not interpreted`);
    }
  }
}

function leaves(outcome: Outcome, label: string | undefined, breakable: boolean): boolean {
  if (outcome.kind !== "break") return false;
  return outcome.label === undefined ? breakable : outcome.label === label;
}

function continues(outcome: Outcome, label: string | undefined): boolean {
  return outcome.kind === "continue" && (outcome.label === undefined || outcome.label === label);
}

function zero(type: IrLocal["type"]): Cell {
  if (type.kind !== "array") return { value: 0n };
  return { value: Array.from({ length: type.length }, () => zero(type.element)) };
}

function copy(cell: Cell): Cell {
  return { value: typeof cell.value === "bigint" ? cell.value : cell.value.map(copy) };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no such place");
  return value;
}
