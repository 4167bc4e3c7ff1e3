/** One thing to undo: removing a cgroup, stopping a process, deleting a folder. */
export interface CleanupStep {
  readonly label: string;
  readonly undo: () => void | Promise<void>;
}

export interface CleanupFailure {
  readonly label: string;
  readonly error: unknown;
}

/**
 * What was made, in order; `run()` undoes it last made first. A step that fails does not keep the others from running. After `run()` the
 * registry is empty and may be used again; running twice at once waits for the same run.
 */
export class Cleanup {
  readonly #steps: CleanupStep[] = [];
  #running: Promise<CleanupFailure[]> | undefined;
  #final = false;

  get pending(): readonly string[] {
    return this.#steps.map((step) => step.label);
  }

  /** Throws after `finish()`, and has then undone at once what came too late. */
  defer(label: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ label, undo });
    if (!this.#final) return;
    void this.run();
    throw new Error(`${label}: cleaned up already`);
  }

  /** Registers a resource by its own `close()`, and returns it. */
  use<T extends { close(): void | Promise<void> }>(label: string, resource: T): T {
    this.defer(label, () => resource.close());
    return resource;
  }

  /** The last run: what is registered from now on is undone at once. */
  finish(): Promise<CleanupFailure[]> {
    this.#final = true;
    return this.run();
  }

  run(): Promise<CleanupFailure[]> {
    this.#running ??= this.#undoAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #undoAll(): Promise<CleanupFailure[]> {
    const failures: CleanupFailure[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push({ label: step.label, error });
      }
    }
    return failures;
  }
}

export const INTERRUPTS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type Interrupt = (typeof INTERRUPTS)[number];

/**
 * Runs `onInterrupt` once, on the first of SIGINT, SIGTERM and SIGHUP. Later ones are swallowed, so that an impatient second Ctrl-C does
 * not leave a half cleaned machine. Returns the function that takes the handlers off again.
 */
export function onInterrupt(handler: (signal: Interrupt) => void): () => void {
  let seen = false;
  const listener = (signal: NodeJS.Signals): void => {
    if (seen) return;
    seen = true;
    handler(signal as Interrupt);
  };
  for (const signal of INTERRUPTS) process.on(signal, listener);
  return () => {
    for (const signal of INTERRUPTS) process.off(signal, listener);
  };
}
