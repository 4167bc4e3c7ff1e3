import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/package-root.ts";
import type { ScratchFolder } from "../lab/index.ts";

export const NAME = "traffic.bpf.ts";

/** The line that keeps a missing entry from being used. */
const GUARD = /^\s*if \(!seen\) return .*;\n/m;

/** The program as the package ships it. */
export function source(): string {
  return readFileSync(join(packageRoot, "programs", "demo", NAME), "utf8");
}

export function withoutGuard(text: string): string {
  return replaceOnce(text, GUARD, "");
}

/** Counts with atomic instructions: two processors that send at once lose no packet. */
export function withAtomics(text: string): string {
  return [
    [/HashMap, MapUpdate/, "atomics, HashMap, MapUpdate"],
    [/seen\.packets \+= 1n;/, 'atomics.add(seen, "packets", 1n);'],
    [/seen\.bytes \+= u64\(skb\.len\);/, 'atomics.add(seen, "bytes", u64(skb.len));'],
    [/import \{ cgroup, atomics,/, "import { atomics, cgroup,"],
  ].reduce((result, [from, to]) => replaceOnce(result, from as RegExp, to as string), text);
}

/** Fails where the program has changed and the demonstration has not: nothing shown here is silently skipped. */
function replaceOnce(text: string, from: RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`${NAME} has no ${from}`);
  return result;
}

/** Writes a copy to work on. Returns its path. */
export function copy(folder: ScratchFolder, text: string): string {
  const path = join(folder.path, NAME);
  writeFileSync(path, text);
  return path;
}

export function numbered(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line, i) => `${String(i + 1).padStart(2)}  ${line}`.trimEnd())
    .join("\n");
}
