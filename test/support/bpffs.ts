import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownName, removedAtExit } from "./cleanup.ts";

/** A bpffs of the test's own, mounted in a temporary folder: pins left by a failed test go with it. */
export function ensureBpffs(): Disposable & { readonly path: string } {
  const path = join(tmpdir(), ownName("bpffs"));
  mkdirSync(path, { mode: 0o700 });
  execFileSync("mount", ["-t", "bpf", "bpf", path]);
  const remove = removedAtExit(() => {
    if (readFileSync("/proc/self/mountinfo", "utf8").includes(` ${path} `))
      execFileSync("umount", ["-l", path]);
    rmdirSync(path);
  });
  return { path, [Symbol.dispose]: remove };
}

/** A temporary folder that is removed with what it holds. */
export function makeTemporary(name = "files"): Disposable & { readonly path: string } {
  const path = join(tmpdir(), ownName(name));
  mkdirSync(path, { mode: 0o700 });
  return { path, [Symbol.dispose]: removedAtExit(() => rmSync(path, { recursive: true, force: true })) };
}
