import { readFileSync } from "node:fs";

/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly root: string;
  readonly mountPoint: string;
  readonly fsType: string;
  readonly options: readonly string[];
}

/** Spaces, tabs, newlines and backslashes are written as three octal digits (kernel fs/proc_namespace.c, `mangle`). */
function unmangled(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The mounts of this process's mount namespace. */
export function readMountinfo(): Mount[] {
  return parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
}

export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    // The optional fields (shared:1 …) end at a lone dash.
    const dash = fields.indexOf("-", 6);
    const [root, mountPoint, options] = [fields[3], fields[4], fields[5]];
    const fsType = dash === -1 ? undefined : fields[dash + 1];
    if (root === undefined || mountPoint === undefined || options === undefined || fsType === undefined)
      continue;
    mounts.push({
      root: unmangled(root),
      mountPoint: unmangled(mountPoint),
      fsType,
      options: options.split(","),
    });
  }
  return mounts;
}
