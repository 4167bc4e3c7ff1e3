import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clang } from "./find-clang.ts";

export interface ClangRun {
  /** The exit status; absent where a signal ended it. */
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly timedOut: boolean;
  readonly messages: string;
  readonly object: Uint8Array;
}

/** The work that a compilation must not take longer than; a usual one takes a tenth of a second. */
const defaultTimeoutMs = 60_000;
/** More than that is no BPF object, and no message that anybody reads. */
const maximumOutput = 64 << 20;

/**
 * `-mcpu=v3` is the floor: 32-bit atomics with results need it. Overflow wraps, memory has no declared types, and a loop is no
 * `memset` (there is none to call). Switches become no tables, for those would be maps.
 */
const flags = [
  "-mcpu=v3",
  "-O2",
  "-g",
  "-std=gnu11",
  "-fwrapv",
  "-fno-strict-aliasing",
  "-ffreestanding",
  "-fno-builtin",
  "-fno-jump-tables",
  "-fno-ident",
  "-fno-stack-protector",
  "-fno-color-diagnostics",
  "-fno-caret-diagnostics",
  "-w",
  "-c",
  "-x",
  "c",
];

/** Compiles C from memory to memory. Rejects where the compiler cannot be started, or a temporary file not be written. */
export function runClang(clang: Clang, text: string, timeoutMs = defaultTimeoutMs): Promise<ClangRun> {
  if (clang.kind === "zig") return runZig(clang, text, timeoutMs);
  const target = ["--target=bpfel", "-nostdinc", "-fno-crash-diagnostics", ...flags, "-", "-o", "-"];
  return start(clang.path, target, text, timeoutMs, {});
}

/** Zig wants a library folder, a cache and an output file. */
async function runZig(clang: Clang, text: string, timeoutMs: number): Promise<ClangRun> {
  const folder = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-`));
  try {
    chmodSync(folder, 0o700);
    const library = join(folder, "lib", "std");
    const source = join(folder, "program.c");
    const object = join(folder, "program.o");
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, "std.zig"), "");
    writeFileSync(source, text);
    const args = [
      "cc",
      "-target",
      "bpfel-freestanding",
      "-fno-unwind-tables",
      ...flags,
      source,
      "-o",
      object,
    ];
    const run = await start(clang.path, args, "", timeoutMs, {
      ZIG_LIB_DIR: join(folder, "lib"),
      ZIG_LOCAL_CACHE_DIR: join(folder, "cache"),
      ZIG_GLOBAL_CACHE_DIR: join(folder, "cache"),
    });
    const messages = run.messages.replaceAll(source, "<stdin>");
    return { ...run, messages, object: run.status === 0 ? readFileSync(object) : run.object };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(
  path: string,
  args: readonly string[],
  input: string,
  timeoutMs: number,
  environment: Readonly<Record<string, string>>,
): Promise<ClangRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C", ...environment },
    });
    // A process that ends meanwhile, by an interrupt, does not leave it behind.
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    const output: Buffer[] = [];
    const messages: Buffer[] = [];
    const collect = (into: Buffer[]) => {
      let size = 0;
      return (chunk: Buffer) => {
        size += chunk.length;
        if (size > maximumOutput) child.kill("SIGKILL");
        else into.push(chunk);
      };
    };
    child.stdout.on("data", collect(output));
    child.stderr.on("data", collect(messages));
    // A compiler that ends before it has read all says why by its status.
    child.stdin.on("error", () => {});
    child.on("error", (error) => {
      clearTimeout(timer);
      process.off("exit", kill);
      reject(error);
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      process.off("exit", kill);
      resolve({
        status: status ?? undefined,
        signal: signal ?? undefined,
        timedOut,
        messages: Buffer.concat(messages).toString("utf8"),
        object: new Uint8Array(Buffer.concat(output)),
      });
    });
    child.stdin.end(input);
  });
}
