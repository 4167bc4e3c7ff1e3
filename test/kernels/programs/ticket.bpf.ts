import { ArrayMap, atomics, minKernel, SockOp, sockOps, type u64 } from "tsbpf/stdlib";

minKernel("5.12");

export const counter = new ArrayMap<u64>({ maxEntries: 1 });

/** The number that the last connection was given: from 0, each once. */
export let last: u64 = 0n;

export const number = sockOps((ctx) => {
  if (ctx.op !== SockOp.ACTIVE_ESTABLISHED_CB) return;
  const next = counter.ref(0);
  if (next) last = atomics.add(next, "value", 1n);
});
