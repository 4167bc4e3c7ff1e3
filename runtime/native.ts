// Finds and loads the addon. Nothing happens at import: the runtime can be imported where the addon is absent (another system, types only,
// reading an object file), and only the first call that needs the kernel fails.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
// By the package's own name for it: the compiler leaves declaration files where they are, so that a path would lead nowhere from `dist/`.
import type * as Binding from "#binding";

export type { Binding };
export type Native = typeof Binding;

/** The addon is not built, cannot be loaded, or this is not Linux. `remedy` says what to do. */
export class NativeUnavailableError extends Error {
  override readonly name = "NativeUnavailableError";
  readonly code: "ENOTSUP" | "ENOENT" | "ELIBBAD";
  readonly operation = "load addon";
  readonly remedy: string;

  constructor(code: "ENOTSUP" | "ENOENT" | "ELIBBAD", message: string, remedy: string, cause?: unknown) {
    super(`load addon: ${message} (${remedy})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}

let loaded: Native | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws {NativeUnavailableError} where it is absent or not for this machine.
 */
export function binding(): Native {
  loaded ??= loadAddon();
  return loaded;
}

function loadAddon(): Native {
  if (platform !== "linux") {
    throw new NativeUnavailableError(
      "ENOTSUP",
      `the runtime needs Linux, this is ${platform}`,
      "load and attach on a Linux machine; the compiler works everywhere",
    );
  }
  const path = nativeFile("tsbpf.node");
  if (path === undefined) {
    const candidates = nativePaths(packageRoot(), "tsbpf.node");
    throw new NativeUnavailableError(
      "ENOENT",
      `the native addon is missing, looked for ${candidates.join(" and ")}`,
      "run `npm run setup`",
    );
  }
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NativeUnavailableError(
      "ELIBBAD",
      `the native addon ${path} cannot be loaded: ${reason}`,
      "run `npm run setup` to build it for this machine",
      cause,
    );
  }
}

/** A file that the build of `native/` made, or shipped with the package; `undefined` where there is none. */
export function nativeFile(name: string): string | undefined {
  return nativePaths(packageRoot(), name).find((path) => existsSync(path));
}

/** Where such a file may be, best first: built in this checkout, else shipped with the package. */
export function nativePaths(root: string, name: string): readonly string[] {
  return [
    join(root, "native", "build", "Release", name),
    join(root, "native", "prebuilt", `${platform}-${arch}`, name),
  ];
}

/** This file runs from `runtime/` and, compiled, from `dist/runtime/`: the package is the nearest folder with a `package.json`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return folder;
}
