// Refuses connections to one port. Shows a program that decides, and a constant that is set when the program is loaded.
//
//   tsbpf load programs/examples/drop-port.bpf.ts --set port=2525 \
//     --attach drop4=cgroup:/sys/fs/cgroup/demo --attach drop6=cgroup:/sys/fs/cgroup/demo
//
// A process of the cgroup then gets EPERM from connect(2).

import { type be16, cgroup, constant, ntohs, type u16, type u64 } from "tsbpf/stdlib";

/** The port, as one says it: 25 for SMTP. Read-only in the kernel, set by `--set` before it is loaded. */
export const port = constant<u16>(25);

/** How many connections were refused. Two CPUs that add at the same time may count one: where each counts, use `atomics`. */
export let refused: u64 = 0n;

function allows(destination: be16): boolean {
  if (ntohs(destination) !== port) return true;
  refused += 1n;
  return false;
}

export const drop4 = cgroup.connect4((ctx) => allows(ctx.userPort));

export const drop6 = cgroup.connect6((ctx) => allows(ctx.userPort));
