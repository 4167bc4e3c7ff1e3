import { describe, expect, test } from "vitest";
import type { IrGlobal } from "../../../compiler/ir/module.ts";
import { printIr } from "../../../compiler/ir/print.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import * as t from "./ir.ts";

const { ir } = t;
const event = t.struct("Event", { number: ir.u32 });
const events = t.map("events", "ringbuf", { value: event, maxEntries: 4096 });
const give = (value: number): IrStatement => t.give(t.c(ir.i32, value));

function global(name: string, file = t.file): IrGlobal {
  return { name, type: ir.u32, constant: false, initial: t.c(ir.u32, 0), span: { ...t.span(), file } };
}

/** The text of a program that reserves and then does what it is told. */
function reserving(
  body: (
    release: (how: "submit" | "discard") => IrStatement,
    mark: () => ReturnType<typeof t.contextField>,
  ) => IrStatement[],
): string {
  const program = t.program("tc", "p", (ctx) => {
    const local = t.local("event", t.reference(event, "ringbuf", true));
    const release = (how: "submit" | "discard"): IrStatement => ({
      op: "release",
      local,
      how,
      flags: t.c(ir.u64, 0),
      span: t.span(),
    });
    const start = t.when(t.isNull(t.get(local)), [give(0)]);
    const inner = [start, ...body(release, () => t.contextField(ctx, "mark"))];
    return [{ op: "using", local, map: events, body: inner, span: t.span() }, give(9)];
  });
  return printIr(runPasses(t.moduleOf({ programs: [program], maps: [events] })).module);
}

const count = (text: string, word: string): number => text.split(word).length - 1;

describe("reachability", () => {
  test("keeps what programs use and what user space may want", () => {
    const used = global("used", "/project/lib.bpf.ts");
    const own = global("own");
    const foreign = global("foreign", "/project/lib.bpf.ts");
    const called = t.define("called", [], ir.u32, [t.give(t.load(t.global(used)))]);
    const idle = t.define("idle", [], ir.u32, [t.give(t.load(t.global(foreign)))]);
    const sites = [t.site(1, ["a"], []), t.site(2, ["b"], [])];
    const program = t.program("tc", "p", () => [
      { op: "log", site: sites[1] as (typeof sites)[number], arguments: [], span: t.span() },
      t.give(ir.convert(t.call(called), ir.i32)),
    ]);
    const before = t.moduleOf({
      programs: [program],
      maps: [events],
      globals: [used, own, foreign],
      functions: [called, idle],
      logSites: sites,
    });
    const { module } = runPasses(before);
    expect(module.functions.map((one) => one.name)).toEqual(["called"]);
    expect(module.globals.map((one) => one.name)).toEqual(["used", "own"]);
    expect(module.logSites.map((one) => one.id)).toEqual([2]);
    expect(module.maps).toEqual([events]);
    // Nothing is changed in place.
    expect(before.functions).toEqual([called, idle]);
    expect(called.body).toHaveLength(1);
  });
});

describe("using", () => {
  test("needs no flag where it is known what is held", () => {
    const text = reserving((release, mark) => [
      t.when(t.compare("eq", mark(), t.c(ir.u32, 1)), [release("submit"), give(1)]),
      t.when(t.compare("eq", mark(), t.c(ir.u32, 2)), [give(2)]),
      release("submit"),
    ]);
    expect(text).not.toContain("event_owned");
    expect(count(text, "submit event")).toBe(2);
    // On the way out with 2, and nowhere else.
    expect(count(text, "discard event")).toBe(1);
    expect(text).toMatch(/discard event flags 0:u64\n\s+return 2/);
  });

  test("asks a flag where a branch released and went on", () => {
    const text = reserving((release, mark) => [
      t.when(t.compare("eq", mark(), t.c(ir.u32, 1)), [release("submit")]),
    ]);
    expect(text).toMatch(/let opaque event_owned: u64 = 1:u64/);
    expect(text).toMatch(/submit event flags 0:u64\n\s+event_owned = 0:u64/);
    expect(text).toMatch(/if ne\(event_owned, 0:u64\) \{\n\s+discard event/);
  });

  test("discards at the end of the scope", () => {
    const text = reserving(() => []);
    expect(text).not.toContain("event_owned");
    expect(count(text, "discard event")).toBe(1);
  });

  test("takes a value out of the record before it is given up", () => {
    const program = t.program("tc", "p", () => {
      const local = t.local("event", t.reference(event, "ringbuf", true));
      const number = t.load(t.field(t.deref(t.get(local)), "number"));
      const body = [t.when(t.isNull(t.get(local)), [give(0)]), t.give(ir.convert(number, ir.i32))];
      return [{ op: "using", local, map: events, body, span: t.span() }];
    });
    const text = printIr(runPasses(t.moduleOf({ programs: [program], maps: [events] })).module);
    expect(text).toMatch(/let result: i32 = .*\.number\)\n\s+discard event flags 0:u64\n\s+return result/);
  });
});

describe("copies", () => {
  const body = (change: boolean): string => {
    const program = t.program("tc", "p", () => {
      const made = t.local("made", ir.u32);
      const kept = t.local("kept", ir.u32);
      return [
        t.declare(made, t.helper("get_prandom_u32", ir.u32)),
        t.declare(kept, t.get(made)),
        ...(change ? [t.set(t.at(made), t.c(ir.u32, 1))] : []),
        t.give(ir.convert(t.get(kept), ir.i32)),
      ];
    });
    return printIr(runPasses(t.moduleOf({ programs: [program] })).module);
  };

  test("are merged where nobody else reads the first", () => {
    expect(body(false)).toContain("let kept: u32 = bpf_get_prandom_u32(): u32");
  });

  test("stay where the first is changed", () => {
    expect(body(true)).toContain("let kept: u32 = made");
  });
});
