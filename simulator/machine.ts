import type { SimulatedSocket } from "./socket.ts";

export interface MachineOptions {
  /** How many CPUs there are: what per-CPU maps hold a value for. 2 by default. */
  readonly cpus?: number;
  /** The CPU that programs run on; 0 by default. */
  readonly cpu?: number;
  /** What clocks answer, in nanoseconds; 0 by default. */
  readonly timeNs?: bigint;
  /** What `getPrandomU32` answers: a number from 0 to 2³² - 1. By default a sequence that is the same in every run. */
  readonly random?: () => number;
  /** The cgroup of the process and those around it, the root's first; `[1n]` by default. */
  readonly cgroupIds?: readonly bigint[];
  /** `tgid << 32 | pid`; 0 by default. */
  readonly pidTgid?: bigint;
  /** `gid << 32 | uid`; 0 by default. */
  readonly uidGid?: bigint;
  readonly numaNode?: number;
}

/** What a program did besides writing: recorded, since there is no kernel that would do it. */
export type Effect =
  | { readonly kind: "redirect"; readonly ifindex: number; readonly flags: bigint; readonly peer: boolean }
  | { readonly kind: "redirect"; readonly socket: SimulatedSocket; readonly flags: bigint }
  | {
      readonly kind: "cloneRedirect";
      readonly ifindex: number;
      readonly flags: bigint;
      readonly packet: Uint8Array;
    }
  | {
      readonly kind: "setsockopt";
      readonly level: number;
      readonly option: number;
      readonly value: Uint8Array;
    }
  | { readonly kind: "bind"; readonly address: Uint8Array }
  | { readonly kind: "callbacks"; readonly flags: number }
  | { readonly kind: "applyBytes" | "corkBytes"; readonly bytes: number }
  | { readonly kind: "retval"; readonly value: number };

/** The machine that programs run on. What helpers answer is set here, between runs or before the first. */
export class Machine {
  readonly cpus: number;
  cpu: number;
  timeNs: bigint;
  random: () => number;
  cgroupIds: readonly bigint[];
  pidTgid: bigint;
  uidGid: bigint;
  numaNode: number;
  /** @internal The name of the program that runs. */
  program = "";
  /** @internal Its kind. */
  kind = "";
  /** @internal Of the run that goes on. */
  effects: Effect[] = [];
  /** @internal `bpf_get_retval` of the run that goes on. */
  retval = 0;

  constructor(options: MachineOptions = {}) {
    this.cpus = options.cpus ?? 2;
    this.cpu = options.cpu ?? 0;
    this.timeNs = options.timeNs ?? 0n;
    this.random = options.random ?? sequence();
    this.cgroupIds = options.cgroupIds ?? [1n];
    this.pidTgid = options.pidTgid ?? 0n;
    this.uidGid = options.uidGid ?? 0n;
    this.numaNode = options.numaNode ?? 0;
  }
}

/** xorshift32, from a fixed start. */
function sequence(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
