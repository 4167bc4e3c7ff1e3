import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Mount, readMountinfo } from "../../runtime/mountinfo.ts";
import { EnvironmentError } from "./environment.ts";
import { sleep } from "./time.ts";

/** Where cgroup v2 is mounted: `/sys/fs/cgroup`, `/sys/fs/cgroup/unified` in hybrid mode, or anywhere else. */
export function findCgroup2(mounts: readonly Mount[] = readMountinfo()): string {
  const found = mounts.find((mount) => mount.fsType === "cgroup2" && !mount.options.includes("ro"));
  if (found) return found.mountPoint;
  const readOnly = mounts.find((mount) => mount.fsType === "cgroup2");
  if (readOnly) throw new EnvironmentError(`cgroup v2 at ${readOnly.mountPoint} is mounted read-only`);
  throw new EnvironmentError(
    mounts.some((mount) => mount.fsType === "cgroup")
      ? "only cgroup v1 is mounted"
      : "cgroup v2 is not mounted",
    "mount it: mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
  );
}

/** A cgroup made here. Never the root one: that is nobody's to attach to. */
export class Cgroup {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes `name` below `parent` (default: the root of the cgroup v2 tree). */
  static create(name: string, parent: string = findCgroup2()): Cgroup {
    const path = join(parent, name);
    try {
      mkdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
        throw new EnvironmentError(`cannot make the cgroup ${path}: ${code}`, "run as root");
      }
      throw error;
    }
    return new Cgroup(path);
  }

  /** One that may be there, to remove it. */
  static named(name: string, parent: string = findCgroup2()): Cgroup {
    return new Cgroup(join(parent, name));
  }

  child(name: string): Cgroup {
    return Cgroup.create(name, this.path);
  }

  /** The kernel's number for it, what `bpf_get_current_cgroup_id` answers: the inode (kernel cgroup.h, `cgroup_id`). */
  get id(): bigint {
    return statSync(this.path, { bigint: true }).ino;
  }

  get pids(): number[] {
    return readFileSync(join(this.path, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  }

  add(pid: number): void {
    writeFileSync(join(this.path, "cgroup.procs"), String(pid));
  }

  /** Ends every process in it and below it, then removes it and those below. Done already, or by another meanwhile, is done. */
  async close(): Promise<void> {
    // A killed process leaves its cgroup only when it has exited, which may take a moment.
    for (let attempt = 0; existsSync(this.path); attempt++) {
      try {
        this.#kill();
        removeTree(this.path);
        return;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== "EBUSY" && code !== "ENOENT") || attempt >= 100) throw error;
        await sleep(20);
      }
    }
  }

  #kill(): void {
    try {
      // Linux 5.14: atomic, forks included.
      writeFileSync(join(this.path, "cgroup.kill"), "1");
    } catch {
      killTree(this.path);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function children(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));
}

function removeTree(path: string): void {
  for (const child of children(path)) removeTree(child);
  rmdirSync(path);
}

function killTree(path: string): void {
  for (const child of children(path)) killTree(child);
  for (const pid of readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // Gone between the reading and the killing.
    }
  }
}
