import type { WritableHeaders } from "./packet.js";
import type { Program } from "./program.js";
import type { i32, u32 } from "./types.js";
import type { XdpAction } from "./uapi.js";

/** A packet as the driver received it, before the kernel made anything of it (`struct xdp_md`). It begins with the Ethernet header. */
export interface XdpContext extends WritableHeaders {
  readonly ingressIfindex: u32;
  readonly rxQueueIndex: u32;
  /** The length of the packet in bytes. Linux 5.18. */
  getBuffLen(): u32;
  /** Copies `T` from a byte offset, from anywhere in the packet; `undefined` where it does not fit. Linux 5.18. */
  load<T>(offset: u32): T | undefined;
  /** Copies `value` to a byte offset: 0, or a negative errno. Linux 5.18. */
  store<T>(offset: u32, value: T): i32;
  /** Moves the packet's start by `delta` bytes (negative grows). Ends earlier references. 0, or a negative errno. */
  adjustHead(delta: i32): i32;
  /** Moves the packet's end by `delta` bytes (negative shrinks). Ends earlier references. 0, or a negative errno. */
  adjustTail(delta: i32): i32;
  /** Sends the packet out of another device: return what it returns. */
  redirect(ifindex: u32): XdpAction;
}

/** Runs on each packet that a network device receives (section `xdp`). */
export declare function xdp(program: (packet: XdpContext) => XdpAction): Program<"xdp">;
