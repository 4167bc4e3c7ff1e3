import { busy, notTheTarget } from "../../compiler/diagnostics/attach.ts";
import { BpfError, errno, isSystemError, meansUnsupported, NotSupportedError } from "../errors.ts";
import { hasFeature } from "../features.ts";
import { binding } from "../native.ts";
import type { Program } from "../program.ts";
import { KernelLink, type Link } from "./link.ts";
import { attachFailure, openTarget } from "./target.ts";

export interface NetnsTarget {
  /** Path of a network namespace: `/run/netns/NAME`, `/proc/PID/ns/net`. */
  readonly netns: string;
}

/** Attaches to a network namespace (link: 5.8). */
export function attachNetns(program: Program, target: NetnsTarget): Link {
  const name = `network namespace ${target.netns}`;
  const operation = `attach program ${program.name} to ${name}`;
  const descriptor = openTarget(target.netns, "network namespace", operation);
  try {
    return new KernelLink(
      name,
      program,
      binding().linkCreate(program.descriptor, descriptor, program.kind.attachType),
    );
  } catch (error) {
    throw explain(operation, name, target.netns, error);
  } finally {
    descriptor.close();
  }
}

function explain(operation: string, name: string, path: string, error: unknown): BpfError {
  if (!isSystemError(error)) return attachFailure(operation, name, error);
  const options = { errno: error.errno, cause: error };
  if (error.errno === errno.EEXIST || error.errno === errno.E2BIG) {
    const reason = "it has as many programs of this kind as it may have";
    return new BpfError(operation, busy(undefined, name, reason, "`bpftool net show` lists them"), options);
  }
  if (meansUnsupported(error.errno)) {
    if (!hasFeature("link:netns"))
      return new NotSupportedError(operation, { feature: "a netns link", since: "5.8" }, options);
    // kernel/bpf/net_namespace.c, netns_bpf_link_create: get_net_ns_by_fd refuses other files so.
    const help = "named namespaces are below /run/netns, those of processes at /proc/PID/ns/net";
    return new BpfError(operation, notTheTarget(undefined, path, "a network namespace", help), options);
  }
  return attachFailure(operation, name, error);
}
