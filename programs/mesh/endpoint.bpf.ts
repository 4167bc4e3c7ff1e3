import { type be32, type FixedArray, htonl, type u32 } from "tsbpf/stdlib";

/** One end of a connection. An IPv4 address is v4-mapped (RFC 4291, section 2.5.5.2): one form for every key, whatever the socket's family. */
export interface Endpoint {
  address: FixedArray<be32, 4>;
  /** Host order. */
  port: u32;
}

/** The end at an IPv4 address. */
export function mapped(address: be32, port: u32): Endpoint {
  return { address: [htonl(0), htonl(0), htonl(0xffff), address], port };
}

/** Whether an IPv4 address stands in the v4-mapped form. */
export function isMapped(address: FixedArray<be32, 4>): boolean {
  return address[0] === htonl(0) && address[1] === htonl(0) && address[2] === htonl(0xffff);
}

/**
 * Linux connects to the loopback address where it is given the unspecified one (net/ipv4/route.c, ip_route_output_key_hash_rcu;
 * net/ipv6/tcp_ipv6.c, tcp_v6_connect). A rule about the one must hold for the other.
 */
export function resolveUnspecified(end: Endpoint): void {
  const zero = htonl(0);
  if (end.address[0] !== zero || end.address[1] !== zero || end.address[3] !== zero) return;
  if (end.address[2] === htonl(0xffff)) end.address[3] = htonl(0x7f000001);
  else if (end.address[2] === zero) end.address[3] = htonl(1);
}
