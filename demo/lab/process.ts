import { type ChildProcess, execFile, spawn } from "node:child_process";
import type { Cgroup } from "./cgroup.ts";
import { EnvironmentError } from "./environment.ts";
import type { NetworkNamespace } from "./netns.ts";
import { sleep } from "./time.ts";

/** Where a process runs: in a cgroup, in a network namespace, in both or in neither. */
export interface Place {
  readonly cgroup?: Cgroup;
  readonly netns?: NetworkNamespace;
}

export interface SpawnOptions extends Place {
  /** It is killed after this long whatever happens. */
  readonly lifetimeMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The command line that starts `command` in its place. A process that forks in a cgroup is in it, so the shell enters and then becomes
 * the command. `setpriv --pdeathsig` ends it when we die without a chance to clean up (prctl(2), PR_SET_PDEATHSIG).
 * `ip netns exec` would hide the cgroup tree behind a fresh /sys; `nsenter` does not.
 */
export function placed(command: readonly string[], place: Place): string[] {
  const inNamespace = place.netns ? ["nsenter", `--net=${place.netns.path}`, ...command] : [...command];
  const tied = ["setpriv", "--pdeathsig", "KILL", ...inNamespace];
  if (!place.cgroup) return tied;
  const enter = 'echo 0 > "$1/cgroup.procs" || exit 125; shift; exec "$@"';
  return ["sh", "-c", enter, "sh", place.cgroup.path, ...tied];
}

/** A process of ours with a bounded life. */
export class LabProcess {
  readonly command: string;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  #output = "";
  readonly #timer: NodeJS.Timeout;

  private constructor(command: string, child: ChildProcess, lifetimeMs: number) {
    this.command = command;
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#output += error.message;
        resolve({ code: 127, signal: null });
      });
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    // Writing to one that has gone is found out by its exit, not by EPIPE.
    child.stdin?.on("error", () => {});
    this.#timer = setTimeout(() => child.kill("SIGKILL"), lifetimeMs);
    void this.exited.then(() => clearTimeout(this.#timer));
  }

  static start(command: readonly string[], options: SpawnOptions): LabProcess {
    const [file, ...args] = placed(command, options);
    const child = spawn(file as string, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    return new LabProcess(command.join(" "), child, options.lifetimeMs);
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error(`${this.command} did not start: ${this.#output}`);
    return pid;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  /** What it has written to stderr. */
  get errors(): string {
    return this.#output;
  }

  /** SIGTERM, and SIGKILL when that has had no effect for two seconds. */
  async close(): Promise<void> {
    if (!this.running) return;
    this.child.kill("SIGTERM");
    const kill = setTimeout(() => this.child.kill("SIGKILL"), 2_000);
    await this.exited;
    clearTimeout(kill);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end in its place. Never throws for an exit code: that is the caller's to judge. */
export function run(command: readonly string[], place: Place = {}, timeoutMs = 10_000): Promise<Finished> {
  const [file, ...args] = place.cgroup || place.netns ? placed(command, place) : command;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file as string,
      args,
      { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error && error.code === "ENOENT") {
          reject(new EnvironmentError(`${file} is not installed`));
          return;
        }
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}

/** Runs a command that must succeed, and returns what it printed. */
export async function mustRun(
  command: readonly string[],
  place: Place = {},
  timeoutMs = 10_000,
): Promise<string> {
  const finished = await run(command, place, timeoutMs);
  if (finished.code !== 0) {
    const why = finished.stderr.trim() || `exit code ${finished.code ?? finished.signal}`;
    throw new Error(`${command.join(" ")}: ${why}`);
  }
  return finished.stdout;
}

/** True once the process with this pid is gone. For tests of the cleanup. */
export async function gone(pid: number, timeoutMs = 2_000): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}
