import { EINVAL } from "./errno.ts";
import { allocate, type Pointer } from "./memory.ts";

/** Room before the packet (XDP_PACKET_HEADROOM, include/uapi/linux/bpf.h) and after it. */
const HEADROOM = 256;
const TAILROOM = 512;
/** What has to remain of a packet at least: an Ethernet header (net/core/filter.c, bpf_xdp_adjust_head). */
const SHORTEST = 14;
/** `MAX_PACKET_OFF` of the verifier: no access reaches beyond it. */
const FARTHEST = 0xffff;

/** A packet or message that a program looks at. References stay good until the packet moves. */
export class Packet {
  #memory: Pointer;
  #room: number;
  #start: number;
  #end: number;
  /** The part that a message program sees; absent where it sees all. */
  #window: { readonly start: number; readonly end: number } | undefined;

  constructor(bytes: Uint8Array) {
    this.#room = HEADROOM + bytes.length + TAILROOM;
    this.#memory = allocate(this.#room);
    this.#start = HEADROOM;
    this.#end = HEADROOM + bytes.length;
    this.#memory.plus(HEADROOM).bytes(bytes.length).set(bytes);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#memory.plus(this.#start).bytes(this.length).slice();
  }

  /** A reference to `size` bytes, or null where the packet does not reach so far. */
  access(offset: number, size: number): Pointer | null {
    const base = this.#window === undefined ? this.#start : this.#start + this.#window.start;
    const end = this.#window === undefined ? this.#end : this.#start + this.#window.end;
    if (offset > FARTHEST - size || base + offset + size > end) return null;
    return this.#memory.plus(base + offset);
  }

  /** The bytes from `offset` on, whatever part a program sees of them. */
  range(offset: number, size: number): Pointer | null {
    return offset + size > this.length ? null : this.#memory.plus(this.#start + offset);
  }

  /** `bpf_xdp_adjust_head` and, with zeroes in what is gained, `bpf_skb_change_head`. */
  moveStart(delta: number): number {
    const start = this.#start + delta;
    if (start < 0 || start > this.#end - SHORTEST) return EINVAL;
    if (delta < 0) this.#memory.plus(start).bytes(-delta).fill(0);
    this.#start = start;
    return 0;
  }

  /** `bpf_xdp_adjust_tail` and `bpf_skb_change_tail`: what is gained is zero. */
  moveEnd(delta: number): number {
    const end = this.#end + delta;
    if (end < this.#start + SHORTEST || end > this.#room) return EINVAL;
    if (delta > 0) this.#memory.plus(this.#end).bytes(delta).fill(0);
    this.#end = end;
    return 0;
  }

  /** `bpf_msg_pull_data`: the program sees this part from now on. */
  show(start: number, end: number): number {
    if (end > this.length || start >= end) return EINVAL;
    this.#window = { start, end };
    return 0;
  }

  /** Puts `size` zero bytes in at `start`, or takes as many out: `bpf_msg_push_data`, `bpf_msg_pop_data`. */
  splice(start: number, added: number, removed: number): number {
    if (start > this.length || start + removed > this.length) return EINVAL;
    const bytes = this.bytes();
    const changed = new Uint8Array(bytes.length + added - removed);
    changed.set(bytes.subarray(0, start));
    changed.set(bytes.subarray(start + removed), start + added);
    this.#room = HEADROOM + changed.length + TAILROOM;
    this.#memory = allocate(this.#room);
    this.#start = HEADROOM;
    this.#end = HEADROOM + changed.length;
    this.#memory.plus(HEADROOM).bytes(changed.length).set(changed);
    this.#window = undefined;
    return 0;
  }
}
