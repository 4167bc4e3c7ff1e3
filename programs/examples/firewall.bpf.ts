// Drops packets by source network before the kernel has looked at them. Shows XDP and longest-prefix match: user space fills the rules, and
// the most specific one that covers a source decides.
//
//   tsbpf load programs/examples/firewall.bpf.ts --attach filter=xdp:eth0 --pin /sys/fs/bpf/firewall

import {
  atomics,
  type be32,
  EtherType,
  htons,
  LpmTrie,
  type u32,
  type u64,
  XdpAction,
  xdp,
} from "tsbpf/stdlib";
import type { EthHdr, IpHdr } from "tsbpf/stdlib/net";

export interface Network {
  /** How many bits of the address count. */
  prefixlen: u32;
  address: be32;
}

export interface Rule {
  deny: boolean;
  /** Packets that the rule decided. */
  packets: u64;
}

export const rules = new LpmTrie<Network, Rule>({ maxEntries: 1024 });

export const filter = xdp((packet) => {
  const ethernet = packet.header<EthHdr>(0);
  if (!ethernet || ethernet.proto !== htons(EtherType.IP)) return XdpAction.PASS;
  const ip = packet.header<IpHdr>(14);
  if (!ip) return XdpAction.PASS;

  const rule = rules.get({ prefixlen: 32, address: ip.saddr });
  if (!rule) return XdpAction.PASS;
  atomics.add(rule, "packets", 1n);
  return rule.deny ? XdpAction.DROP : XdpAction.PASS;
});
