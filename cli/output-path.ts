import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Emit } from "./commands/build.ts";
import { UsageError } from "./usage-error.ts";

const ENDING: Readonly<Record<Emit, string>> = { object: ".o", c: ".c", ir: ".ir", js: ".js" };

/** `flows.bpf.ts` → `flows.bpf.o`. */
export function outputName(source: string, emit: Emit): string {
  return basename(source).replace(/\.[cm]?tsx?$/, "") + ENDING[emit];
}

/** A path to write to, or stdout. */
export type Destination = { readonly path: string } | { readonly stdout: true };

/**
 * Where each source's result goes. With several sources `out` is a folder; with one it is a file, unless it ends in a slash or is a folder
 * already.
 *
 * @throws {UsageError} where two would be written to one place, or a source over itself.
 */
export function destinations(
  sources: readonly string[],
  out: string | undefined,
  emit: Emit,
  cwd: string,
): Destination[] {
  if (out === undefined && emit !== "object") return sources.map(() => ({ stdout: true }));
  if (out === "-") {
    if (sources.length > 1 && emit === "object")
      throw new UsageError("several objects cannot go to stdout", "name a folder: -o build/");
    return sources.map(() => ({ stdout: true }));
  }
  const places = sources.map((source) => {
    if (out === undefined) return resolve(cwd, dirname(source), outputName(source, emit));
    return isFolder(out, sources.length, cwd)
      ? resolve(cwd, out, outputName(source, emit))
      : resolve(cwd, out);
  });
  for (const [i, path] of places.entries()) {
    const other = places.indexOf(path);
    if (other < i && resolve(cwd, sources[other] as string) !== resolve(cwd, sources[i] as string)) {
      throw new UsageError(
        `${sources[other]} and ${sources[i]} would both be written to ${path}`,
        "build them one by one",
      );
    }
    if (sources.some((source) => resolve(cwd, source) === path)) {
      throw new UsageError(`${path} is the source`, "name another file with -o");
    }
  }
  return places.map((path) => ({ path }));
}

function isFolder(out: string, count: number, cwd: string): boolean {
  if (count > 1 || out.endsWith("/")) return true;
  return statSync(join(resolve(cwd, out)), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
