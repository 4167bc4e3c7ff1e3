import fc from "fast-check";
import { expect, test } from "vitest";
import type { BinaryOperator, Compare, IrExpression } from "../../../compiler/ir/expressions.ts";
import type { IrProgram } from "../../../compiler/ir/module.ts";
import type { IntType } from "../../../compiler/ir/types.ts";
import type { ArrayMap } from "../../../runtime/index.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { binaryResult, compareResult, edges } from "../../unit/emit/reference.ts";
import { clangs, loadModule } from "./compile.ts";

const { ir } = t;
const types = [ir.u8, ir.u16, ir.u32, ir.u64, ir.i8, ir.i16, ir.i32, ir.i64];
const operators: readonly BinaryOperator[] = [
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
const comparisons: readonly Compare["operator"][] = ["eq", "ne", "lt", "le", "gt", "ge"];

interface Case {
  readonly name: string;
  readonly expression: IrExpression;
  readonly expected: (left: bigint, right: bigint) => bigint;
}

/** Everything that can be done with two operands of a type, also with one of them constant. */
function casesOf(type: IntType, left: IrExpression, right: IrExpression): Case[] {
  const cases: Case[] = [];
  const name = `${type.signed ? "i" : "u"}${type.bits}`;
  const unsigned: IntType = { ...type, signed: false };
  const operand = (operator: BinaryOperator, e: IrExpression): IrExpression =>
    operator === "shl" || operator === "shr" ? ir.convert(e, unsigned) : e;
  const countOf = (operator: BinaryOperator, value: bigint): bigint =>
    operator === "shl" || operator === "shr" ? ir.wrap(unsigned, value) : value;
  for (const operator of operators) {
    cases.push({
      name: `${name} ${operator}`,
      expression: t.binary(operator, left, operand(operator, right)),
      expected: (a, b) => binaryResult(operator, type, a, countOf(operator, b)),
    });
    for (const constant of constantsOf(type)) {
      const value = t.c(
        operator === "shl" || operator === "shr" ? unsigned : type,
        countOf(operator, constant),
      );
      cases.push({
        name: `${name} ${operator} constant ${constant}`,
        expression: t.binary(operator, left, value),
        expected: (a) => binaryResult(operator, type, a, countOf(operator, constant)),
      });
      cases.push({
        name: `${name} constant ${constant} ${operator}`,
        expression: t.binary(operator, t.c(type, constant), operand(operator, right)),
        expected: (_, b) => binaryResult(operator, type, constant, countOf(operator, b)),
      });
    }
  }
  for (const operator of comparisons) {
    cases.push({
      name: `${name} ${operator}`,
      expression: t.compare(operator, left, right),
      expected: (a, b) => (compareResult(operator, a, b) ? 1n : 0n),
    });
    for (const constant of constantsOf(type)) {
      cases.push({
        name: `${name} ${operator} constant ${constant}`,
        expression: t.compare(operator, left, t.c(type, constant)),
        expected: (a) => (compareResult(operator, a, constant) ? 1n : 0n),
      });
    }
  }
  for (const operator of ["negate", "complement"] as const) {
    cases.push({
      name: `${name} ${operator}`,
      expression: { op: "unary", type, operator, operand: left, span: t.span() },
      expected: (a) => ir.wrap(type, operator === "negate" ? -a : ~a),
    });
  }
  for (const to of types) {
    cases.push({
      name: `${name} to ${to.signed ? "i" : "u"}${to.bits}`,
      expression: ir.convert(left, to),
      expected: (a) => ir.wrap(to, a),
    });
    // The value of an operation must be cut to its width before it is extended.
    cases.push({
      name: `${name} sum to ${to.signed ? "i" : "u"}${to.bits}`,
      expression: ir.convert(t.binary("add", left, right), to),
      expected: (a, b) => ir.wrap(to, ir.wrap(type, a + b)),
    });
  }
  if (!type.signed && type.bits > 8) {
    const network: IntType = { ...type, bigEndian: true };
    cases.push({
      name: `${name} swapped`,
      expression: ir.convert({ op: "byteSwap", type: network, operand: left, span: t.span() }, type),
      expected: (a) => swap(a, type.bits / 8),
    });
  }
  return cases;
}

function constantsOf(type: IntType): readonly bigint[] {
  const wanted = [0n, 1n, 10n, ir.minimum(type), ir.maximum(type), -1n, -10n, 8n];
  return [...new Set(wanted)].filter((value) => value >= ir.minimum(type) && value <= ir.maximum(type));
}

function swap(value: bigint, bytes: number): bigint {
  let swapped = 0n;
  for (let index = 0; index < bytes; index++)
    swapped = (swapped << 8n) | ((value >> BigInt(8 * index)) & 255n);
  return swapped;
}

/** Widened to 64 bits as its type has it, so that the whole register is looked at. */
function widened(e: IrExpression): IrExpression {
  return ir.convert(e, ir.u64);
}

const operands = t.struct("Operands", { left: ir.u64, right: ir.u64 });
const perProgram = 48;
const results = t.struct("Results", { values: ir.arrayOf(ir.u64, perProgram) });

interface Part {
  readonly program: IrProgram;
  readonly cases: readonly Case[];
}

const inputs = t.map("inputs", "array", { key: ir.u32, value: operands, maxEntries: 1 });
const outputs = t.map("outputs", "array", { key: ir.u32, value: results, maxEntries: 1 });

/** Programs that compute all cases of a type, a few dozens each. */
function partsOf(type: IntType): Part[] {
  const left = t.local("left", type);
  const right = t.local("right", type);
  const all = casesOf(type, t.get(left), t.get(right));
  const parts: Part[] = [];
  for (let start = 0; start < all.length; start += perProgram) {
    const cases = all.slice(start, start + perProgram);
    const program = t.program("tc", `part${parts.length}`, () => {
      const input = t.local("input", t.reference(operands, "map", true));
      const output = t.local("output", t.reference(results, "map", true));
      const read = (name: string): IrExpression =>
        ir.convert(t.load(t.field(t.deref(t.get(input)), name)), type);
      return [
        t.declare(input, t.lookup(inputs, t.c(ir.u32, 0))),
        t.when(t.isNull(t.get(input)), [t.give(t.c(ir.i32, 1))]),
        t.declare(output, t.lookup(outputs, t.c(ir.u32, 0))),
        t.when(t.isNull(t.get(output)), [t.give(t.c(ir.i32, 1))]),
        t.declare(left, read("left")),
        t.declare(right, read("right")),
        ...cases.map((one, index) =>
          t.set(
            t.element(t.field(t.deref(t.get(output)), "values"), t.c(ir.u32, index)),
            widened(one.expression),
          ),
        ),
        t.give(t.c(ir.i32, 0)),
      ];
    });
    parts.push({ program, cases });
  }
  return parts;
}

const packet = new Uint8Array(64);

describeKernel(
  "integers",
  () => {
    test.each(clangs.flatMap((clang) => types.map((type) => [clang, ir.typeName(type), type] as const)))(
      "%s: %s computes as its width says",
      async (clang, _, type) => {
        const parts = partsOf(type);
        const programs = parts.map((part) => part.program);
        using app = await loadModule(t.moduleOf({ programs, maps: [inputs, outputs] }), clang);
        const input = app.map("inputs") as ArrayMap<{ left: bigint; right: bigint }>;
        const output = app.map("outputs") as ArrayMap<{ values: BigUint64Array }>;
        const check = (left: bigint, right: bigint): void => {
          input.set(0, { left: BigInt.asUintN(64, left), right: BigInt.asUintN(64, right) });
          for (const { program, cases } of parts) {
            expect(app.program(program.name).run({ data: packet }).result).toBe(0);
            const values = output.get(0)?.values ?? new BigUint64Array();
            cases.forEach((one, index) => {
              const expected = BigInt.asUintN(64, one.expected(left, right));
              if (values[index] !== expected) {
                throw new Error(`${one.name} of ${left} and ${right}: ${values[index]}, not ${expected}`);
              }
            });
          }
        };
        for (const left of edges(type)) for (const right of edges(type)) check(left, right);
        const any = fc.bigInt({ min: ir.minimum(type), max: ir.maximum(type) });
        fc.assert(fc.property(any, any, check), { numRuns: 100 });
      },
      120_000,
    );
  },
  "clang",
);
