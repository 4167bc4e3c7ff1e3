import { statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { notACgroup } from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError, cgroup2Mount } from "../runtime/index.ts";

/** Cgroups by path, with the id by which the kernel knows them: the inode number (kernel/cgroup/cgroup.c, `cgroup_id`). */
export class Cgroups {
  private readonly paths = new Map<bigint, string>();

  /**
   * The id of a cgroup.
   *
   * @param place what the message calls it.
   * @throws {BpfError} TSB5005 where the path is not one.
   */
  idOf(path: string, place: string, operation: string): bigint {
    const root = cgroup2Mount();
    const full = typeof path === "string" ? resolve(path) : "";
    const inside = root !== undefined && (full === root || full.startsWith(root + sep));
    const stat = inside ? statSync(full, { bigint: true, throwIfNoEntry: false }) : undefined;
    if (path !== full || stat === undefined || !stat.isDirectory()) {
      throw new BpfError(operation, notACgroup(undefined, place, String(path)));
    }
    this.paths.set(stat.ino, full);
    return stat.ino;
  }

  /** The path of a cgroup that was named before. */
  pathOf(id: bigint): string | undefined {
    return this.paths.get(id);
  }
}
