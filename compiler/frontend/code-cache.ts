import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { packageRoot } from "../package-root.ts";

const digestLength = 16;

/**
 * One file of V8 bytecode, preceded by its digest. It is an accelerator and nothing else: whatever goes wrong with it (no
 * permission, a full disk, a torn or foreign file) means that there is no cache.
 */
export class CodeCache {
  readonly #name: string;
  readonly #folders: readonly string[];

  /**
   * V8 takes the file only if its version, its flags and the processor are the same (all in its version tag) and the source has the same
   * length. With them in the name, processes that differ do not overwrite each other's.
   */
  constructor(name: string, sourceLength: number, folders: readonly string[] = cacheFolders()) {
    this.#folders = folders;
    this.#name = `${name}-${sourceLength}-${cachedDataVersionTag().toString(16)}.v8`;
  }

  read(): Buffer | undefined {
    for (const folder of this.#folders) {
      try {
        const file = join(folder, this.#name);
        if (!isTrusted(file)) continue;
        const bytes = readFileSync(file);
        const data = bytes.subarray(digestLength);
        if (digest(data).equals(bytes.subarray(0, digestLength))) return data;
      } catch {
        // Not there, or not readable.
      }
    }
    return undefined;
  }

  write(data: Buffer): void {
    for (const folder of this.#folders) {
      const temporary = join(folder, `${this.#name}.${process.pid}`);
      try {
        makeFolder(folder);
        writeFileSync(temporary, Buffer.concat([digest(data), data]), { mode: 0o644, flag: "wx" });
        renameSync(temporary, join(folder, this.#name));
        return;
      } catch {
        discard(temporary);
      }
    }
  }
}

/** `force` forgives a file that is not there, not a folder that may not be entered. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing was written.
  }
}

/** The package's own folder where it may be written (a checkout, a project's `node_modules`), else the user's. */
function cacheFolders(): string[] {
  const user = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return [join(packageRoot, "dist", ".cache"), join(user, "tsbpf")];
}

/** With its parent at most. `recursive` of Node 20 does not come back from a path below /proc, where nothing can be made. */
function makeFolder(folder: string): void {
  for (const one of [dirname(folder), folder]) {
    if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
  }
}

/** Bytecode is code: nobody but this user or root may have been able to write it. */
function isTrusted(file: string): boolean {
  const { uid, mode } = statSync(file);
  return process.getuid === undefined || ((uid === process.getuid() || uid === 0) && (mode & 0o022) === 0);
}

// Release builds of V8 do not verify the checksum of a code cache (src/snapshot/code-serializer.cc, SanityCheck).
function digest(data: Buffer): Buffer {
  return createHash("sha1").update(data).digest().subarray(0, digestLength);
}
