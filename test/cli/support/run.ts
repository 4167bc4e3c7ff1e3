import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../support/dist.ts";

export const main: string = join(packageRoot, "dist", "cli", "main.js");

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Without the variables that would colour or redirect. */
function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NO_COLOR, FORCE_COLOR, TSBPF_CLANG, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** Runs the built command to its end. */
export function tsbpf(args: readonly string[], options: RunOptions = {}): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 20_000,
    cwd: options.cwd ?? packageRoot,
    env: environment(options.env),
    maxBuffer: 64 << 20,
  });
  return { code: status, stdout, stderr };
}

/** Starts the built command, for those that run until they are interrupted. */
export function startTsbpf(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? packageRoot,
    env: environment(options.env),
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
}

/** A folder with these files, gone when disposed. */
export function project(
  files: Readonly<Record<string, string | Uint8Array>>,
): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-cli-`));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** How an answer stands in a golden file: what differs between machines and runs is named, not shown. */
export function transcript(args: readonly string[], answer: Answer): string {
  const section = (name: string, text: string): string =>
    text === "" ? "" : `--- ${name}\n${text.replace(/\n?$/, "\n")}`;
  const text = `$ tsbpf ${args.join(" ")}\n${section("stdout", answer.stdout)}${section("stderr", answer.stderr)}--- exit ${answer.code}\n`;
  return text.replace(/\(id \d+\)/g, "(id N)").replace(/(mounted at) \/\S+/g, "$1 CGROUP2");
}
