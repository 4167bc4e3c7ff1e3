import type { i32, u32 } from "./types.js";

/** Packet access that all program types on `struct __sk_buff` share. */
export interface PacketReader {
  /** Copies `T` from a byte offset, from anywhere in the packet; `undefined` where it does not fit. Offset 0 is where `header(0)` is. */
  load<T>(offset: u32): T | undefined;
}

/** Direct access without the right to write. */
export interface ReadonlyHeaders {
  /** A reference into the packet at a byte offset; `undefined` where it does not fit into what is directly accessible. */
  header<T>(offset: u32): Readonly<T> | undefined;
}

export interface WritableHeaders {
  /** A reference into the packet at a byte offset; `undefined` where it does not fit into what is directly accessible. */
  header<T>(offset: u32): T | undefined;
}

/** What can change a packet. Each call ends earlier references into it. */
export interface PacketWriter {
  /** Copies `value` to a byte offset: 0, or a negative errno. */
  store<T>(offset: u32, value: T): i32;
  /** Makes the first `length` bytes directly accessible (0: all): 0, or a negative errno. */
  pullData(length: u32): i32;
  /** Cuts or grows the packet at its end to `length` bytes: 0, or a negative errno. */
  changeTail(length: u32): i32;
  /** Makes room for `length` bytes before the packet: 0, or a negative errno. */
  changeHead(length: u32): i32;
}
