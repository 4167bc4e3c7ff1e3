// Counts the packets of a network device by IP protocol. Shows how a packet is parsed: each header is checked against the packet's end once,
// and is then read like any other object.
//
//   tsbpf load programs/examples/protocols.bpf.ts --attach count=tc:eth0/ingress

import { ArrayMap, atomics, EtherType, htons, TcAction, tc, type u8, u64 } from "tsbpf/stdlib";
import type { EthHdr, IpHdr, Ipv6Hdr } from "tsbpf/stdlib/net";

export interface Traffic {
  packets: u64;
  bytes: u64;
}

/** By protocol number: 6 is TCP, 17 UDP. IPv6 extension headers count as what they are. */
export const traffic = new ArrayMap<Traffic>({ maxEntries: 256 });

export const count = tc((packet) => {
  const ethernet = packet.header<EthHdr>(0);
  if (!ethernet) return TcAction.OK;

  let protocol: u8 = 0;
  if (ethernet.proto === htons(EtherType.IP)) {
    const ip = packet.header<IpHdr>(14);
    if (!ip) return TcAction.OK;
    protocol = ip.protocol;
  } else if (ethernet.proto === htons(EtherType.IPV6)) {
    const ip = packet.header<Ipv6Hdr>(14);
    if (!ip) return TcAction.OK;
    protocol = ip.nexthdr;
  } else {
    return TcAction.OK;
  }

  const entry = traffic.get(protocol);
  if (entry) {
    atomics.add(entry, "packets", 1n);
    atomics.add(entry, "bytes", u64(packet.len));
  }
  return TcAction.OK;
});
