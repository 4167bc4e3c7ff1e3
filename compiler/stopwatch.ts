/** Milliseconds by stage. */
export class Stopwatch {
  readonly timings: Record<string, number> = {};

  time<T>(stage: string, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#add(stage, start);
    }
  }

  async timeAsync<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#add(stage, start);
    }
  }

  #add(stage: string, start: number): void {
    this.timings[stage] = (this.timings[stage] ?? 0) + performance.now() - start;
  }
}
