import { describe, expect, test } from "vitest";
import type { IrExpression } from "../../../compiler/ir/expressions.ts";
import type { IrLocal } from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type { RingBuffer } from "../../../runtime/index.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { clangs, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;
const event = t.struct("Event", { number: ir.u32, small: ir.u8, wide: ir.u64 });
const events = t.map("events", "ringbuf", { value: event, maxEntries: 4096 });
const others = t.map("others", "ringbuf", { value: event, maxEntries: 4096 });

const reserved = (name: string): IrLocal => t.local(name, t.reference(event, "ringbuf", true));
const using = (local: IrLocal, map: typeof events, body: IrStatement[]): IrStatement => ({
  op: "using",
  local,
  map,
  body,
  span: t.span(),
});
const release = (local: IrLocal, how: "submit" | "discard"): IrStatement => ({
  op: "release",
  local,
  how,
  flags: t.c(ir.u64, 0),
  span: t.span(),
});
const setNumber = (local: IrLocal, value: IrExpression): IrStatement =>
  t.set(t.field(t.deref(t.get(local)), "number"), value);
const give = (value: number): IrStatement => t.give(t.c(ir.i32, value));
const leave = (op: "break" | "continue", label?: string): IrStatement => ({
  op,
  span: t.span(),
  ...(label === undefined ? {} : { label }),
});

/** Submits where the mark is above ten; falls off the end otherwise. */
const conditional = t.program("tc", "conditional", (ctx) => {
  const e = reserved("event");
  return [
    using(e, events, [
      t.when(t.isNull(t.get(e)), [give(-1)]),
      setNumber(e, t.contextField(ctx, "mark")),
      t.when(t.compare("gt", t.contextField(ctx, "mark"), t.c(ir.u32, 10)), [release(e, "submit")]),
      t.when(t.compare("ne", t.contextField(ctx, "priority"), t.c(ir.u32, 0)), [
        t.run(t.helper("ktime_get_ns", ir.u64)),
      ]),
    ]),
    give(3),
  ];
});

/** Two at once, the outer tested by the branch that uses it; a value returned out of a record that is given up. */
const nested = t.program("tc", "nested", (ctx) => {
  const e = reserved("event");
  const o = reserved("other");
  return [
    using(e, events, [
      t.when(t.present(t.get(e)), [
        setNumber(e, t.c(ir.u32, 1)),
        using(o, others, [
          t.when(t.isNull(t.get(o)), [give(-1)]),
          setNumber(o, t.contextField(ctx, "mark")),
          t.when(t.compare("eq", t.contextField(ctx, "mark"), t.c(ir.u32, 7)), [
            t.give(ir.convert(t.load(t.field(t.deref(t.get(o)), "number")), ir.i32)),
          ]),
          release(o, "submit"),
          t.when(t.compare("eq", t.contextField(ctx, "mark"), t.c(ir.u32, 8)), [give(8)]),
          release(e, "submit"),
        ]),
      ]),
    ]),
    give(3),
  ];
});

/** Every way out of an iteration. */
const loop = t.program("tc", "loop", (ctx) => {
  const e = reserved("event");
  const i = t.local("i", ir.u32);
  const is = (field: string, then: IrStatement[]): IrStatement =>
    t.when(t.compare("eq", t.get(i), t.contextField(ctx, field)), then);
  return [
    {
      op: "rangeLoop",
      local: i,
      start: t.c(ir.u32, 0),
      end: t.contextField(ctx, "len"),
      maxIterations: 50,
      label: "outer",
      span: t.span(),
      body: [
        using(e, events, [
          t.when(t.isNull(t.get(e)), [leave("continue")]),
          setNumber(e, t.get(i)),
          is("mark", [leave("break", "outer")]),
          is("priority", [leave("continue")]),
          t.when(t.compare("eq", t.get(i), t.contextField(ctx, "cb", ir.u32, 0)), [give(7)]),
          release(e, "submit"),
        ]),
      ],
    },
    give(3),
  ];
});

/** The record's bytes are zero at first, whatever the buffer held before. */
const clean = t.program("tc", "clean", (ctx) => {
  const e = reserved("event");
  return [
    using(e, events, [
      t.when(t.isNull(t.get(e)), [give(-1)]),
      t.when(t.compare("ne", t.contextField(ctx, "mark"), t.c(ir.u32, 0)), [
        setNumber(e, t.contextField(ctx, "mark")),
        t.set(t.field(t.deref(t.get(e)), "wide"), t.c(ir.u64, ir.maximum(ir.u64))),
        t.set(t.field(t.deref(t.get(e)), "small"), t.c(ir.u8, 255)),
      ]),
      release(e, "submit"),
    ]),
    give(0),
  ];
});

describeKernel(
  "using",
  () => {
    describe.each(clangs)("%s", (clang) => {
      const programs = [conditional, nested, loop, clean];
      const loaded = () => loadModule(t.moduleOf({ programs, maps: [events, others] }), clang);
      const numbers = (app: Awaited<ReturnType<typeof loaded>>, map: string): number[] =>
        (app.map(map) as RingBuffer<{ number: number }>).drain().map((record) => record.number);

      test("submits on one path and discards on the other", async () => {
        using app = await loaded();
        for (const mark of [5, 11, 10, 12])
          expect(runTc(app, "conditional", { mark, priority: mark % 2 })).toBe(3);
        expect(numbers(app, "events")).toEqual([11, 12]);
      });

      test("releases the inner before the outer, after the value was taken", async () => {
        using app = await loaded();
        expect(runTc(app, "nested", { mark: 7 })).toBe(7);
        expect(runTc(app, "nested", { mark: 8 })).toBe(8);
        expect(runTc(app, "nested", { mark: 9 })).toBe(3);
        expect(numbers(app, "events")).toEqual([1]);
        expect(numbers(app, "others")).toEqual([8, 9]);
      });

      test("releases on break, continue and return", async () => {
        using app = await loaded();
        expect(runTc(app, "loop", { mark: 4, priority: 1, cb: 99 })).toBe(3);
        expect(numbers(app, "events")).toEqual([0, 2, 3]);
        expect(runTc(app, "loop", { mark: 99, priority: 99, cb: 2 })).toBe(7);
        expect(numbers(app, "events")).toEqual([0, 1]);
      });

      test("hands out zeroes", async () => {
        using app = await loaded();
        const buffer = app.map("events") as RingBuffer<unknown>;
        for (let round = 0; round < 300; round++) {
          runTc(app, "clean", { mark: round % 2 === 0 ? 9 : 0 });
          const [record] = buffer.drain();
          const expected = round % 2 === 0 ? [9, 255, ir.maximum(ir.u64)] : [0, 0, 0n];
          expect(record).toEqual({ number: expected[0], small: expected[1], wide: expected[2] });
        }
      });
    });
  },
  "clang",
);
