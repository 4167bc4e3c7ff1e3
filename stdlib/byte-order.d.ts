import type { FixedArray } from "./fixed-array.js";
import type { be16, be32, be64, u16, u32, u64 } from "./types.js";

/** Host to network order, 16 bits: `htons(80)`. */
export declare function htons(host: u16): be16;
/** Host to network order, 32 bits. */
export declare function htonl(host: u32): be32;
/** Host to network order, 64 bits. */
export declare function htonll(host: u64): be64;
/** Network to host order, 16 bits. */
export declare function ntohs(network: be16): u16;
/** Network to host order, 32 bits. */
export declare function ntohl(network: be32): u32;
/** Network to host order, 64 bits. */
export declare function ntohll(network: be64): u64;

/** An IPv4 address from a literal: `ip4("10.0.0.1")`. Evaluated by the compiler. */
export declare function ip4(address: string): be32;
/** An IPv6 address from a literal: `ip6("2001:db8::1")`. Evaluated by the compiler. */
export declare function ip6(address: string): FixedArray<be32, 4>;
