import fc from "fast-check";
import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { compareExecutions } from "./generate/run.ts";
import { type Tape, tapes } from "./generate/tape.ts";

/** `npm run test:nightly` searches further, from another start each time. */
const nightly = process.env.TSBPF_NIGHTLY !== undefined;
const seed = Number(process.env.TSBPF_FUZZ_SEED ?? (nightly ? Date.now() % 0x7fffffff : 20260101));
const programs = Number(process.env.TSBPF_FUZZ_PROGRAMS ?? (nightly ? 2000 : 100));
const perObject = 20;

describeKernel(
  "random programs",
  () => {
    test(`the kernel and JavaScript agree about ${programs} of them (seed ${seed})`, {
      timeout: 60_000 + 1000 * programs,
    }, async () => {
      const all = fc.sample(tapes, { seed, numRuns: programs });
      for (let first = 0; first < all.length; first += perObject) {
        const batch = all.slice(first, first + perObject);
        const wrong = await firstWrong(batch);
        if (wrong !== undefined) await shrink(wrong);
      }
    });
  },
  "clang",
);

/** The first program of a batch that fails; what a whole batch says may be about any of them. */
async function firstWrong(batch: readonly Tape[]): Promise<Tape | undefined> {
  try {
    const found = await compareExecutions(batch);
    return found === undefined ? undefined : batch[found.index];
  } catch (error) {
    for (const tape of batch) {
      try {
        await compareExecutions([tape]);
      } catch {
        return tape;
      }
    }
    throw error;
  }
}

/** Fails with the smallest program that still does. */
async function shrink(tape: Tape): Promise<void> {
  await fc.assert(
    fc.asyncProperty(tapes, async (candidate) => {
      const found = await compareExecutions([candidate]);
      if (found === undefined) return;
      const { source, input, kernel, simulator } = found;
      expect({ source, input, state: simulator }).toEqual({ source, input, state: kernel });
    }),
    { seed, examples: [[[...tape]]], numRuns: 1, interruptAfterTimeLimit: 120_000 },
  );
  throw new Error("it failed among others and agrees alone");
}
