import { describe, expect, test } from "vitest";
import type { IrExpression, IrPlace } from "../../../compiler/ir/expressions.ts";
import type { IrProgram } from "../../../compiler/ir/module.ts";
import type { ArrayMap } from "../../../runtime/index.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { clangs, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;
const pair = t.struct("Pair", { a: ir.u32, b: ir.u64 });
const table = t.struct("Table", {
  wide: ir.arrayOf(ir.u64, 64),
  small: ir.arrayOf(ir.u16, 10),
  pairs: ir.arrayOf(pair, 5),
});
const tables = t.map("tables", "array", { key: ir.u32, value: table, maxEntries: 1 });

/** Gives the body a reference to the table. */
function withTable(
  name: string,
  body: (place: IrPlace, mark: IrExpression, priority: IrExpression) => ReturnType<typeof t.when>[],
): IrProgram {
  return t.program("tc", name, (ctx) => {
    const found = t.local("table", t.reference(table, "map", true));
    const mark = t.local("mark", ir.u32);
    const priority = t.local("priority", ir.u32);
    return [
      t.declare(found, t.lookup(tables, t.c(ir.u32, 0))),
      t.when(t.isNull(t.get(found)), [t.give(t.c(ir.i32, -1))]),
      t.declare(mark, t.contextField(ctx, "mark")),
      t.declare(priority, t.contextField(ctx, "priority")),
      ...body(t.deref(t.get(found)), t.get(mark), t.get(priority)),
      t.give(t.c(ir.i32, 0)),
    ];
  });
}

const below = (index: IrExpression, length: number): IrExpression =>
  t.compare("lt", index, t.c(ir.u32, length));

/** The compiler has proven the index from a test far away. */
const proven = withTable("proven", (place, mark, priority) => [
  t.when(below(mark, 64), [
    t.when(below(priority, 10), [
      t.run(t.helper("ktime_get_ns", ir.u64)),
      t.set(
        t.element(t.field(place, "wide"), mark),
        t.binary("add", t.load(t.element(t.field(place, "wide"), mark)), t.c(ir.u64, 1)),
      ),
      t.set(t.element(t.field(place, "small"), priority), ir.convert(mark, ir.u16)),
      t.when(below(priority, 5), [
        t.set(t.field(t.element(t.field(place, "pairs"), priority), "b"), ir.convert(mark, ir.u64)),
      ]),
    ]),
  ]),
]);

/** Any index: a null reference where it is out of range. */
const optional = t.program("tc", "optional", (ctx) => {
  const found = t.local("table", t.reference(table, "map", true));
  const one = t.local("one", t.reference(ir.u64, "map", true));
  const two = t.local("two", t.reference(pair, "map", true));
  const place = t.deref(t.get(found));
  const sum = t.binary(
    "add",
    t.binary("mul", t.contextField(ctx, "mark"), t.c(ir.u32, 3)),
    t.contextField(ctx, "priority"),
  );
  const orNull = (base: IrPlace, index: IrExpression, target: typeof one): IrExpression => ({
    op: "elementOrNull",
    type: target.type as never,
    base,
    index,
    span: t.span(),
  });
  return [
    t.declare(found, t.lookup(tables, t.c(ir.u32, 0))),
    t.when(t.isNull(t.get(found)), [t.give(t.c(ir.i32, -1))]),
    t.declare(one, orNull(t.field(place, "wide"), sum, one)),
    t.when(t.isNull(t.get(one)), [t.give(t.c(ir.i32, 1))]),
    t.set(t.deref(t.get(one)), t.c(ir.u64, 77)),
    t.declare(two, orNull(t.field(place, "pairs"), sum, two)),
    t.when(t.isNull(t.get(two)), [t.give(t.c(ir.i32, 2))]),
    t.set(t.field(t.deref(t.get(two)), "a"), t.c(ir.u32, 5)),
    t.give(t.c(ir.i32, 3)),
  ];
});

