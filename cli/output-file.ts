import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writing failed. `reason` is in the user's words, `help` what to do about it. */
export class WriteError extends Error {
  readonly path: string;
  readonly reason: string;

  constructor(path: string, cause: unknown) {
    const reason = describe(cause);
    super(`${path}: ${reason}`, { cause });
    this.name = "WriteError";
    this.path = path;
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  EISDIR: "it is a directory",
  ENOENT: "no file can be made there",
  ENOTDIR: "a part of the path is not a directory",
  ENAMETOOLONG: "the name is too long",
  ETXTBSY: "the file is being executed",
  EIO: "input/output error",
};

function describe(cause: unknown): string {
  const { code, syscall, message } = cause as NodeJS.ErrnoException;
  // mkdir(2) says so of a file where a folder should be.
  if (code === "EEXIST" && syscall === "mkdir") return REASONS.ENOTDIR as string;
  return REASONS[code ?? ""] ?? message;
}

/**
 * Writes a file as a whole or not at all: to a temporary one beside it, then rename(2), so that a reader or a full disk never leaves half
 * an object. Missing folders are made. What is there and no regular file (`/dev/null`, a pipe) is written to as it is.
 */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    makeFolder(dirname(path));
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) writeInPlace(path, content);
    // A symbolic link stays one: its target is replaced.
    else replace(existing ? realpathSync(path) : path, content, existing?.mode);
  } catch (error) {
    throw new WriteError(path, error);
  }
}

/** `mkdirSync` with `recursive` does not come back, in Node 20, from a path below /proc, where nothing can be made. */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (parent === folder || existsSync(folder)) return;
  makeFolder(parent);
  mkdirSync(folder);
}

function replace(path: string, content: string | Uint8Array, mode: number | undefined): void {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, content, { flag: "wx", mode: (mode ?? 0o666) & 0o777, flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeInPlace(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const file = openSync(path, "w");
  try {
    if (fstatSync(file).isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}
