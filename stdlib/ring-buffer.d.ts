import type { mapType } from "./maps.js";
import type { i32, u64 } from "./types.js";
import type { RingBufferFlags, RingBufferQuery } from "./uapi.js";

/** A record that is being written. Taken with `using`: discarded at the end of the scope unless submitted. */
export interface Reservation<T> extends Disposable {
  /** The record in the buffer's memory; its bytes are zero at first. */
  readonly record: T;
  /** Hands the record to user space. After it, `record` is gone. */
  submit(flags?: RingBufferFlags): void;
  /** Gives the record up. */
  discard(flags?: RingBufferFlags): void;
}

export interface RingBufferOptions {
  /** The size in bytes: a power of two and a multiple of the page size. */
  readonly maxEntries: number;
  /** Share one buffer between objects: keep it at the pin directory under its own name. */
  readonly pin?: boolean;
  readonly numaNode?: number;
}

/** A queue of records to user space, in order, shared by all CPUs (`BPF_MAP_TYPE_RINGBUF`, Linux 5.8). */
export declare class RingBuffer<T> {
  constructor(options: RingBufferOptions);
  readonly [mapType]: "RingBuffer";
  /** Copies `value` into the buffer: 0, or a negative errno where it is full. */
  output(value: T, flags?: RingBufferFlags): i32;
  /** Takes room for a record; `undefined` where the buffer is full. */
  reserve(): Reservation<T> | undefined;
  /** What the buffer holds now; the answer may be out of date at once. */
  query(what: RingBufferQuery): u64;
}
