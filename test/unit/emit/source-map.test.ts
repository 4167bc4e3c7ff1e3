import { describe, expect, test } from "vitest";
import { emitC } from "../../../compiler/emit/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import * as t from "./ir.ts";

const { ir } = t;

describe("from C to the source", () => {
  const time = t.helper("ktime_get_ns", ir.u64);
  const random = t.helper("get_prandom_u32", ir.u32);
  const sum = t.binary("add", ir.convert(time, ir.u32), random);
  const result = t.give(ir.convert(sum, ir.i32));
  const program = t.program("tc", "clock", () => [result]);
  const { text, map } = emitC(runPasses(t.moduleOf({ programs: [program] })).module);
  const lines = text.split("\n");
  const lookup = (needle: string, offset = 0) => {
    const line = lines.findIndex(
      (candidate) => candidate.includes(needle) && !candidate.startsWith("static"),
    );
    const column = (lines[line] ?? "").indexOf(needle);
    return map.lookup(line + 1, column + 1 + offset);
  };

  test("finds the narrowest expression", () => {
    expect(lookup("bpf_ktime_get_ns()")).toEqual(time.span);
    expect(lookup("bpf_get_prandom_u32()")).toEqual(random.span);
    expect(lookup(" + ", 1)).toEqual(sum.span);
    expect(lookup("return")).toEqual(result.span);
    expect(lookup("int clock(")).toEqual(program.span);
  });

  test("knows nothing of what the emitter added", () => {
    expect(lookup("typedef")).toBeUndefined();
    expect(map.lookup(10_000, 1)).toBeUndefined();
  });
});
