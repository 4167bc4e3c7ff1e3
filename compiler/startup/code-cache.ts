import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { packageRoot } from "../package-root.ts";

const digestLength = 16;

/**
 * V8's bytecode of one script, preceded by a digest of it and of what the script was. It is an accelerator and nothing else: whatever
 * goes wrong with it (no permission, a full disk, a torn or foreign file) means that there is no cache.
 */
export class CodeCache {
  readonly #name: string;
  readonly #source: string;
  readonly #folders: readonly string[];

  /**
   * `source` tells one text of the script from any other: V8 itself compares nothing but its length. V8's version, its flags and the
   * processor, all in its version tag, are in the file's name, so that processes that differ do not overwrite each other's.
   */
  constructor(name: string, source: string, folders: readonly string[] = cacheFolders()) {
    this.#folders = folders;
    this.#source = source;
    this.#name = `${name}-${cachedDataVersionTag().toString(16)}.v8`;
  }

  read(): Buffer | undefined {
    for (const folder of this.#folders) {
      try {
        const file = join(folder, this.#name);
        if (!isTrusted(file)) continue;
        const bytes = readFileSync(file);
        const data = bytes.subarray(digestLength);
        if (this.#digest(data).equals(bytes.subarray(0, digestLength))) return data;
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
        writeFileSync(temporary, Buffer.concat([this.#digest(data), data]), { mode: 0o644, flag: "wx" });
        renameSync(temporary, join(folder, this.#name));
        return;
      } catch {
        discard(temporary);
      }
    }
  }

  // Release builds of V8 do not verify the checksum of a code cache (src/snapshot/code-serializer.cc, SanityCheck).
  #digest(data: Buffer): Buffer {
    return createHash("sha1")
      .update(this.#source)
      .update("\0")
      .update(data)
      .digest()
      .subarray(0, digestLength);
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
