import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { LoadRequest } from "./load-client.ts";
import { LabProcess, type SpawnOptions } from "./process.ts";
import { scriptPath } from "./script.ts";
import type { WindowResult } from "./statistics.ts";

/** A client of keep-alive HTTP connections in a process of its own, in its own cgroup and network namespace. */
export class LoadGenerator {
  readonly process: LabProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: LabProcess) {
    this.process = child;
    this.#lines = createInterface({ input: child.child.stdout as Readable })[Symbol.asyncIterator]();
  }

  static start(options: SpawnOptions): LoadGenerator {
    return new LoadGenerator(LabProcess.start([process.execPath, scriptPath("load-main")], options));
  }

  /** Runs one window; one at a time. Throws where the process has ended. */
  async window(request: LoadRequest): Promise<WindowResult> {
    (this.process.child.stdin as Writable).write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the load generator has ended: ${this.process.errors.trim()}`);
    return JSON.parse(line.value) as WindowResult;
  }

  close(): Promise<void> {
    return this.process.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
