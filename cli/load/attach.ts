import type { Collection, Link, AttachTarget as RuntimeTarget, SocketMap } from "../../runtime/index.ts";
import { type AttachOption, type AttachTarget, formatTarget } from "./attach-option.ts";
import type { Printer } from "./printer.ts";

export interface Attached {
  readonly program: string;
  readonly link: Link;
}

/** Attaches in the order of the command line. One that fails is thrown; closing the collection undoes those before it. */
export function attachAll(
  collection: Collection,
  attachments: readonly AttachOption[],
  printer: Printer,
): Attached[] {
  return attachments.map(({ program, target }) => {
    const link = collection.program(program).attach(runtimeTarget(collection, target));
    printer.attached(program, formatTarget(target), link.id);
    return { program, link };
  });
}

function runtimeTarget(collection: Collection, target: AttachTarget): RuntimeTarget {
  switch (target.kind) {
    case "cgroup":
      return { cgroup: target.path };
    case "netns":
      return { netns: target.path };
    case "xdp":
      return { device: target.device };
    case "tc":
      return { device: target.device, direction: target.direction };
    case "sockmap":
      return { map: collection.map(target.map) as SocketMap<never> };
  }
}
