import { describe, expect, test } from "vitest";
import type { IrGlobal, IrLocal, IrMap } from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type { IrType } from "../../../compiler/ir/types.ts";
import { type ArrayMap, loadObject, open, type RingBuffer } from "../../../runtime/index.ts";
import { binding } from "../../../runtime/native.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { clangs, compile, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;
/** More than clang copies in line, and of odd sizes. */
const large = t.struct("Large", {
  bytes: ir.arrayOf(ir.u8, 3001),
  mark: ir.u32,
  pairs: ir.arrayOf(ir.u16, 700),
});
/** Fits the stack, but not byte by byte. */
const small = t.struct("Small", { bytes: ir.arrayOf(ir.u8, 300) });
const flags = t.struct("Flags", { on: ir.bool, count: ir.u8 });
const larges = t.map("larges", "array", { key: ir.u32, value: large, maxEntries: 2 });
const smalls = t.map("smalls", "array", { key: ir.u32, value: small, maxEntries: 2 });
const switches = t.map("switches", "array", { key: ir.u32, value: flags, maxEntries: 1 });
const records = t.map("records", "ringbuf", { value: large, maxEntries: 65536 });

const done = t.give(t.c(ir.i32, 0));

function find(map: IrMap, index: number, local: IrLocal): IrStatement[] {
  return [
    t.declare(local, t.lookup(map, t.c(ir.u32, index))),
    t.when(t.isNull(t.get(local)), [t.give(t.c(ir.i32, -1))]),
  ];
}
const refTo = (name: string, type: IrType): IrLocal => t.local(name, t.reference(type, "map", true));

const whole = t.program("tc", "whole", () => {
  const from = refTo("from", large);
  const to = refTo("to", large);
  return [
    ...find(larges, 0, from),
    ...find(larges, 1, to),
    t.set(t.deref(t.get(to)), t.load(t.deref(t.get(from)))),
    done,
  ];
});

const parts = t.program("tc", "parts", () => {
  const from = refTo("from", large);
  const to = refTo("to", large);
  const copy = (name: string): IrStatement =>
    t.set(t.field(t.deref(t.get(to)), name), t.load(t.field(t.deref(t.get(from)), name)));
  return [...find(larges, 0, from), ...find(larges, 1, to), copy("bytes"), copy("pairs"), done];
});

/** Becomes zero but for what was read from it before. */
const literal = t.program("tc", "literal", (ctx) => {
  const to = refTo("to", large);
  const place = t.deref(t.get(to));
  const sum = t.binary("add", t.load(t.field(place, "mark")), t.contextField(ctx, "mark"));
  return [...find(larges, 1, to), t.set(place, t.structOf(large, { mark: sum })), done];
});

const stack = t.program("tc", "stack", () => {
  const from = refTo("from", small);
  const copy = t.local("copy", small);
  return [
    ...find(smalls, 0, from),
    t.declare(copy, t.load(t.deref(t.get(from)))),
    t.set(t.element(t.field(t.at(copy), "bytes"), t.c(ir.u32, 299)), t.c(ir.u8, 9)),
    t.run(t.update(smalls, t.c(ir.u32, 1), t.get(copy))),
    done,
  ];
});

const reserve = t.program("tc", "reserve", (ctx) => {
  const event = t.local("event", t.reference(large, "ringbuf", true));
  return [
    {
      op: "using",
      local: event,
      map: records,
      span: t.span(),
      body: [
        t.when(t.isNull(t.get(event)), [t.give(t.c(ir.i32, -1))]),
        t.set(t.field(t.deref(t.get(event)), "mark"), t.contextField(ctx, "mark")),
        { op: "release", local: event, how: "submit", flags: t.c(ir.u64, 0), span: t.span() },
      ],
    },
    done,
  ];
});

/** User space may write any byte where a boolean is. */
const truth = t.program("tc", "truth", () => {
  const found = refTo("flags", flags);
  return [
    ...find(switches, 0, found),
    t.give(ir.convert(t.load(t.field(t.deref(t.get(found)), "on")), ir.i32)),
  ];
});

const settings = t.struct("Settings", { limit: ir.u32, on: ir.bool, table: ir.arrayOf(ir.u16, 4) });
const constantSettings: IrGlobal = {
  name: "settings",
  type: settings,
  constant: true,
  initial: t.structOf(settings, { limit: t.c(ir.u32, 5) }),
  span: t.span(),
};
const limitOf = t.define(
  "limitOf",
  [t.local("given", ir.refTo(settings, "global", { readonly: true }))],
  ir.u32,
  [],
);
limitOf.body = [t.give(t.load(t.field(t.deref(t.get(limitOf.parameters[0] as IrLocal)), "limit")))];
/** Read directly, through a reference, and out of a copy: what user space set before the load counts. */
const configured = t.program("tc", "configured", () => {
  const copy = t.local("copy", settings);
  const table = t.local("table", ir.arrayOf(ir.u16, 4));
  const place = t.global(constantSettings);
  const reference = {
    op: "address",
    type: ir.refTo(settings, "global", { readonly: true }),
    place,
    span: t.span(),
  } as const;
  return [
    t.declare(copy, t.load(place)),
    t.declare(table, t.load(t.field(place, "table"))),
    t.give(
      ir.convert(
        [
          ir.convert(t.load(t.field(place, "on")), ir.u32),
          t.call(limitOf, reference),
          t.load(t.field(t.at(copy), "limit")),
          ir.convert(t.load(t.element(t.at(table), t.c(ir.u32, 3))), ir.u32),
        ].reduce((left, right) => t.binary("add", t.binary("mul", left, t.c(ir.u32, 100)), right)),
        ir.i32,
      ),
    ),
  ];
});

