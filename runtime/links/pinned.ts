import { notTheTarget } from "../../compiler/diagnostics/attach.ts";
import { openPin } from "../bpffs.ts";
import { BpfError, systemFailure } from "../errors.ts";
import { type Binding, binding } from "../native.ts";
import { Program } from "../program.ts";
import { programKindByType } from "../program-kinds.ts";
import { KernelLink } from "./link.ts";

/**
 * A link that was pinned, to be updated or removed by another process than the one that attached it. Closing it leaves it attached for as
 * long as the pin is there.
 *
 * @throws {BpfError} TSB4050, TSB4052; TSB4043 where something else than a link is pinned.
 */
export function openPinnedLink(path: string): KernelLink {
  const operation = `open pinned link ${path}`;
  const { kind, descriptor } = openPin(path, operation);
  try {
    if (kind !== "link") {
      throw new BpfError(
        operation,
        notTheTarget(undefined, path, "a link", `what is pinned there is a ${kind}`),
      );
    }
    const link = binding().linkInfo(descriptor);
    const held = binding().programById(link.programId);
    const info = binding().programInfo(held);
    const program = new Program(info.name, programKindByType(info.type, link.attachType ?? 0), held);
    return new PinnedLink(`pinned link ${path}`, program, descriptor);
  } catch (error) {
    descriptor.close();
    throw systemFailure(operation, error);
  }
}

/** Holds the program that it found, which no collection closes. */
class PinnedLink extends KernelLink {
  private readonly found: Program;

  constructor(target: string, program: Program, descriptor: Binding.Descriptor) {
    super(target, program, descriptor);
    this.found = program;
  }

  protected override release(): void {
    super.release();
    if (!this.found.closed) this.found.close();
  }
}
