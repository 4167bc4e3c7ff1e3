import { busy } from "../../compiler/diagnostics/attach.ts";
import { BpfError, errno, isSystemError, NotSupportedError } from "../errors.ts";
import { binding } from "../native.ts";
import type { Program } from "../program.ts";
import { KernelLink, type Link } from "./link.ts";
import { attachFailure, type Device, interfaceIndex, noSuchDevice } from "./target.ts";

/** `native` in the driver, `generic` after the kernel made a packet of it, `offload` on the card. */
export type XdpMode = "native" | "generic" | "offload";

export interface XdpTarget {
  /** Name or index of a network device of this process's namespace. */
  readonly device: Device;
  /** By default the driver's where it has one, else generic. */
  readonly mode?: XdpMode;
}

/** XDP_FLAGS_* of linux/if_link.h. */
const flags: Readonly<Record<XdpMode, number>> = { generic: 2, native: 4, offload: 8 };

/** Attaches to a device (link: 5.9). */
export function attachXdp(program: Program, target: XdpTarget): Link {
  const name = `xdp of device ${target.device}`;
  const operation = `attach program ${program.name} to ${name}`;
  const ifindex = interfaceIndex(target.device, operation);
  const options = target.mode === undefined ? {} : { flags: flags[target.mode] };
  try {
    return new KernelLink(
      name,
      program,
      binding().linkCreate(program.descriptor, ifindex, program.kind.attachType, options),
    );
  } catch (error) {
    throw explain(operation, name, target, error);
  }
}

function explain(operation: string, name: string, target: XdpTarget, error: unknown): BpfError {
  if (!isSystemError(error)) return attachFailure(operation, name, error);
  const options = { errno: error.errno, cause: error };
  if (error.errno === errno.EBUSY || error.errno === errno.EEXIST) {
    const reason = "it has an XDP program already";
    const help = `see which: \`ip link show ${target.device}\`; a device takes one, or one in each of two modes`;
    return new BpfError(operation, busy(undefined, name, reason, help), options);
  }
  // net/core/dev.c, bpf_xdp_link_attach and dev_xdp_attach: EINVAL for a device that is not there, and for a program that was not made for
  // the card that it is offloaded to.
  const missing = noSuchDevice(target.device, operation);
  if (missing !== undefined) return missing;
  if (error.errno === errno.EOPNOTSUPP || (error.errno === errno.EINVAL && target.mode === "offload")) {
    const feature = `XDP mode ${target.mode ?? "native"} on device ${target.device}`;
    return new NotSupportedError(operation, { feature, instead: 'use `mode: "generic"`' }, options);
  }
  return attachFailure(operation, name, error);
}