/** C has no functions that return arrays. */
const row = ir.arrayOf(ir.u32, 3);
const rowOf = t.define("rowOf", [t.local("first", ir.u32)], row, []);
rowOf.body = [
  t.give({
    op: "array",
    type: row,
    elements: [t.get(rowOf.parameters[0] as IrLocal), t.c(ir.u32, 20)],
    span: t.span(),
  }),
];
const arrays = t.program("tc", "arrays", (ctx) => {
  const made = t.local("made", row);
  const at = (index: number) => t.load(t.element(t.at(made), t.c(ir.u32, index)));
  return [
    t.declare(made, t.call(rowOf, t.contextField(ctx, "mark"))),
    t.give(ir.convert(t.binary("add", t.binary("add", at(0), at(1)), at(2)), ir.i32)),
  ];
});

describeKernel(
  "memory",
  () => {
    describe.each(clangs)("%s", (clang) => {
      const loaded = () =>
        loadModule(
          t.moduleOf({
            programs: [whole, parts, literal, stack, reserve, truth],
            maps: [larges, smalls, switches, records],
          }),
          clang,
        );
      type Large = { bytes: Uint8Array; mark: number; pairs: Uint16Array };
      const pattern: Large = {
        bytes: Uint8Array.from({ length: 3001 }, (_, index) => index * 7),
        mark: 77,
        pairs: Uint16Array.from({ length: 700 }, (_, index) => index * 91),
      };

      test("copies large structs whole and in parts", async () => {
        using app = await loaded();
        const map = app.map("larges") as ArrayMap<Large>;
        map.set(0, pattern);
        expect(runTc(app, "parts")).toBe(0);
        expect(map.get(1)).toEqual({ ...pattern, mark: 0 });
        expect(runTc(app, "whole")).toBe(0);
        expect(map.get(1)).toEqual(pattern);
      });

      test("makes large structs zero", async () => {
        using app = await loaded();
        const map = app.map("larges") as ArrayMap<Large>;
        map.set(1, pattern);
        expect(runTc(app, "literal", { mark: 5 })).toBe(0);
        expect(map.get(1)).toEqual({ bytes: new Uint8Array(3001), mark: 82, pairs: new Uint16Array(700) });
        expect(runTc(app, "reserve", { mark: 6 })).toBe(0);
        expect((app.map("records") as RingBuffer<Large>).drain()).toEqual([
          { bytes: new Uint8Array(3001), mark: 6, pairs: new Uint16Array(700) },
        ]);
      });

      test("copies bytes over the stack", async () => {
        using app = await loaded();
        const map = app.map("smalls") as ArrayMap<{ bytes: Uint8Array }>;
        map.set(0, { bytes: pattern.bytes.slice(0, 300) });
        expect(runTc(app, "stack")).toBe(0);
        const expected = pattern.bytes.slice(0, 300);
        expected[299] = 9;
        expect(map.get(1)?.bytes).toEqual(expected);
      });

      test("returns arrays from functions", async () => {
        using app = await loadModule(t.moduleOf({ programs: [arrays], functions: [rowOf] }), clang);
        expect(runTc(app, "arrays", { mark: 4 })).toBe(24);
      });

      test("takes any byte but zero for true", async () => {
        using app = await loaded();
        const map = app.map("switches") as ArrayMap<unknown>;
        for (const [byte, expected] of [
          [0, 0],
          [1, 1],
          [2, 1],
          [255, 1],
        ] as const) {
          binding().mapUpdate(map.descriptor, new Uint8Array(4), Uint8Array.of(byte, 0), 0n);
          expect(runTc(app, "truth")).toBe(expected);
        }
      });

      test("reads constants as they were set before the load", async () => {
        const module = t.moduleOf({
          programs: [configured],
          globals: [constantSettings],
          functions: [limitOf],
        });
        const object = await compile(module, clang);
        using initial = loadObject(open(object));
        expect(runTc(initial, "configured")).toBe(50500);
        const spec = open(object);
        spec.constants.settings = { limit: 7, on: true, table: Uint16Array.of(1, 2, 3, 4) };
        using edited = loadObject(spec);
        expect(runTc(edited, "configured")).toBe(1070704);
      });
    });
  },
  "clang",
);
