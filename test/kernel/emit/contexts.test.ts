import { describe, expect, test } from "vitest";
import type { IrExpression } from "../../../compiler/ir/expressions.ts";
import type { IrLocal } from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type { IntType } from "../../../compiler/ir/types.ts";
import { kernelStructs } from "../../../compiler/kernel/structs.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { clangs, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;

const select = (condition: IrExpression, whenTrue: IrExpression, whenFalse: IrExpression): IrExpression => ({
  op: "select",
  type: whenTrue.type,
  condition,
  whenTrue,
  whenFalse,
  span: t.span(),
});

const store = (context: IrLocal, field: string, value: IrExpression, index?: number): IrStatement => ({
  op: "contextStore",
  context: t.get(context),
  field,
  value,
  span: t.span(),
  ...(index === undefined ? {} : { index }),
});

/** Two fields of which one is taken: clang would load from one computed address. */
const chosen = t.program("tc", "chosen", (ctx) => {
  const one = t.contextField(ctx, "mark");
  const other = t.contextField(ctx, "priority");
  const which = t.compare("ne", t.contextField(ctx, "cb", ir.u32, 0), t.c(ir.u32, 0));
  return [
    t.give(ir.convert(t.binary("add", select(which, one, other), t.contextField(ctx, "mark")), ir.i32)),
  ];
});

/** The same field many times, in many blocks: clang would keep the address of the field. */
const often = t.program("tc", "often", (ctx) => {
  const sum = t.local("sum", ir.u32);
  const i = t.local("i", ir.u32);
  const mark = () => t.contextField(ctx, "mark");
  return [
    t.declare(sum, mark()),
    {
      op: "rangeLoop",
      local: i,
      start: t.c(ir.u32, 0),
      end: t.contextField(ctx, "priority"),
      maxIterations: 30,
      span: t.span(),
      body: [
        t.when(
          t.compare("gt", t.get(sum), mark()),
          [t.set(t.at(sum), t.binary("add", t.get(sum), mark()))],
          [
            store(ctx, "mark", t.binary("add", mark(), t.c(ir.u32, 1))),
            t.set(t.at(sum), t.binary("xor", mark(), t.get(i))),
          ],
        ),
      ],
    },
    t.give(ir.convert(t.get(sum), ir.i32)),
  ];
});

/** Stores in branches, reads after writes, a member that is wider than its value. */
const address = t.program("cgroup.connect6", "address", (ctx) => {
  const port = t.local("port", ir.be16);
  const field = (name: string, type: IntType, index?: number) => t.contextField(ctx, name, type, index);
  const random = t.helper("get_prandom_u32", ir.be32);
  return [
    t.declare(port, field("user_port", ir.be16)),
    t.when(
      t.compare("eq", field("protocol", ir.u32), t.c(ir.u32, 6)),
      [store(ctx, "user_ip6", random, 0)],
      [store(ctx, "user_ip6", field("user_ip6", ir.be32, 2), 1)],
    ),
    store(ctx, "user_port", t.binary("xor", t.get(port), t.c(ir.be16, 0x5000))),
    t.give(ir.convert(t.compare("ne", field("user_ip6", ir.be32, 0), field("user_ip6", ir.be32, 1)), ir.i32)),
  ];
});

const { Socket } = kernelStructs;

/** Members of a socket behind the context, narrow ones and whole arrays included. */
const socket = t.program("sockOps", "socket", (ctx) => {
  const type = ir.refTo(Socket.layout, "kernel", { nullable: true, readonly: true });
  const sk = t.local("sk", type);
  const addresses = t.local("addresses", ir.arrayOf(ir.be32, 4));
  const member = (name: string) => t.field(t.deref(t.get(sk)), name);
  return [
    t.declare(sk, t.contextField(ctx, "sk", type)),
    t.when(t.isNull(t.get(sk)), [t.give(t.c(ir.i32, 1))]),
    t.declare(addresses, t.load(member("dst_ip6"))),
    t.when(
      t.compare(
        "eq",
        select(
          t.compare("gt", t.load(member("mark")), t.c(ir.u32, 3)),
          t.load(member("src_port")),
          t.load(member("state")),
        ),
        t.c(ir.u32, 1),
      ),
      [t.run(t.helper("ktime_get_ns", ir.u64))],
    ),
    t.give(
      select(
        t.compare(
          "eq",
          ir.convert(t.load(member("dst_port")), ir.u32),
          ir.convert(t.load(t.element(t.at(addresses), t.c(ir.u32, 3))), ir.u32),
        ),
        t.c(ir.i32, 0),
        t.c(ir.i32, 1),
      ),
    ),
  ];
});

describeKernel(
  "contexts",
  () => {
    describe.each(clangs)("%s", (clang) => {
      test("are read field by field", async () => {
        using app = await loadModule(t.moduleOf({ programs: [chosen, often] }), clang);
        expect(runTc(app, "chosen", { mark: 5, priority: 70, cb: 1 })).toBe(10);
        expect(runTc(app, "chosen", { mark: 5, priority: 70, cb: 0 })).toBe(75);
        const expected = (mark: number, rounds: number): number => {
          let sum = mark;
          for (let i = 0; i < Math.min(rounds, 30); i++) {
            if (sum > mark) sum += mark;
            else {
              mark++;
              sum = (mark ^ i) >>> 0;
            }
          }
          return sum;
        };
        for (const [mark, priority] of [
          [0, 0],
          [1, 5],
          [7, 30],
          [3, 100],
        ] as const) {
          expect(runTc(app, "often", { mark, priority })).toBe(expected(mark, priority));
        }
      });

      test("of cgroups and sockets load", async () => {
        using app = await loadModule(t.moduleOf({ programs: [address, socket] }), clang);
        expect(Object.keys(app.programs).sort()).toEqual(["address", "socket"]);
      });
    });
  },
  "clang",
);
