import { getSystemErrorMap } from "node:util";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import * as report from "../compiler/diagnostics/load.ts";
import { NativeUnavailableError } from "./native.ts";

export interface BpfErrorOptions {
  /** Positive, as in errno(3). */
  readonly errno?: number | undefined;
  readonly cause?: unknown;
}

/**
 * What every function of the runtime throws. The message reads `operation: what happened (remedy)`; {@link BpfError.diagnostic} has the
 * parts, and `tsbpf explain CODE` a page.
 */
export class BpfError extends Error {
  override readonly name: string = "BpfError";
  /** `TSB4010`; permanent. */
  readonly code: string;
  /** The system's error number, positive, where a system call failed. */
  readonly errno: number | undefined;
  /** What was being done: `load program connect4`. */
  readonly operation: string;
  readonly diagnostic: Diagnostic;

  constructor(operation: string, diagnostic: Diagnostic, options: BpfErrorOptions = {}) {
    const remedy = diagnostic.help === undefined ? "" : ` (${diagnostic.help})`;
    super(
      `${operation}: ${diagnostic.message}${remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = diagnostic.code;
    this.errno = options.errno;
    this.operation = operation;
    this.diagnostic = diagnostic;
  }

  /** The system's name of `errno`, such as `EPERM`. */
  get errnoName(): string | undefined {
    return this.errno === undefined ? undefined : errnoName(this.errno);
  }
}

/** The kernel, or the libbpf that the addon was built with, lacks something. */
export class NotSupportedError extends BpfError {
  override readonly name: string = "NotSupportedError";
  /** What is missing, such as `tcx link`. */
  readonly feature: string;
  /** The first kernel that has it, such as `6.6`, where it is known. */
  readonly since: string | undefined;

  constructor(
    operation: string,
    missing: {
      readonly feature: string;
      readonly since?: string | undefined;
      readonly instead?: string | undefined;
    },
    options: BpfErrorOptions = {},
  ) {
    super(
      operation,
      report.notSupported(undefined, missing.feature, missing.since, missing.instead),
      options,
    );
    this.feature = missing.feature;
    this.since = missing.since;
  }
}

/** What the addon throws: see `native/binding.d.ts`. */
export interface SystemError extends Error {
  readonly errno: number;
  readonly code: string;
  readonly operation: string;
  readonly log?: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as Partial<SystemError>).errno === "number";
}

/** ENOTSUPP: the kernel's own, and not in any table of user space (include/linux/errno.h). */
export const ENOTSUPP = 524;

export const errno = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  ENOLINK: 67,
  EOPNOTSUPP: 95,
  ESTALE: 116,
} as const;

export function errnoName(number: number): string {
  if (number === ENOTSUPP) return "ENOTSUPP";
  return getSystemErrorMap().get(-number)?.[0] ?? `errno ${number}`;
}

/** `no such file or directory`: what strerror(3) says, as libuv knows it. */
export function errnoText(number: number): string {
  if (number === ENOTSUPP) return "operation not supported";
  return getSystemErrorMap().get(-number)?.[1] ?? `error ${number}`;
}

/** For checking `errno`s that mean "this kernel does not know that". */
export function meansUnsupported(number: number): boolean {
  return (
    number === errno.EINVAL ||
    number === errno.ENOSYS ||
    number === errno.EOPNOTSUPP ||
    number === ENOTSUPP ||
    number === errno.E2BIG
  );
}

/** Non-empty lines. */
export function logLines(log: string | undefined): readonly string[] {
  return (log ?? "").split("\n").filter((line) => line.trim() !== "");
}

/**
 * What a failed call of the addon becomes where its caller knows no better explanation.
 *
 * @param capability what EPERM asks for, such as `CAP_BPF and CAP_NET_ADMIN`.
 */
export function systemFailure(operation: string, error: unknown, capability = "CAP_BPF"): BpfError {
  if (error instanceof BpfError) return error;
  if (error instanceof NativeUnavailableError) {
    const reason = error.message.replace(/^load addon: /, "").replace(` (${error.remedy})`, "");
    return new BpfError("load addon", report.addonMissing(undefined, reason, error.remedy), { cause: error });
  }
  if (!isSystemError(error)) {
    const text = error instanceof Error ? error.message : String(error);
    return new BpfError(operation, report.systemCallFailed(undefined, text, []), { cause: error });
  }
  const options = { errno: error.errno, cause: error };
  if (error.errno === errno.EPERM)
    return new BpfError(operation, report.noPrivileges(undefined, capability), options);
  if (error.errno === errno.EBADF)
    return new BpfError(operation, report.closedObject(undefined, "its descriptor"), options);
  const reason = `${errnoText(error.errno)} [${errnoName(error.errno)}]`;
  return new BpfError(operation, report.systemCallFailed(undefined, reason, logLines(error.log)), options);
}
