/**
 * The files that wait to be checked. They wait for a pause in typing, then are checked one after the other; between two of them the
 * editor is listened to, and what it says may put off or drop the rest.
 */
export class CheckQueue {
  readonly #check: (path: string) => void;
  #due: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(check: (path: string) => void) {
    this.#check = check;
  }

  /** Puts files before those that wait already; all wait `delay` milliseconds from now. */
  add(paths: readonly string[], delay: number): void {
    if (paths.length === 0) return;
    this.#due = new Set([...paths, ...this.#due]);
    this.#wait(delay);
  }

  drop(path: string): void {
    this.#due = new Set([...this.#due].filter((each) => each !== path));
  }

  /** Checks now what waits. */
  settle(): void {
    while (this.#due.size > 0) this.#next();
  }

  stop(): void {
    this.#due = new Set();
    clearTimeout(this.#timer);
  }

  #wait(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#next();
      if (this.#due.size > 0) this.#wait(0);
    }, delay);
  }

  #next(): void {
    const [path] = this.#due;
    if (path === undefined) return;
    this.drop(path);
    this.#check(path);
  }
}
