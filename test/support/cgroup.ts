import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownName, removedAtExit } from "./cleanup.ts";

/** Where cgroup v2 is mounted: on hybrid systems beside v1, so it is looked up (proc(5), mountinfo) and not assumed. */
export function cgroup2Root(): string {
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [left, right] = line.split(" - ");
    if (right?.startsWith("cgroup2 ")) {
      const path = left?.split(" ")[4];
      if (path !== undefined)
        return path.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    }
  }
  throw new Error("no cgroup v2 is mounted");
}

export interface Cgroup extends Disposable {
  readonly path: string;
  /** What `bpf_get_current_cgroup_id` returns for it: the inode number. */
  readonly id: bigint;
  /** A child cgroup, removed with this one. */
  child(name: string): Cgroup;
  /** Starts a program inside: it is a member before it executes anything of its own. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Moves this process inside until the result is disposed. Sockets keep the cgroup in which they were made. */
  enter(): Disposable;
}

function cgroupAt(path: string): Cgroup {
  mkdirSync(path);
  const remove = removedAtExit(() => removeTree(path));
  return {
    path,
    id: statSync(path, { bigint: true }).ino,
    child: (name) => cgroupAt(join(path, name)),
    spawn(command, args, options = {}) {
      const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
      return spawn("/bin/sh", ["-c", script, path, command, ...args], options);
    },
    enter() {
      const before = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
      writeFileSync(join(path, "cgroup.procs"), String(process.pid));
      const leave = removedAtExit(() =>
        writeFileSync(join(cgroup2Root(), before, "cgroup.procs"), String(process.pid)),
      );
      return { [Symbol.dispose]: leave };
    },
    [Symbol.dispose]: remove,
  };
}

/** A new cgroup v2 of the test's own. */
export function makeCgroup(name = "test"): Cgroup {
  return cgroupAt(join(cgroup2Root(), ownName(name)));
}

function removeTree(path: string): void {
  let entries: string[];
  try {
    entries = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return;
  }
  for (const entry of entries) removeTree(join(path, entry));
  killMembers(path);
  // A killed process leaves its cgroup a moment after the signal.
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Only processes that a test put into its own cgroup are members; this process itself is never killed. */
function killMembers(path: string): void {
  for (const pid of readFileSync(join(path, "cgroup.procs"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map(Number)) {
    if (pid === process.pid) writeFileSync(join(cgroup2Root(), "cgroup.procs"), String(pid));
    else {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
  }
}
