export interface Assertion {
  readonly claim: string;
  readonly held: boolean;
  readonly seen: string | undefined;
}

/** What the run claims, each with what was seen. The run is a success if all held. */
export class Assertions {
  readonly #all: Assertion[] = [];

  /** Notes a claim. Returns whether it held, so that what builds on it can be left out. */
  claim(claim: string, held: boolean, seen?: string): boolean {
    this.#all.push({ claim, held, seen });
    return held;
  }

  get all(): readonly Assertion[] {
    return this.#all;
  }

  /** A run that claimed nothing has shown nothing. */
  get held(): boolean {
    return this.#all.length > 0 && this.#all.every((assertion) => assertion.held);
  }
}
