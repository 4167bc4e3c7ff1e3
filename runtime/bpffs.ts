import {
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statfsSync,
  unlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { noBpffs, pinExists, pinMissing, unsafePinDirectory } from "../compiler/diagnostics/attach.ts";
import { BpfError, errno, isSystemError, systemFailure } from "./errors.ts";
import { type Binding, binding } from "./native.ts";

// Pins: objects kept alive by a name in a BPF file system (bpffs). Whoever may write to the folder may replace what is pinned there, so
// folders made here are root's alone, and one that others may write to is refused.

/** BPF_FS_MAGIC of linux/magic.h. */
const BPF_FS_MAGIC = 0xcafe4a11;
const STICKY = 0o1000;

/** Where systems mount bpffs. */
export const defaultPinRoot = "/sys/fs/bpf";

export function isOnBpffs(path: string): boolean {
  try {
    return statfsSync(path).type === BPF_FS_MAGIC;
  } catch {
    return false;
  }
}

/**
 * Makes the folder and those above it where they are missing, 0700, and checks that it is on bpffs and that nobody else may write there.
 *
 * @throws {BpfError} TSB4050, TSB4053.
 */
export function preparePinDirectory(path: string, operation: string): string {
  const folder = resolve(path);
  let existing = folder;
  while (statusOf(existing, operation) === undefined) existing = dirname(existing);
  if (!isOnBpffs(existing)) throw new BpfError(operation, noBpffs(undefined, folder));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw systemFailure(operation, error);
  }
  assertSafe(folder, operation);
  return folder;
}

/**
 * Nobody else may replace the path, nor a folder of bpffs that it lies in, nor a symbolic link on the way: who can rename a folder can put
 * another in its place.
 */
export function assertSafe(path: string, operation: string): void {
  const self = process.geteuid?.() ?? 0;
  const ways = new Set<string>([path]);
  try {
    ways.add(realpathSync(path));
  } catch (error) {
    throw systemFailure(operation, error);
  }
  for (const way of ways) {
    for (let at = way; ; at = dirname(at)) {
      const status = statusOf(at, operation);
      if (status === undefined || !(status.isSymbolicLink() || isOnBpffs(at))) break;
      if (status.uid !== self && status.uid !== 0)
        throw new BpfError(operation, unsafePinDirectory(undefined, at, `belongs to user ${status.uid}`));
      // A sticky folder lets others add names but neither remove nor replace ours: a freshly mounted bpffs is one.
      if (status.isDirectory() && (status.mode & 0o022) !== 0 && (status.mode & STICKY) === 0)
        throw new BpfError(operation, unsafePinDirectory(undefined, at, "may be written to by others"));
      if (dirname(at) === at) break;
    }
  }
}

/** What is there, a symbolic link itself included; `undefined` where nothing is. */
function statusOf(path: string, operation: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A file in the place of a folder.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw systemFailure(operation, error);
  }
}

export function pinObject(object: Binding.Descriptor, path: string, operation: string): void {
  const full = resolve(path);
  preparePinDirectory(dirname(full), operation);
  try {
    binding().pin(object, full);
  } catch (error) {
    if (isSystemError(error) && error.errno === errno.EEXIST) {
      throw new BpfError(operation, pinExists(undefined, full), { errno: error.errno, cause: error });
    }
    throw systemFailure(operation, error);
  }
}

/** Removes a pin, never a file of another file system. Does nothing where there is none. */
export function unpinObject(path: string, operation: string): void {
  const full = resolve(path);
  if (statusOf(full, operation) === undefined) return;
  // The folder's: a symbolic link on another file system may lead to a pin.
  if (!isOnBpffs(dirname(full))) throw new BpfError(operation, noBpffs(undefined, full));
  try {
    unlinkSync(full);
  } catch (error) {
    throw systemFailure(operation, error);
  }
}

export type PinnedKind = "map" | "program" | "link";

/**
 * A descriptor of what is pinned, and what it is.
 *
 * @throws {BpfError} TSB4052 where there is nothing, TSB4050 where the path is not on bpffs.
 */
export function openPin(
  path: string,
  operation: string,
): { readonly kind: PinnedKind; readonly descriptor: Binding.Descriptor } {
  const full = resolve(path);
  if (statusOf(full, operation) === undefined) throw new BpfError(operation, pinMissing(undefined, full));
  if (!isOnBpffs(full)) throw new BpfError(operation, noBpffs(undefined, full));
  let descriptor: Binding.Descriptor;
  try {
    descriptor = binding().getPinned(full);
  } catch (error) {
    throw systemFailure(operation, error);
  }
  // BPF_OBJ_GET does not say what it got; the anonymous inode's name does (kernel/bpf/syscall.c, bpf_map_new_fd and its kin).
  const kinds: Readonly<Record<string, PinnedKind>> = {
    "bpf-map": "map",
    "bpf-prog": "program",
    "bpf-link": "link",
    bpf_link: "link",
  };
  const inode = readlinkSync(`/proc/self/fd/${descriptor.fd}`);
  const kind = kinds[inode.replace(/^anon_inode:\[?/, "").replace(/\]$/, "")];
  if (kind === undefined) {
    descriptor.close();
    throw new BpfError(operation, pinMissing(undefined, full));
  }
  return { kind, descriptor };
}

/** The path under which a map that asks for it is pinned by its name. */
export function pinPathByName(directory: string, name: string): string {
  return join(directory, name);
}
