import { isAscii } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { CodeCache } from "./code-cache.ts";

type CommonJsBody = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

const head = Buffer.from("(function (exports, require, module, __filename, __dirname) { ");
const tail = Buffer.from("\n})");

const modules = new Map<string, { exports: object }>();
const unkept: (() => void)[] = [];

/**
 * Runs a CommonJS file, and the files beside it that it requires, with the bytecode that V8 kept from an earlier process: compiling
 * TypeScript takes longer than checking a program. What the bytecode is of is known by the file's size and times of change, the last of
 * which nobody can set. `folders` are where to keep it, instead of the usual ones.
 */
export function loadScript(file: string, folders?: readonly string[]): object {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  const { source, identity } = readWrapped(file);
  const cache = new CodeCache(basename(file), identity, folders);
  const cachedData = cache.read();
  const options = cachedData === undefined ? { filename: file } : { filename: file, cachedData };
  const script = new Script(source, options);
  const body = script.runInThisContext() as CommonJsBody;
  if (cachedData === undefined || script.cachedDataRejected === true) {
    unkept.push(() => cache.write(script.createCachedData()));
  }
  const module = { exports: {} };
  modules.set(file, module);
  const require = createRequire(file);
  const requireFrom = (id: string): unknown =>
    id.startsWith("./") ? loadScript(join(dirname(file), id), folders) : require(id);
  body.call(module.exports, module.exports, requireFrom, module, file, dirname(file));
  return module.exports;
}

/**
 * Keeps the bytecode for the next process, if this one had none. To be called after the work, because V8 compiles functions when they are
 * first called: the cache then holds those that are needed.
 */
export function keepCompiledScripts(): void {
  for (const keep of unkept.splice(0)) keep();
}

/** The file as the body of a function: put together before decoding, and decoded as one byte per character where it may be, in half the time. */
function readWrapped(file: string): { source: string; identity: string } {
  const descriptor = openSync(file, "r");
  try {
    const { size, ino, mtimeMs, ctimeMs } = fstatSync(descriptor);
    const bytes = Buffer.allocUnsafeSlow(head.length + size + tail.length);
    head.copy(bytes);
    const length = readSync(descriptor, bytes, head.length, size, 0);
    if (length !== size) throw new Error(`${file} changed while it was read`);
    tail.copy(bytes, head.length + size);
    return {
      source: isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8"),
      identity: [file, size, ino, mtimeMs, ctimeMs].join(" "),
    };
  } finally {
    closeSync(descriptor);
  }
}
