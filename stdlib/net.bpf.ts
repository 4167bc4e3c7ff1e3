// Headers of packets and small functions on addresses, written in the language: what a program imports is compiled into it.

import {
  type be16,
  type be32,
  type FixedArray,
  htonl,
  ntohl,
  ntohs,
  type u8,
  type u16,
  type u32,
} from "tsbpf/stdlib";

/** Ethernet II, 14 bytes. */
export interface EthHdr {
  dest: FixedArray<u8, 6>;
  source: FixedArray<u8, 6>;
  /** `htons(EtherType.IP)` and so on. */
  proto: be16;
}

/** IPv4 without options, 20 bytes. */
export interface IpHdr {
  /** The version in the upper four bits, the header's length in 32-bit words in the lower: see `ipHeaderLength`. */
  versionIhl: u8;
  tos: u8;
  /** The packet's length in bytes, this header included. */
  totLen: be16;
  id: be16;
  /** Flags in the upper three bits, the fragment's offset in units of 8 bytes in the rest: see `isFragment`. */
  fragOff: be16;
  ttl: u8;
  /** An `IpProtocol`. */
  protocol: u8;
  check: be16;
  saddr: be32;
  daddr: be32;
}

/** IPv6 without extension headers, 40 bytes. */
export interface Ipv6Hdr {
  /** Version, traffic class and flow label. */
  flowinfo: be32;
  /** The length in bytes of what follows this header. */
  payloadLen: be16;
  /** An `IpProtocol`, or an extension header's number. */
  nexthdr: u8;
  hopLimit: u8;
  saddr: FixedArray<be32, 4>;
  daddr: FixedArray<be32, 4>;
}

/** TCP without options, 20 bytes. */
export interface TcpHdr {
  source: be16;
  dest: be16;
  seq: be32;
  ackSeq: be32;
  /** The header's length in 32-bit words in the upper four bits, then reserved bits and the flags: see `tcpHeaderLength` and `TcpFlag`. */
  offsetFlags: be16;
  window: be16;
  check: be16;
  urgPtr: be16;
}

/** UDP, 8 bytes. */
export interface UdpHdr {
  source: be16;
  dest: be16;
  /** In bytes, this header included. */
  len: be16;
  check: be16;
}

/** ICMP's first 8 bytes, version 4 and 6. */
export interface IcmpHdr {
  type: u8;
  code: u8;
  check: be16;
  rest: be32;
}

/** A VLAN tag as it stands after the two addresses of a frame, 4 bytes. */
export interface VlanHdr {
  tci: be16;
  /** What the frame carries behind the tag. */
  proto: be16;
}

/** In bytes, 0 to 60; at least 20 in a valid packet. */
export function ipHeaderLength(ip: Readonly<IpHdr>): u32 {
  return (ip.versionIhl & 0x0f) * 4;
}

/** In bytes, 0 to 60; at least 20 in a valid segment. */
export function tcpHeaderLength(tcp: Readonly<TcpHdr>): u32 {
  return (ntohs(tcp.offsetFlags) >>> 12) * 4;
}

/** Whether all of `flags`, an or of `TcpFlag`s, are set. */
export function hasTcpFlags(tcp: Readonly<TcpHdr>, flags: u16): boolean {
  return (ntohs(tcp.offsetFlags) & flags) === flags;
}

/** Whether the packet is a fragment that is not the first: it begins with no TCP or UDP header. */
export function isFragment(ip: Readonly<IpHdr>): boolean {
  return (ntohs(ip.fragOff) & 0x1fff) !== 0;
}

/** 127.0.0.0/8 */
export function isLoopback4(address: be32): boolean {
  return ntohl(address) >>> 24 === 127;
}

/** ::1 */
export function isLoopback6(address: Readonly<FixedArray<be32, 4>>): boolean {
  return (
    address[0] === htonl(0) && address[1] === htonl(0) && address[2] === htonl(0) && address[3] === htonl(1)
  );
}

/** 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 (RFC 1918). */
export function isPrivate4(address: be32): boolean {
  const host = ntohl(address);
  return host >>> 24 === 10 || host >>> 20 === 0xac1 || host >>> 16 === 0xc0a8;
}

/** 224.0.0.0/4 */
export function isMulticast4(address: be32): boolean {
  return ntohl(address) >>> 28 === 0xe;
}

/** ::ffff:0:0/96: an IPv4 address in IPv6's form, as dual-stack sockets have them. See `mappedAddress`. */
export function isMapped(address: Readonly<FixedArray<be32, 4>>): boolean {
  return address[0] === htonl(0) && address[1] === htonl(0) && address[2] === htonl(0x0000_ffff);
}

/** The IPv4 address of one that `isMapped`. */
export function mappedAddress(address: Readonly<FixedArray<be32, 4>>): be32 {
  return address[3];
}
