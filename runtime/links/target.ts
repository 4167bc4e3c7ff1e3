import { type Stats, statSync } from "node:fs";
import { attachFailed, notTheTarget, targetNotFound } from "../../compiler/diagnostics/attach.ts";
import { BpfError, errnoName, errnoText, isSystemError, systemFailure } from "../errors.ts";
import { type Binding, binding } from "../native.ts";

/** A network device by name or by number. */
export type Device = string | number;

/** The interface index of a device in this process's network namespace. */
export function interfaceIndex(device: Device, operation: string): number {
  if (typeof device === "number") {
    if (Number.isInteger(device) && device >= 1 && device <= 0x7fffffff) return device;
    throw notFound(device, operation);
  }
  // IFNAMSIZ (include/uapi/linux/if.h) is 16, with the NUL; the C library would cut a longer name.
  const isName = /^[^/\s\0]{1,15}$/.test(device);
  const index = isName ? binding().deviceIndex(device) : undefined;
  if (index === undefined) throw notFound(device, operation);
  return index;
}

/** After a failure: the error for a device that this process's namespace does not have. */
export function noSuchDevice(device: Device, operation: string): BpfError | undefined {
  const index = interfaceIndex(device, operation);
  return binding().deviceName(index) === undefined ? notFound(device, operation) : undefined;
}

function notFound(device: Device, operation: string): BpfError {
  const help = "list devices with `ip link`; one in another namespace must be attached from inside it";
  return new BpfError(operation, targetNotFound(undefined, `device \`${device}\``, help));
}

/** Opens a target by path; `what` says in messages what it should be. */
export function openTarget(path: string, what: string, operation: string): Binding.Descriptor {
  if (statOf(path, what, operation) === undefined) {
    throw new BpfError(operation, targetNotFound(undefined, `${what} \`${path}\``, "check the path"));
  }
  try {
    return binding().openPath(path);
  } catch (error) {
    throw systemFailure(operation, error);
  }
}

/** `undefined` where there is nothing; what else keeps it from being looked at (ENOTDIR, EACCES, ELOOP, a NUL) is said. */
function statOf(path: string, what: string, operation: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BpfError(
      operation,
      targetNotFound(undefined, `${what} \`${path}\``, `check the path: ${reason}`),
      { cause: error },
    );
  }
}

export function assertDirectory(path: string, what: string, help: string, operation: string): void {
  const stat = statOf(path, what, operation);
  if (stat === undefined)
    throw new BpfError(operation, targetNotFound(undefined, `${what} \`${path}\``, help));
  if (!stat.isDirectory()) throw new BpfError(operation, notTheTarget(undefined, path, `a ${what}`, help));
}

/** What a refused attachment becomes where nothing better explains it. */
export function attachFailure(operation: string, target: string, error: unknown): BpfError {
  if (!isSystemError(error) || error.errno === 1)
    return systemFailure(operation, error, "CAP_NET_ADMIN and CAP_BPF");
  const reason = `${errnoText(error.errno)} [${errnoName(error.errno)}]`;
  return new BpfError(operation, attachFailed(undefined, target, reason), {
    errno: error.errno,
    cause: error,
  });
}
