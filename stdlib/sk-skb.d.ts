import type { FixedArray } from "./fixed-array.js";
import type { SockHash, SockMap } from "./maps.js";
import type { PacketReader, PacketWriter, WritableHeaders } from "./packet.js";
import type { Program } from "./program.js";
import type { SocketCommon } from "./sockets.js";
import type { be16, be32, i32, u32, u64 } from "./types.js";
import type { AddressFamily, MsgFlags, SkAction } from "./uapi.js";

/** Bytes that arrive at a socket in a `SockMap` or `SockHash` (`struct __sk_buff`). */
export interface SkSkbContext extends PacketReader, WritableHeaders, PacketWriter {
  /** In bytes. */
  readonly len: u32;
  readonly protocol: be16;
  readonly ifindex: u32;
  readonly ingressIfindex: u32;
  readonly family: AddressFamily;
  readonly remoteIp4: be32;
  readonly localIp4: be32;
  readonly remoteIp6: FixedArray<be32, 4>;
  readonly localIp6: FixedArray<be32, 4>;
  /** Network order: `ntohl(skb.remotePort)` is the port. */
  readonly remotePort: be32;
  /** Host order. */
  readonly localPort: u32;
  priority: u32;
  tcIndex: u32;
  readonly sk: SocketCommon | undefined;
  /** A number of the socket that no other gets. */
  socketCookie(): u64;
}

export interface SkSkbVerdictContext extends SkSkbContext {
  /** Gives the data to the socket in the map: `PASS`, or `DROP` where there is none. */
  redirectHash<K>(map: SockHash<K>, key: K, flags?: MsgFlags): SkAction;
  /** Gives the data to the socket in the map: `PASS`, or `DROP` where there is none. */
  redirectMap(map: SockMap, index: u32, flags?: MsgFlags): SkAction;
}

export declare namespace skSkb {
  /** Tells messages apart: returns the length of the first one, 0 to wait for more, or a negative errno (section `sk_skb/stream_parser`). */
  function parser(program: (skb: SkSkbContext) => u32 | i32): Program<"skSkb.parser">;
  /** Decides where a message goes (section `sk_skb/stream_verdict`). */
  function verdict(program: (skb: SkSkbVerdictContext) => SkAction): Program<"skSkb.verdict">;
}
