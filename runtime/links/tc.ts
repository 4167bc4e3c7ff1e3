import { invalidOption } from "../../compiler/diagnostics/load.ts";
import { attachTypes } from "../../compiler/kernel/uapi.gen.ts";
import { BpfError, isSystemError, meansUnsupported } from "../errors.ts";
import { hasFeature } from "../features.ts";
import { binding } from "../native.ts";
import type { Program } from "../program.ts";
import { KernelLink, type Link, ManualLink } from "./link.ts";
import { attachFailure, type Device, interfaceIndex, noSuchDevice } from "./target.ts";

export type Direction = "ingress" | "egress";

export interface TcTarget {
  /** Name or index of a network device of this process's namespace. */
  readonly device: Device;
  readonly direction: Direction;
  /** A filter of the clsact qdisc also where the kernel has tcx. */
  readonly classic?: boolean;
  /** Of the classic filter: lower runs first. */
  readonly priority?: number;
}

const attachType = { ingress: attachTypes.tcx_ingress, egress: attachTypes.tcx_egress } as const;

/** Attaches to a device's traffic control: as a tcx link (6.6), before that as a direct-action filter of clsact (4.5). */
export function attachTc(program: Program, target: TcTarget): Link {
  const { device, direction } = target;
  const name = `tc ${direction} of device ${device}`;
  const operation = `attach program ${program.name} to ${name}`;
  if (direction !== "ingress" && direction !== "egress") {
    const help = 'a direction is "ingress" or "egress"';
    throw new BpfError(operation, invalidOption(undefined, "direction", `is \`${String(direction)}\``, help));
  }
  const ifindex = interfaceIndex(device, operation);
  if (target.classic !== true && target.priority === undefined) {
    try {
      return new KernelLink(
        name,
        program,
        binding().linkCreate(program.descriptor, ifindex, attachType[direction]),
      );
    } catch (error) {
      const old = isSystemError(error) && meansUnsupported(error.errno) && !hasFeature("link:tcx");
      if (!old) throw noSuchDevice(device, operation) ?? attachFailure(operation, name, error);
    }
  }
  return attachClassic(program, target, ifindex, name, operation);
}

function attachClassic(
  program: Program,
  target: TcTarget,
  ifindex: number,
  name: string,
  operation: string,
): Link {
  const { direction } = target;
  const options = target.priority === undefined ? {} : { priority: target.priority };
  try {
    const filter = binding().tcAttach(program.descriptor, ifindex, direction, options);
    const qdisc = sharedQdisc(ifindex, filter.createdQdisc);
    return new ManualLink(name, program, {
      feature: "a tc link",
      since: "6.6",
      replace: (next) => {
        const { handle, priority } = filter;
        binding().tcAttach(next.descriptor, ifindex, direction, { handle, priority, replace: true });
      },
      detach: () => binding().tcDetach(ifindex, direction, { ...filter, createdQdisc: qdisc.release() }),
    });
  } catch (error) {
    throw noSuchDevice(target.device, operation) ?? attachFailure(operation, name, error);
  }
}

interface Qdisc {
  /** Made by one of our filters, and so to be removed by the last of them. */
  made: boolean;
  filters: number;
}

/** The clsact qdiscs that our filters are in, by interface index: which filter made one and which goes last need not be the same. */
const qdiscs = new Map<number, Qdisc>();

/** `release` says, for a filter that goes, whether the qdisc may go with it: the addon leaves one that still has filters. */
function sharedQdisc(ifindex: number, created: boolean): { release(): boolean } {
  const qdisc = qdiscs.get(ifindex) ?? { made: false, filters: 0 };
  qdiscs.set(ifindex, qdisc);
  qdisc.made ||= created;
  qdisc.filters++;
  return {
    release() {
      if (--qdisc.filters === 0) qdiscs.delete(ifindex);
      return qdisc.made;
    },
  };
}
