import type { FixedArray } from "./fixed-array.js";
import type { SockHash, SockMap } from "./maps.js";
import type { Program } from "./program.js";
import type { Socket } from "./sockets.js";
import type { be32, i32, u32, u64 } from "./types.js";
import type { AddressFamily, MsgFlags, SkAction } from "./uapi.js";

/** A message that a socket in a `SockMap` or `SockHash` sends (`struct sk_msg_md`). */
export interface SkMsgContext {
  readonly family: AddressFamily;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** Network order: `ntohl(msg.remotePort)` is the port. */
  readonly remotePort: be32;
  /** Host order. */
  readonly localPort: u32;
  /** The message's length in bytes. */
  readonly size: u32;
  /** The sending socket. */
  readonly sk: Socket;
  /** A reference into the message at a byte offset; `undefined` where it does not fit into what is directly accessible (see `pullData`). */
  data<T>(offset: u32): T | undefined;
  /** Makes bytes `start` to `end` directly accessible. Ends earlier references. 0, or a negative errno. */
  pullData(start: u32, end: u32, flags?: u64): i32;
  /** Makes room for `length` bytes at `start`. Ends earlier references. 0, or a negative errno. */
  pushData(start: u32, length: u32, flags?: u64): i32;
  /** Removes `length` bytes at `start`. Ends earlier references. 0, or a negative errno. */
  popData(start: u32, length: u32, flags?: u64): i32;
  /** Applies this run's verdict to the next `bytes` bytes, over several messages if need be. */
  applyBytes(bytes: u32): i32;
  /** Does not run again before `bytes` bytes have come together. */
  corkBytes(bytes: u32): i32;
  /** Sends to the socket in the map: `PASS`, or `DROP` where there is none. Return it, or `PASS` to send on as usual. */
  redirectHash<K>(map: SockHash<K>, key: K, flags?: MsgFlags): SkAction;
  /** Sends to the socket in the map: `PASS`, or `DROP` where there is none. Return it, or `PASS` to send on as usual. */
  redirectMap(map: SockMap, index: u32, flags?: MsgFlags): SkAction;
  /** A number of the network namespace that no other gets. Linux 5.15. */
  netnsCookie(): u64;
}

/** Runs on each message that a socket in the map sends (section `sk_msg`; attached to a `SockMap` or `SockHash`). */
export declare function skMsg(program: (msg: SkMsgContext) => SkAction): Program<"skMsg">;
