import type { IrGlobal, IrModule } from "../../../compiler/ir/module.ts";
import * as t from "./ir.ts";

// Modules whose C and whose text are kept beside the tests.

const { ir } = t;

function counting(): IrModule {
  const key = t.struct("FlowKey", { remote: ir.be32, port: ir.u16, family: ir.u8 });
  const stats = t.struct("FlowStats", { packets: ir.u64, last: ir.u32, seen: ir.bool });
  const flows = t.map("flows", "hash", { key, value: stats, maxEntries: 1024 });
  const program = t.program("sockOps", "count", (ctx) => {
    const flow = t.local("flow", key);
    const found = t.local("stats", t.reference(stats, "map", true));
    const counted = t.field(t.deref(t.get(found)), "packets");
    return [
      t.when(t.compare("ne", t.contextField(ctx, "op"), t.c(ir.u32, 4)), [t.give(t.c(ir.i32, 1))]),
      t.declare(
        flow,
        t.structOf(key, {
          remote: t.contextField(ctx, "remote_ip4", ir.be32),
          port: ir.convert(t.contextField(ctx, "local_port"), ir.u16),
        }),
      ),
      t.declare(found, t.lookup(flows, t.get(flow))),
      t.when(t.isNull(t.get(found)), [
        t.run(
          t.update(flows, t.get(flow), t.structOf(stats, { packets: t.c(ir.u64, 1), seen: t.c(ir.bool, 1) })),
        ),
        t.give(t.c(ir.i32, 1)),
      ]),
      t.set(counted, t.binary("add", t.load(counted), t.c(ir.u64, 1))),
      t.give(t.c(ir.i32, 1)),
    ];
  });
  return t.moduleOf({ programs: [program], structs: [key, stats], maps: [flows] });
}

function reserving(): IrModule {
  const event = t.struct("Event", { number: ir.u32, time: ir.u64 });
  const events = t.map("events", "ringbuf", { value: event, maxEntries: 4096 });
  const sites = [t.site(1, ["mark ", ""], [ir.u32])];
  const level: IrGlobal = {
    name: "level",
    type: ir.u32,
    constant: true,
    initial: t.c(ir.u32, 3),
    span: t.span(),
  };
  const program = t.program("tc", "report", (ctx) => {
    const record = t.local("event", t.reference(event, "ringbuf", true));
    const mark = t.local("mark", ir.u32);
    const submit = {
      op: "release",
      local: record,
      how: "submit",
      flags: t.c(ir.u64, 0),
      span: t.span(),
    } as const;
    return [
      t.declare(mark, t.contextField(ctx, "mark")),
      {
        op: "using",
        local: record,
        map: events,
        span: t.span(),
        body: [
          t.when(t.isNull(t.get(record)), [t.give(t.c(ir.i32, 0))]),
          t.set(t.field(t.deref(t.get(record)), "number"), t.get(mark)),
          t.when(t.compare("gt", t.get(mark), t.load(t.global(level))), [submit]),
        ],
      },
      { op: "log", site: sites[0] as (typeof sites)[number], arguments: [t.get(mark)], span: t.span() },
      t.give(t.c(ir.i32, 2)),
    ];
  });
  return t.moduleOf({
    programs: [program],
    structs: [event],
    maps: [events],
    globals: [level],
    logSites: sites,
  });
}

function looping(): IrModule {
  const numbers = ir.arrayOf(ir.u32, 10);
  const table: IrGlobal = {
    name: "table",
    type: numbers,
    constant: false,
    initial: { op: "array", type: numbers, elements: [], span: t.span() },
    span: t.span(),
  };
  const value = t.local("value", ir.i32);
  const half = t.define("half", [value], ir.i32, [t.give(t.binary("div", t.get(value), t.c(ir.i32, 2)))]);
  const program = t.program("xdp", "spread", (ctx) => {
    const i = t.local("i", ir.u32);
    const j = t.local("j", ir.u32);
    const sum = t.local("sum", ir.i32);
    const at = t.element(t.global(table), t.get(j));
    return [
      t.declare(sum),
      {
        op: "rangeLoop",
        local: i,
        start: t.c(ir.u32, 0),
        end: t.contextField(ctx, "ingress_ifindex"),
        maxIterations: 64,
        label: "rows",
        span: t.span(),
        body: [
          {
            op: "rangeLoop",
            local: j,
            start: t.c(ir.u32, 0),
            end: t.c(ir.u32, 10),
            maxIterations: 10,
            span: t.span(),
            body: [
              t.when(t.compare("eq", t.load(at), t.get(i)), [
                { op: "continue", label: "rows", span: t.span() },
              ]),
              t.set(at, t.binary("add", t.load(at), t.get(i))),
            ],
          },
          t.set(t.at(sum), t.binary("add", t.get(sum), t.call(half, ir.convert(t.get(i), ir.i32)))),
        ],
      },
      {
        op: "switch",
        subject: t.get(sum),
        span: t.span(),
        cases: [
          { values: [0n, 1n], isDefault: false, body: [t.give(t.c(ir.i32, 2))], span: t.span() },
          { values: [], isDefault: true, body: [t.set(t.at(sum), t.c(ir.i32, 1))], span: t.span() },
        ],
      },
      t.give(t.c(ir.i32, 1)),
    ];
  });
  return t.moduleOf({ programs: [program], globals: [table], functions: [half] });
}

export const modules: Readonly<Record<string, () => IrModule>> = { counting, reserving, looping };
