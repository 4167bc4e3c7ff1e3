import { linkSevered, programMismatch } from "../../compiler/diagnostics/attach.ts";
import { closedObject } from "../../compiler/diagnostics/load.ts";
import { pinObject, unpinObject } from "../bpffs.ts";
import { closeAll } from "../close-all.ts";
import { BpfError, errno, isSystemError, NotSupportedError, systemFailure } from "../errors.ts";
import { type Binding, binding } from "../native.ts";
import type { Program } from "../program.ts";

/** Links that are open. Holding them here keeps a link whose variable went out of scope attached: nothing detaches by garbage collection. */
const open = new Set<Link>();

/** @internal A program's links go with it, except those that were updated to another program since. */
export function closeLinksOf(program: Program): void {
  closeAll([...open].filter((link) => link.program === program));
}

/** A program attached to something. */
export abstract class Link implements Disposable {
  /** Where it is attached, for messages: `cgroup /sys/fs/cgroup/shop`. */
  readonly target: string;
  private current: Program;

  constructor(target: string, program: Program) {
    this.target = target;
    this.current = program;
    open.add(this);
  }

  /** The program that runs now. */
  get program(): Program {
    return this.current;
  }

  abstract get closed(): boolean;

  /** The kernel's id of the link; `undefined` for attachments that are no links to the kernel (before 6.6 on tc, before 6.10 on maps). */
  abstract get id(): number | undefined;

  /**
   * Puts another program of the same kind in the place of the one that runs, atomically: every event is seen by one or the other.
   *
   * @throws {BpfError} TSB4046 for a program of another kind, TSB4045 where the target is gone.
   */
  update(program: Program): void {
    const operation = `update link of ${this.target}`;
    this.assertOpen(operation);
    const [mine, theirs] = [this.current.kind, program.kind];
    if (mine.type !== theirs.type || (mine.attachPoint !== "tc" && mine.attachType !== theirs.attachType)) {
      throw new BpfError(
        operation,
        programMismatch(undefined, `the link of ${this.target}`, mine.name, theirs.name),
      );
    }
    this.replace(program, operation);
    this.current = program;
  }

  /**
   * Makes the link outlive this process, under a path of a BPF file system. Once pinned, `close` lets go of it and leaves it attached.
   *
   * @throws {NotSupportedError} for attachments that are no links to the kernel.
   */
  abstract pin(path: string): void;

  /** Removes a pin of the link. */
  unpin(path: string): void {
    unpinObject(path, `unpin link of ${this.target}`);
  }

  /** Detaches, unless the link is pinned. Closing again does nothing. */
  close(): void {
    open.delete(this);
    this.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected abstract replace(program: Program, operation: string): void;
  protected abstract release(): void;

  protected assertOpen(operation: string): void {
    if (this.closed) throw new BpfError(operation, closedObject(undefined, `the link of ${this.target}`));
  }
}

/** A BPF link: the kernel's own object, which detaches when its last reference goes. */
export class KernelLink extends Link {
  private readonly descriptor: Binding.Descriptor;

  constructor(target: string, program: Program, descriptor: Binding.Descriptor) {
    super(target, program);
    this.descriptor = descriptor;
  }

  get closed(): boolean {
    return this.descriptor.closed;
  }

  get id(): number {
    return this.info().id;
  }

  info(): Binding.LinkInfo {
    const operation = `inspect link of ${this.target}`;
    this.assertOpen(operation);
    try {
      return binding().linkInfo(this.descriptor);
    } catch (error) {
      throw systemFailure(operation, error);
    }
  }

  pin(path: string): void {
    const operation = `pin link of ${this.target}`;
    this.assertOpen(operation);
    pinObject(this.descriptor, path, operation);
  }

  /** Detaches now, pinned or not, and leaves the link open but without effect (`BPF_LINK_DETACH`). Minimum kernel: 5.9. */
  detach(): void {
    const operation = `detach link of ${this.target}`;
    this.assertOpen(operation);
    try {
      binding().linkDetach(this.descriptor);
    } catch (error) {
      throw systemFailure(operation, error, "CAP_NET_ADMIN");
    }
  }

  protected replace(program: Program, operation: string): void {
    try {
      binding().linkUpdate(this.descriptor, program.descriptor);
    } catch (error) {
      if (isSystemError(error) && error.errno === errno.ENOLINK) {
        const severed = linkSevered(undefined, `the link of ${this.target}`);
        throw new BpfError(operation, severed, { errno: error.errno, cause: error });
      }
      throw systemFailure(operation, error, "CAP_NET_ADMIN");
    }
  }

  protected release(): void {
    this.descriptor.close();
  }
}

/** How an attachment that the kernel has no link for is changed and undone. */
export interface Attachment {
  /** What is missing for a link, for messages. */
  readonly feature: string;
  readonly since: string;
  replace(program: Program): void;
  detach(): void;
}

let watchesExit = false;

/** One listener for all of them. A process that is killed leaves them attached: that is what links to the kernel are better at. */
function detachAtExit(): void {
  if (watchesExit) return;
  watchesExit = true;
  process.on("exit", () => {
    closeAll([...open].filter((link) => link instanceof ManualLink));
  });
}

/** An attachment that stays until it is undone: closing does so, and so does the end of the process, where it may run its handlers. */
export class ManualLink extends Link {
  private readonly attachment: Attachment;
  private detached = false;

  constructor(target: string, program: Program, attachment: Attachment) {
    super(target, program);
    this.attachment = attachment;
    detachAtExit();
  }

  get closed(): boolean {
    return this.detached;
  }

  get id(): undefined {
    return undefined;
  }

  pin(_path: string): void {
    const { feature, since } = this.attachment;
    const instead = "it stays attached until it is closed; a newer kernel makes it a link";
    throw new NotSupportedError(`pin link of ${this.target}`, { feature, since, instead });
  }

  protected replace(program: Program, operation: string): void {
    try {
      this.attachment.replace(program);
    } catch (error) {
      throw systemFailure(operation, error, "CAP_NET_ADMIN");
    }
  }

  protected release(): void {
    if (this.detached) return;
    this.detached = true;
    try {
      this.attachment.detach();
    } catch (error) {
      // A device or namespace that is gone took the attachment along.
      const gone =
        isSystemError(error) && [errno.ENOENT, errno.ENODEV, errno.EINVAL].includes(error.errno as never);
      if (!gone) throw systemFailure(`detach from ${this.target}`, error, "CAP_NET_ADMIN");
    }
  }
}
