import { isAscii } from "node:buffer";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { CodeCache } from "./code-cache.ts";

const require = createRequire(import.meta.url);

type CommonJsBody = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

let saveCache: (() => void) | undefined;

/**
 * TypeScript is 9 MB of JavaScript: compiling it takes longer than checking a program. So it is run through `vm.Script` with the
 * bytecode that V8 kept from an earlier process. Anything unexpected falls back to a plain `require`.
 */
function loadTypeScript(): object {
  const file = require.resolve("typescript");
  let body: CommonJsBody;
  try {
    const source = wrapped(file);
    const cache = new CodeCache("typescript", source.length);
    const cachedData = cache.read();
    const script = new Script(
      source,
      cachedData === undefined ? { filename: file } : { filename: file, cachedData },
    );
    body = script.runInThisContext() as CommonJsBody;
    if (cachedData === undefined || script.cachedDataRejected === true) {
      saveCache = () => cache.write(script.createCachedData());
    }
  } catch {
    return require(file) as object;
  }
  const module = { exports: {} };
  body.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

const head = "(function (exports, require, module, __filename, __dirname) { ";
const tail = "\n})";

/** The file as the body of a function, put together before decoding, and decoded as one byte per character where it may be: half the time. */
function wrapped(file: string): string {
  const bytes = Buffer.concat([Buffer.from(head), readFileSync(file), Buffer.from(tail)]);
  return isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
}

/**
 * Keeps the bytecode for the next process, if this one had none. Called after a check, because V8 compiles functions when they are first
 * called: the cache then holds those that a check needs.
 */
export function keepCompiledTypeScript(): void {
  const save = saveCache;
  saveCache = undefined;
  save?.();
}

export default loadTypeScript();
