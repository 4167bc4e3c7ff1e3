import { statfsSync } from "node:fs";
import { busy, cgroupV1, notTheTarget } from "../../compiler/diagnostics/attach.ts";
import { BpfError, errno, isSystemError, meansUnsupported, NotSupportedError } from "../errors.ts";
import { hasFeature } from "../features.ts";
import { readMountinfo } from "../mountinfo.ts";
import { binding } from "../native.ts";
import type { Program } from "../program.ts";
import { KernelLink, type Link } from "./link.ts";
import { assertDirectory, attachFailure, openTarget } from "./target.ts";

export interface CgroupTarget {
  /** Path of a cgroup v2. Its children are included. */
  readonly cgroup: string;
  /** `BPF_F_PREORDER` (6.15) and such; 0 by default. Programs of one cgroup and of its parents all run, children's first. */
  readonly flags?: number;
}

/** CGROUP_SUPER_MAGIC and CGROUP2_SUPER_MAGIC of linux/magic.h. */
const CGROUP_V1 = 0x27e0eb;
const CGROUP_V2 = 0x63677270;

/** Where cgroup v2 is mounted, first mount first; `undefined` where it is not. */
export function cgroup2Mount(): string | undefined {
  return readMountinfo().find((mount) => mount.fsType === "cgroup2")?.mountPoint;
}

/** Attaches to a cgroup (link: 5.7). */
export function attachCgroup(program: Program, target: CgroupTarget): Link {
  const path = target.cgroup;
  const name = `cgroup ${path}`;
  const operation = `attach program ${program.name} to ${name}`;
  const mount = cgroup2Mount();
  const where =
    mount === undefined
      ? "mount cgroup v2: `mount -t cgroup2 none /sys/fs/cgroup`"
      : `cgroup v2 is mounted at ${mount}`;
  assertDirectory(path, "cgroup", where, operation);
  const type = statfsSync(path).type;
  if (type === CGROUP_V1) throw new BpfError(operation, cgroupV1(undefined, path, mount));
  if (type !== CGROUP_V2) throw new BpfError(operation, notTheTarget(undefined, path, "a cgroup", where));

  const descriptor = openTarget(path, "cgroup", operation);
  try {
    const options = target.flags === undefined ? {} : { flags: target.flags };
    return new KernelLink(
      name,
      program,
      binding().linkCreate(program.descriptor, descriptor, program.kind.attachType, options),
    );
  } catch (error) {
    throw explain(operation, name, error);
  } finally {
    descriptor.close();
  }
}

function explain(operation: string, name: string, error: unknown): BpfError {
  if (!isSystemError(error)) return attachFailure(operation, name, error);
  const options = { errno: error.errno, cause: error };
  if (error.errno === errno.E2BIG) {
    // BPF_CGROUP_MAX_PROGS of include/linux/bpf-cgroup.h.
    const reason = "it has the 64 programs of this kind that a cgroup may have";
    return new BpfError(
      operation,
      busy(undefined, name, reason, "detach one: `bpftool cgroup show` lists them"),
      options,
    );
  }
  if (error.errno === errno.EPERM && hasFeature("capability:net_admin")) {
    // kernel/bpf/cgroup.c, hierarchy_allows_attach and the check of flags before it.
    const reason = "a program on it or above it was attached to be alone";
    const help = "detach that one, or attach it with BPF_F_ALLOW_MULTI: `bpftool cgroup tree` shows it";
    return new BpfError(operation, busy(undefined, name, reason, help), options);
  }
  if (meansUnsupported(error.errno) && !hasFeature("link:cgroup")) {
    return new NotSupportedError(operation, { feature: "a cgroup link", since: "5.7" }, options);
  }
  return attachFailure(operation, name, error);
}
