import fc from "fast-check";
import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { randomProgram } from "./support/random-program.ts";
import { loadSnippet, runTc } from "./support/snippet.ts";

const inputs: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 2],
  [3, 0xffff_ffff],
  [0x8000_0000, 5],
  [100, 1000],
  [0xffff_fff0, 0x1234_5678],
];

/** Park and Miller's generator: the same program for the same seed. */
function generator(seed: number): (n: number) => number {
  let state = (seed % 2147483646) + 1;
  return (n) => {
    state = Number((BigInt(state) * 48271n) % 2147483647n);
    return state % n;
  };
}

describeKernel(
  "random programs",
  () => {
    test("compute in the kernel what JavaScript computes", async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const { source, run } = randomProgram(generator(seed));
          const app = await loadSnippet(source).catch((error: unknown) => {
            // The verifier follows a million instructions, however right they are.
            if (/too complex|too large|1000000 insn/.test(String(error))) return undefined;
            throw error;
          });
          fc.pre(app !== undefined);
          using _ = app;
          for (const [a, b] of inputs) {
            app.globals.a = a;
            app.globals.b = b;
            runTc(app);
            expect(app.globals.result, `compute(${a}, ${b}) of\n${source}`).toBe(run(a, b));
          }
        }),
        { numRuns: Number(process.env.RANDOM_RUNS ?? 12), endOnFailure: true },
      );
    }, 120_000);
  },
  "clang",
);
