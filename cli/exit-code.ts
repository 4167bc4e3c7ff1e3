import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { readMountinfo } from "../runtime/mountinfo.ts";

/** What the process answers its caller. Documented in docs/cli.md; permanent. */
export const ExitCode = {
  ok: 0,
  /** The user's program, object or attach point is wrong. */
  diagnostics: 1,
  /** The command line is wrong. */
  usage: 2,
  /** This machine lacks something: privileges, clang, BTF, the addon, room on the disk. */
  environment: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Outside TSB3xxx, which are all about the toolchain, these speak of the machine and not of the program. */
const ENVIRONMENT_CODES: ReadonlySet<string> = new Set([
  "TSB1051", // the output cannot be written
  "TSB4010", // no privileges
  "TSB4011", // no addon
  "TSB4012", // no kernel BTF
  "TSB4013", // the kernel lacks a feature
  "TSB4050", // no bpffs
  "TSB5007", // the data plane is not compiled
  "TSB5008", // the self-tests' probe is not built
]);

function speaksOfTheMachine({ code }: Diagnostic): boolean {
  // A path of cgroup v1 is a mistake, unless there is no other.
  if (code === "TSB4041") return !readMountinfo().some((mount) => mount.fsType === "cgroup2");
  return /^TSB3\d{3}$/.test(code) || ENVIRONMENT_CODES.has(code);
}

/** Mistakes of the program win over those of the machine: they are what the user can mend at once. */
export function exitCodeFor(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (errors.length === 0) return ExitCode.ok;
  return errors.every(speaksOfTheMachine) ? ExitCode.environment : ExitCode.diagnostics;
}
