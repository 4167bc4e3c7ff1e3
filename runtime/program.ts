import { closedObject } from "../compiler/diagnostics/load.ts";
import { pinObject, unpinObject } from "./bpffs.ts";
import { closeAll } from "./close-all.ts";
import { BpfError, systemFailure } from "./errors.ts";
import { type AttachTarget, attach } from "./links/attach.ts";
import { closeLinksOf, type Link } from "./links/link.ts";
import { type Binding, binding } from "./native.ts";
import type { ProgramKind } from "./program-kinds.ts";

export interface ProgramRunOptions {
  /** The packet, for kinds that have one. */
  readonly data?: Uint8Array;
  /** The context, for kinds that take one. */
  readonly context?: Uint8Array;
  /** How many times to run; the duration is the mean. */
  readonly repeat?: number;
}

export interface ProgramRunResult {
  /** What the program returned. */
  readonly result: number;
  readonly durationNs: number;
  /** The packet as the program left it. */
  readonly data?: Uint8Array;
  readonly context?: Uint8Array;
}

/** A program in the kernel: verified, and running wherever it is attached. */
export class Program implements Disposable {
  /** As the object calls it; the kernel's name is cut at 15 characters. */
  readonly name: string;
  readonly kind: ProgramKind;
  private readonly owned: Binding.Descriptor;

  /** @internal `load` makes programs. */
  constructor(name: string, kind: ProgramKind, descriptor: Binding.Descriptor) {
    this.name = name;
    this.kind = kind;
    this.owned = descriptor;
  }

  get closed(): boolean {
    return this.owned.closed;
  }

  /** @internal Throws TSB4060 once closed. */
  get descriptor(): Binding.Descriptor {
    if (this.closed)
      throw new BpfError(`use program ${this.name}`, closedObject(undefined, `program \`${this.name}\``));
    return this.owned;
  }

  /** What the kernel knows of it: id, tag, size, and run statistics where they are kept. */
  info(): Binding.ProgramInfo {
    return this.call("inspect", () => binding().programInfo(this.descriptor));
  }

  get id(): number {
    return this.info().id;
  }

  /**
   * Attaches the program. It runs until the link is closed, or this process ends; pin the link to have it outlive the process.
   *
   *     program.attach({ cgroup: "/sys/fs/cgroup/shop" })          // sockOps, cgroup.*
   *     program.attach({ map: app.maps.sockets })                  // skMsg, skSkb.*
   *     program.attach({ device: "eth0", mode: "native" })         // xdp
   *     program.attach({ device: "eth0", direction: "ingress" })   // tc
   *     program.attach({ netns: "/run/netns/blue" })               // skLookup, flowDissector
   *
   * @throws {BpfError} TSB4040–TSB4047; {@link NotSupportedError} where the kernel is too old.
   */
  attach(target: AttachTarget): Link {
    return attach(this, target);
  }

  /**
   * Runs the program once without attaching it (`BPF_PROG_TEST_RUN`), for kinds that the kernel can run so: `xdp` and `tc` from 4.12.
   */
  run(options: ProgramRunOptions = {}): ProgramRunResult {
    const { returnValue, ...rest } = this.call("run", () =>
      binding().programTestRun(this.descriptor, options),
    );
    return { result: returnValue, ...rest };
  }

  /** Makes the program reachable under a path of a BPF file system. */
  pin(path: string): void {
    pinObject(this.descriptor, path, `pin program ${this.name}`);
  }

  unpin(path: string): void {
    unpinObject(path, `unpin program ${this.name}`);
  }

  /** Closes the links that hold it, and gives up this process's hold. Closing again does nothing. */
  close(): void {
    closeAll([{ close: () => closeLinksOf(this) }, this.owned]);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private call<T>(verb: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw systemFailure(`${verb} program ${this.name}`, error);
    }
  }
}