/** Arrays on the stack and in globals, by constant and by variable. */
const counts = {
  name: "counts",
  type: ir.arrayOf(ir.u32, 7),
  constant: false,
  initial: { op: "array", type: ir.arrayOf(ir.u32, 7), elements: [], span: t.span() },
  span: t.span(),
} as const;
const elsewhere = t.program("tc", "elsewhere", (ctx) => {
  const type = ir.arrayOf(ir.u32, 6);
  const numbers = t.local("numbers", type);
  const copy = t.local("copy", type);
  const mark = t.local("mark", ir.u32);
  return [
    t.declare(mark, t.contextField(ctx, "mark")),
    t.declare(numbers, {
      op: "array",
      type,
      elements: [t.get(mark), t.c(ir.u32, 20), t.c(ir.u32, 30)],
      span: t.span(),
    }),
    t.declare(copy, t.load(t.at(numbers))),
    t.when(below(t.get(mark), 6), [
      t.set(t.element(t.at(copy), t.get(mark)), t.c(ir.u32, 1000)),
      t.set(t.element(t.global(counts), t.get(mark)), t.c(ir.u32, 9)),
      t.give(
        ir.convert(
          t.binary(
            "add",
            t.load(t.element(t.at(copy), t.get(mark))),
            t.load(t.element(t.at(numbers), t.get(mark))),
          ),
          ir.i32,
        ),
      ),
    ]),
    t.give(ir.convert(t.load(t.element(t.at(copy), t.c(ir.u32, 2))), ir.i32)),
  ];
});

describeKernel(
  "elements of arrays",
  () => {
    describe.each(clangs)("%s", (clang) => {
      const programs = [proven, optional, elsewhere];
      const loaded = () => loadModule(t.moduleOf({ programs, maps: [tables], globals: [counts] }), clang);
      type Row = { wide: BigUint64Array; small: Uint16Array; pairs: { a: number; b: bigint }[] };

      test("proven by the compiler", async () => {
        using app = await loaded();
        for (const [mark, priority] of [
          [0, 0],
          [63, 9],
          [63, 4],
          [64, 1],
          [1, 10],
        ]) {
          expect(runTc(app, "proven", { mark: mark ?? 0, priority: priority ?? 0 })).toBe(0);
        }
        const row = (app.map("tables") as ArrayMap<Row>).get(0);
        expect(
          Array.from(row?.wide ?? []).flatMap((count, index) => (count > 0n ? [[index, count]] : [])),
        ).toEqual([
          [0, 1n],
          [63, 2n],
        ]);
        expect(Array.from(row?.small ?? [])).toEqual([0, 0, 0, 0, 63, 0, 0, 0, 0, 63]);
        expect(row?.pairs.map((one) => one.b)).toEqual([0n, 0n, 0n, 0n, 63n]);
      });

      test("null where out of range", async () => {
        using app = await loaded();
        expect(runTc(app, "optional", { mark: 21, priority: 1 })).toBe(1);
        expect(runTc(app, "optional", { mark: 0x5555_5556, priority: 62 })).toBe(1);
        expect(runTc(app, "optional", { mark: 0x5555_5556, priority: 61 })).toBe(2);
        expect(runTc(app, "optional", { mark: 1, priority: 1 })).toBe(3);
        const row = (app.map("tables") as ArrayMap<Row>).get(0);
        expect([row?.wide[63], row?.wide[4], row?.pairs[4]?.a]).toEqual([77n, 77n, 5]);
      });

      test("on the stack and in globals", async () => {
        using app = await loaded();
        expect(runTc(app, "elsewhere", { mark: 2 })).toBe(1030);
        expect(runTc(app, "elsewhere", { mark: 0 })).toBe(1000);
        expect(runTc(app, "elsewhere", { mark: 6 })).toBe(30);
        expect(app.globals.counts).toEqual(new Uint32Array([9, 0, 9, 0, 0, 0, 0]));
      });
    });
  },
  "clang",
);
