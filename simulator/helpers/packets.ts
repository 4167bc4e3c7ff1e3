import type { SimulatedContext } from "../context.ts";
import { EFAULT, EINVAL } from "../errno.ts";
import type { Pointer } from "../memory.ts";
import type { HelperFactory } from "./helper.ts";

/** XDP_REDIRECT and TC_ACT_REDIRECT, XDP_ABORTED and TC_ACT_SHOT. */
const xdpActions = { redirect: 4, refused: 0 } as const;
const tcActions = { redirect: 7, refused: 2 } as const;

/** Packets and messages: copying, changing and sending them elsewhere. */
export const packets: HelperFactory = (machine) => {
  const load = (failure: number) => (ctx: SimulatedContext, offset: number, to: Pointer, size: number) => {
    const from = ctx.packetBytes.range(offset, size);
    if (from === null) {
      // What a program gets of a failed load is zero (net/core/filter.c, bpf_skb_load_bytes).
      if (failure === EFAULT) to.bytes(size).fill(0);
      return failure;
    }
    to.assign(from, size);
    return 0;
  };
  const store = (failure: number) => (ctx: SimulatedContext, offset: number, from: Pointer, size: number) => {
    const to = ctx.packetBytes.range(offset, size);
    if (to === null) return failure;
    to.assign(from, size);
    return 0;
  };
  const moved = (ctx: SimulatedContext, result: number): number => {
    if (result === 0) ctx.refresh();
    return result;
  };
  const redirect = (peer: boolean) => (ifindex: number, flags: bigint) => {
    const actions = machine.kind === "xdp" ? xdpActions : tcActions;
    // The only flag is BPF_F_INGRESS, and XDP has none.
    if (flags > (actions === xdpActions || peer ? 0n : 1n)) return actions.refused;
    machine.effects.push({ kind: "redirect", ifindex, flags, peer });
    return actions.redirect;
  };
  return {
    skb_load_bytes: load(EFAULT),
    skb_store_bytes: store(EFAULT),
    skb_pull_data: (_ctx: SimulatedContext, _length: number) => 0,
    skb_change_tail: (ctx: SimulatedContext, length: number, flags: bigint) =>
      flags !== 0n ? EINVAL : moved(ctx, ctx.packetBytes.moveEnd(length - ctx.packetBytes.length)),
    skb_change_head: (ctx: SimulatedContext, length: number, flags: bigint) =>
      flags !== 0n ? EINVAL : moved(ctx, ctx.packetBytes.moveStart(-length)),
    xdp_get_buff_len: (ctx: SimulatedContext) => ctx.packetBytes.length,
    xdp_load_bytes: load(EINVAL),
    xdp_store_bytes: store(EINVAL),
    xdp_adjust_head: (ctx: SimulatedContext, delta: number) => moved(ctx, ctx.packetBytes.moveStart(delta)),
    xdp_adjust_tail: (ctx: SimulatedContext, delta: number) => moved(ctx, ctx.packetBytes.moveEnd(delta)),
    msg_pull_data: (ctx: SimulatedContext, start: number, end: number, flags: bigint) =>
      flags !== 0n ? EINVAL : ctx.packetBytes.show(start, end),
    msg_push_data: (ctx: SimulatedContext, start: number, length: number, flags: bigint) =>
      flags !== 0n ? EINVAL : moved(ctx, ctx.packetBytes.splice(start, length, 0)),
    msg_pop_data: (ctx: SimulatedContext, start: number, length: number, flags: bigint) =>
      flags !== 0n ? EINVAL : moved(ctx, ctx.packetBytes.splice(start, 0, length)),
    redirect: redirect(false),
    redirect_peer: redirect(true),
    clone_redirect: (ctx: SimulatedContext, ifindex: number, flags: bigint) => {
      machine.effects.push({ kind: "cloneRedirect", ifindex, flags, packet: ctx.packetBytes.bytes() });
      return 0;
    },
  };
};
