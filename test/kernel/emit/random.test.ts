import fc from "fast-check";
import { expect, test } from "vitest";
import type { IrProgram } from "../../../compiler/ir/module.ts";
import { simulateModule } from "../../../simulator/simulate.ts";
import { describeKernel } from "../../support/kernel.ts";
import * as t from "../../unit/emit/ir.ts";
import { makeWorld, RandomFunction } from "../../unit/emit/random.ts";
import { clangs, loadModule } from "./compile.ts";
import { runTc } from "./run.ts";

const { ir } = t;
const perModule = 12;
/** More for a search of hours: `TSBPF_RANDOM_RUNS=1000`. */
const runs = Number(process.env.TSBPF_RANDOM_RUNS ?? 8);

describeKernel(
  "random programs",
  () => {
    test.each(clangs)(
      "%s: the kernel computes what JavaScript does",
      async (clang) => {
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 0x7fffffff }), async (seed) => {
            const world = makeWorld();
            const programs: IrProgram[] = Array.from({ length: perModule }, (_, index) =>
              t.program("tc", `p${index}`, (ctx) => {
                const random = new RandomFunction(seed + index, world, (name) =>
                  t.contextField(ctx, name, ir.u32),
                );
                return random.body();
              }),
            );
            const module = t.moduleOf({ programs, globals: world.globals, functions: world.functions });
            using app = await loadModule(module, clang);
            const simulated = simulateModule(module, "random.bpf.ts");
            for (const [mark, priority] of [
              [0, 0],
              [1, 0xffffffff],
              [0x80000000, 7],
              [12345, 0xdeadbeef],
            ] as const) {
              for (const program of programs) {
                app.globals.counter = 1;
                app.globals.table = new Uint32Array([3, 5, 0, 0, 0, 0, 0, 0]);
                simulated.globals.counter = 1;
                simulated.globals.table = new Uint32Array([3, 5, 0, 0, 0, 0, 0, 0]);
                const expected = simulated.program(program.name).run({ mark, priority }).returnValue;
                const result = runTc(app, program.name, { mark, priority });
                expect({ program: program.name, result }).toEqual({
                  program: program.name,
                  result: expected,
                });
              }
            }
          }),
          { numRuns: runs },
        );
      },
      60_000 + 10_000 * runs,
    );
  },
  "clang",
);
