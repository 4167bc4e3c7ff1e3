import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { clangCannotStart, clangKilled, clangTooOld, noRoom } from "../diagnostics/toolchain.ts";
import type { SourceMap } from "../emit/c/source-map.ts";
import type { IrModule } from "../ir/module.ts";
import { clangComplaints } from "./complaints.ts";
import { type Clang, findClang, oldestClang } from "./find-clang.ts";
import { type ClangRun, runClang } from "./run-clang.ts";

export interface CompileCOptions {
  /** `--clang`: a path, or a name on PATH. */
  readonly clang?: string;
  /** Gives clang's complaints their place in the source. */
  readonly map?: SourceMap;
  readonly module?: IrModule;
  /** One minute by default. */
  readonly timeoutMs?: number;
}

export interface CompileCResult {
  /** As clang wrote it; absent where it did not. */
  readonly object?: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

const found = new Map<string, Clang | Diagnostic>();

/** Searching PATH once is enough for a process; a failure is not remembered, for the user may install one meanwhile. */
function clangFor(asked: string | undefined): Clang | Diagnostic {
  const key = JSON.stringify([asked, process.env.TSBPF_CLANG, process.env.PATH]);
  const known = found.get(key) ?? findClang(asked === undefined ? {} : { clang: asked });
  if ("path" in known) found.set(key, known);
  return known;
}

/** Compiles what `emitC` printed. Never throws for what the machine or clang may do. */
export async function compileC(text: string, options: CompileCOptions = {}): Promise<CompileCResult> {
  const clang = clangFor(options.clang);
  if (!("path" in clang)) return { diagnostics: [clang] };
  let run: ClangRun;
  try {
    run = await runClang(clang, text, options.timeoutMs);
  } catch (error) {
    return { diagnostics: [failure(clang, error)] };
  }
  if (run.status === 0) {
    if (isObject(run.object)) return { object: run.object, diagnostics: [] };
    return {
      diagnostics: [tooOld(clang) ?? clangKilled(undefined, clang.path, "wrote no whole BPF object")],
    };
  }
  return { diagnostics: complaintsOf(clang, run, options) };
}

function complaintsOf(clang: Clang, run: ClangRun, options: CompileCOptions): readonly Diagnostic[] {
  if (run.timedOut) return [clangKilled(undefined, clang.path, "took too long and was ended")];
  if (run.signal !== undefined) return [clangKilled(undefined, clang.path, `was ended by ${run.signal}`)];
  if (/no space left on device/i.test(run.messages)) {
    return [noRoom(undefined, tmpdir(), "no space left on device")];
  }
  const old = tooOld(clang);
  return old === undefined ? clangComplaints(run.messages, options.map, options.module) : [old];
}

/** Asked only after a failure, for asking takes as long as compiling. */
function tooOld(clang: Clang): Diagnostic | undefined {
  const version = clang.kind === "clang" && clang.version === undefined ? askVersion(clang.path) : undefined;
  return version !== undefined && version < oldestClang
    ? clangTooOld(undefined, clang.path, version)
    : undefined;
}

/** An ELF object for BPF (machine 247), up to its section headers, which clang writes last: a wrapper's text or half an object is none. */
function isObject(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201 || view.getUint16(18, true) !== 247)
    return false;
  const end = view.getBigUint64(40, true) + BigInt(view.getUint16(58, true) * view.getUint16(60, true));
  return end <= BigInt(bytes.length);
}

function askVersion(path: string): number | undefined {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  const version = /version (\d+)/.exec(stdout ?? "");
  return version === null ? undefined : Number(version[1]);
}

function failure(clang: Clang, error: unknown): Diagnostic {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const spawned = syscall?.startsWith("spawn") === true;
  if (!spawned && (code === "ENOSPC" || code === "EDQUOT" || code === "EROFS" || code === "EACCES")) {
    return noRoom(undefined, tmpdir(), message);
  }
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "it is not executable",
    ENOEXEC: "it is no program for this machine",
  };
  return clangCannotStart(undefined, clang.path, reasons[code ?? ""] ?? message);
}
