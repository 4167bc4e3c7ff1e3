import { describe, expect, test } from "vitest";
import type { IrExpression } from "../../../compiler/ir/expressions.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { clangs, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;
const header = t.struct("Header", { kind: ir.be16, length: ir.u8, flags: ir.u8, id: ir.be32, time: ir.u64 });

const kinds = ["tc", "xdp", "skMsg", "cgroup.skbIngress"] as const;

/** Reads `kind` and `id` at an offset; -1 where they do not fit. */
function reader(
  kind: (typeof kinds)[number],
  name: string,
  offset: (first: IrExpression) => IrExpression,
  store = false,
) {
  return t.program(kind, name, (ctx): IrStatement[] => {
    const first = t.local("first", t.reference(ir.u8, "packet", true));
    const found = t.local("header", t.reference(header, "packet", true));
    const byte = t.local("byte", ir.u32);
    const swapped = (field: string, type: typeof ir.u32): IrExpression => ({
      op: "byteSwap",
      type,
      operand: t.load(t.field(t.deref(t.get(found)), field)),
      span: t.span(),
    });
    return [
      t.declare(first, t.packet(ctx, ir.u8, t.c(ir.u32, 0))),
      t.when(t.isNull(t.get(first)), [t.give(t.c(ir.i32, -2))]),
      t.declare(byte, ir.convert(t.load(t.deref(t.get(first))), ir.u32)),
      t.declare(found, t.packet(ctx, header, offset(t.get(byte)))),
      t.when(t.isNull(t.get(found)), [t.give(t.c(ir.i32, -1))]),
      ...(store ? [t.set(t.field(t.deref(t.get(found)), "flags"), t.c(ir.u8, 0x5a))] : []),
      t.give(
        ir.convert(
          t.binary(
            "add",
            ir.convert(swapped("kind", ir.u16), ir.u32),
            t.binary("mul", swapped("id", ir.u32), t.c(ir.u32, 65536)),
          ),
          ir.i32,
        ),
      ),
    ];
  });
}

const fixed = (first: IrExpression): IrExpression => t.c(first.type as typeof ir.u32, 14);
const computed = (first: IrExpression): IrExpression => t.binary("mul", first, t.c(ir.u32, 4));
/** 32 bits that wrap around; the kernel's packet has no such offset. */
const huge = (first: IrExpression): IrExpression => t.binary("sub", first, t.c(ir.u32, 1));
const beyond = (first: IrExpression): IrExpression => t.c(first.type as typeof ir.u32, 0x10000);

describeKernel(
  "packets",
  () => {
    describe.each(clangs)("%s", (clang) => {
      test.each(kinds)("%s loads with every kind of offset", async (kind) => {
        const write = kind !== "cgroup.skbIngress";
        const programs = [
          reader(kind, "fixed", fixed, write),
          reader(kind, "computed", computed, write),
          reader(kind, "huge", huge, write),
          reader(kind, "beyond", beyond),
        ];
        // cgroup_skb may return 0 and 1 only, and sk_msg too.
        if (kind !== "tc" && kind !== "xdp")
          for (const program of programs) onlyZeroOrOne(program.function.body);
        using app = await loadModule(t.moduleOf({ programs }), clang);
        expect(Object.keys(app.programs).sort()).toEqual(["beyond", "computed", "fixed", "huge"]);
      });

      test("read what is there, and nothing beyond the end", async () => {
        const programs = [
          reader("tc", "fixed", fixed, true),
          reader("tc", "computed", computed),
          reader("tc", "huge", huge),
          reader("tc", "beyond", beyond),
        ];
        using app = await loadModule(t.moduleOf({ programs }), clang);
        const data = new Uint8Array(64);
        data.set([0, 80, 9, 0, 0, 0, 0, 3], 14);
        expect(runTc(app, "fixed", { data })).toBe(3 * 65536 + 80);
        expect(app.program("fixed").run({ data }).data?.[17]).toBe(0x5a);
        for (const [first, expected] of [
          [4, 7 * 65536 + 81],
          [12, 0],
          [13, -1],
          [255, -1],
        ] as const) {
          data.fill(0);
          data[0] = first;
          data.set([0, 81, 0, 0, 0, 0, 0, 7], 16);
          expect(runTc(app, "computed", { data })).toBe(expected);
        }
        data.fill(0);
        expect(runTc(app, "huge", { data })).toBe(-1);
        data[0] = 1;
        expect(runTc(app, "huge", { data })).toBe(0x0100);
        expect(runTc(app, "beyond", { data })).toBe(-1);
      });
    });
  },
  "clang",
);

function onlyZeroOrOne(body: IrStatement[]): void {
  body.forEach((statement, index) => {
    if (statement.op === "return" && statement.value !== undefined) {
      const value = ir.convert(t.compare("gt", statement.value, t.c(ir.i32, 100)), ir.i32);
      body[index] = { ...statement, value };
    }
    if (statement.op === "if") onlyZeroOrOne(statement.then as IrStatement[]);
  });
}
