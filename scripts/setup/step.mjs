// What every step uses: the tree, running a command, and remembering what was done.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Something that keeps set-up from going on: `remedy` says what to do about it. Exit code 3 where it is the machine's, 1 a failed build. */
export class SetupError extends Error {
  constructor(message, { remedy, exitCode = 3, cause } = {}) {
    super(message, { cause });
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** All that set-up says goes to stderr: `npm start` prints its results after it. */
export function report(text) {
  process.stderr.write(`setup: ${text}\n`);
}

const quote = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Prints a command as one could type it, and runs it with its output on stderr. Throws `failure(status)` when it fails. */
export function run(command, args, { cwd = root, env = {}, failure } = {}) {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${quote(value)} `);
  const folder = cwd === root ? "" : `(in ${relative(root, cwd) || cwd}) `;
  process.stderr.write(`$ ${folder}${assignments.join("")}${[command, ...args].map(quote).join(" ")}\n`);
  const result = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", 2, 2] });
  if (result.error === undefined && result.status === 0) return;
  const why =
    result.error?.message ?? (result.signal ? `ended by ${result.signal}` : `exit code ${result.status}`);
  throw failure?.(why) ?? new SetupError(`${command} failed: ${why}`, { exitCode: 1 });
}

/** The output of a command that only asks; `undefined` where it fails. */
export function ask(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  return result.error === undefined && result.status === 0 ? result.stdout : undefined;
}

/** The path of a program, also where the administrator's folders are not on PATH. */
export function findProgram(name) {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Hashes names and contents of files, and of all files in folders that `accept` takes. */
export function hashFiles(paths, accept = () => true) {
  const hash = createHash("sha256");
  const add = (path) => {
    const stats = statSync(join(root, path), { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory()) {
      for (const entry of readdirSync(join(root, path)).sort()) add(join(path, entry));
    } else if (accept(path)) {
      hash.update(`${path}\0${stats.size}\0`).update(readFileSync(join(root, path)));
    }
  };
  for (const path of paths) add(path);
  return hash.digest("hex");
}

export function readText(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

export function writeText(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
