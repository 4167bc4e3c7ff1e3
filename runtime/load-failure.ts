import { release } from "node:os";
import { loadFailed, noKernelBtf, noPrivileges } from "../compiler/diagnostics/load.ts";
import { mapTypes } from "../compiler/kernel/uapi.gen.ts";
import { isOlder } from "../compiler/kernel/version.ts";
import {
  BpfError,
  errno,
  errnoName,
  errnoText,
  isSystemError,
  logLines,
  NotSupportedError,
  systemFailure,
} from "./errors.ts";
import { type FeatureName, hasFeature } from "./features.ts";
import type { ObjectSpec } from "./spec.ts";
import { VerifierError } from "./verifier-error.ts";

/** What the addon adds to an error of `object_load`. */
interface LoadError {
  readonly programs?: Readonly<Record<string, string>>;
  readonly program?: string;
}

/** What a failed load becomes. Features are probed only here, after the failure. */
export function explainLoadFailure(spec: ObjectSpec, operation: string, error: unknown): BpfError {
  const failure = describeFailure(spec, operation, error);
  const needed = blamesKernel(failure) ? newerKernel(spec, failure) : undefined;
  // The kernel's own complaint, about one of the things that it lacks, stays as the cause.
  return needed === undefined
    ? failure
    : new NotSupportedError(operation, needed, { errno: failure.errno, cause: failure });
}

/** Not privileges, not the addon: what the kernel was given is what it did not take. */
function blamesKernel(failure: BpfError): boolean {
  return (
    failure instanceof VerifierError ||
    failure instanceof NotSupportedError ||
    failure.code === loadFailed(undefined, "", []).code
  );
}

/** What the object was compiled for, where that is newer than the running kernel. Backports let it load all the same, so only a failure asks. */
function newerKernel(
  spec: ObjectSpec,
  failure: BpfError,
): { readonly feature: string; readonly since: string; readonly instead: string } | undefined {
  const wanted = spec.metadata?.minKernel;
  if (wanted === undefined) return undefined;
  const [major = 0, minor = 0] = release().split(".").map(Number);
  if (!isOlder([major, minor], wanted)) return undefined;
  return {
    feature: `what ${spec.name} uses`,
    since: wanted.join("."),
    instead: `it was compiled for that kernel; this one, ${major}.${minor}, says: ${failure.diagnostic.message}`,
  };
}

function describeFailure(spec: ObjectSpec, operation: string, error: unknown): BpfError {
  if (error instanceof BpfError || !isSystemError(error)) return systemFailure(operation, error);
  const options = { errno: error.errno, cause: error };
  const { programs = {}, program } = error as LoadError;
  const refused = program ?? Object.keys(programs)[0];
  const log = refused === undefined ? undefined : programs[refused];
  if (refused !== undefined && log !== undefined && log.trim() !== "")
    return new VerifierError(spec, refused, log, options);
  if (error.errno === errno.EPERM || (error.errno === errno.EACCES && !hasFeature("capability:bpf"))) {
    return new BpfError(operation, noPrivileges(undefined, "CAP_BPF and CAP_NET_ADMIN"), options);
  }
  const lines = logLines(error.log);
  if (
    lines.some((line) => /kernel BTF|vmlinux BTF|Kernel doesn't support BTF/i.test(line)) &&
    !hasFeature("kernel:btf")
  ) {
    return new BpfError(operation, noKernelBtf(undefined), options);
  }
  const missing = missingFeature(spec);
  if (missing !== undefined) return new NotSupportedError(operation, missing, options);
  return new BpfError(
    operation,
    loadFailed(undefined, `${errnoText(error.errno)} [${errnoName(error.errno)}]`, lines),
    options,
  );
}

/** Program and map kinds by the name of the probe that tells whether the kernel has them. */
const programProbes: Readonly<Record<string, FeatureName>> = {
  sockOps: "program:sockOps",
  skMsg: "program:skMsg",
  "skSkb.parser": "program:skSkb",
  "skSkb.verdict": "program:skSkb",
  "cgroup.connect4": "program:cgroup.connect",
  "cgroup.connect6": "program:cgroup.connect",
  "cgroup.skbIngress": "program:cgroup.skb",
  "cgroup.skbEgress": "program:cgroup.skb",
  xdp: "program:xdp",
  tc: "program:tc",
};

const mapProbes: ReadonlySet<string> = new Set([
  "hash",
  "lru_hash",
  "array",
  "percpu_hash",
  "percpu_array",
  "lpm_trie",
  "sockmap",
  "sockhash",
  "sk_storage",
  "ringbuf",
]);

function missingFeature(spec: ObjectSpec): { readonly feature: string } | undefined {
  for (const map of Object.values(spec.maps)) {
    if (mapProbes.has(map.type) && map.type in mapTypes && !hasFeature(`map:${map.type}` as FeatureName)) {
      return { feature: `map kind ${map.type} of map ${map.name}` };
    }
  }
  for (const program of Object.values(spec.programs)) {
    const probe = program.load && program.kind !== undefined ? programProbes[program.kind.name] : undefined;
    if (probe !== undefined && !hasFeature(probe)) {
      return { feature: `program kind ${program.kind?.name} of program ${program.name}` };
    }
  }
  return undefined;
}
