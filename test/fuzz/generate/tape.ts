import fc from "fast-check";

/** Decisions, one number each; where they end, every further one is 0. A shorter tape, and smaller numbers, make a simpler program. */
export type Tape = readonly number[];

export const tapes: fc.Arbitrary<Tape> = fc.noBias(fc.array(fc.nat(0xffff), { maxLength: 600, size: "max" }));

/** Reads a tape. */
export class Choices {
  readonly #tape: Tape;
  #position = 0;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  get exhausted(): boolean {
    return this.#position >= this.#tape.length;
  }

  /** From 0 to `limit - 1`. */
  below(limit: number): number {
    const value = this.#tape[this.#position] ?? 0;
    this.#position++;
    return value % limit;
  }

  /** The first is what a program falls back to. */
  pick<T>(options: readonly T[]): T {
    return options[this.below(options.length)] as T;
  }

  /** Once in `times`, and never at the end of the tape. */
  once(times: number): boolean {
    return this.below(times) === times - 1;
  }
}
