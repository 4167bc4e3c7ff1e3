import { busy } from "../../compiler/diagnostics/attach.ts";
import { BpfError, errno, isSystemError, meansUnsupported } from "../errors.ts";
import { hasFeature } from "../features.ts";
import type { SocketMap } from "../maps/socket-maps.ts";
import { type Binding, binding } from "../native.ts";
import type { Program } from "../program.ts";
import { KernelLink, type Link, ManualLink } from "./link.ts";
import { attachFailure } from "./target.ts";

export interface MapTarget {
  /** The sockets in it are the program's. */
  readonly map: SocketMap<unknown>;
  /** By BPF_PROG_ATTACH also where the kernel has links: it replaces a program of the kind that is there. */
  readonly classic?: boolean;
}

/**
 * Attaches to a map of sockets: as a link (6.10), before that by BPF_PROG_ATTACH (4.14), which replaces what was there. Sockets take the
 * programs that the map has when they are put in; an update reaches those that come later.
 */
export function attachSocketMap(program: Program, { map, classic }: MapTarget): Link {
  const name = `map ${map.name}`;
  const operation = `attach program ${program.name} to ${name}`;
  const { attachType } = program.kind;
  if (classic !== true) {
    try {
      return new KernelLink(
        name,
        program,
        binding().linkCreate(program.descriptor, map.descriptor, attachType),
      );
    } catch (error) {
      const old = isSystemError(error) && meansUnsupported(error.errno) && !hasFeature("link:sockmap");
      if (!old) throw explain(operation, name, error);
    }
  }
  let held: Binding.Descriptor | undefined;
  try {
    // A descriptor of its own: the map may be closed before the link is.
    const own = binding().mapById(map.id);
    held = own;
    let current = program;
    binding().programAttach(program.descriptor, own, attachType);
    return new ManualLink(name, program, {
      feature: "a map link",
      since: "6.10",
      replace: (next) => {
        binding().programAttach(next.descriptor, own, attachType);
        current = next;
      },
      detach: () => {
        try {
          binding().programDetach(current.descriptor, own, attachType);
        } finally {
          own.close();
        }
      },
    });
  } catch (error) {
    held?.close();
    throw explain(operation, name, error);
  }
}

function explain(operation: string, name: string, error: unknown): BpfError {
  if (isSystemError(error) && error.errno === errno.EBUSY) {
    const help = "a map takes one program of each kind: close the other link, or update it";
    const reason = "it has a program of this kind already";
    return new BpfError(operation, busy(undefined, name, reason, help), { errno: error.errno, cause: error });
  }
  return attachFailure(operation, name, error);
}
