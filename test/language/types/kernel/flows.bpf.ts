// A kernel module with one of everything that user space can see of it.

import {
  ArrayMap,
  type be16,
  type be32,
  cgroup,
  constant,
  type FixedArray,
  HashMap,
  type i16,
  LpmTrie,
  LruHashMap,
  PerCpuArray,
  PerCpuHashMap,
  RingBuffer,
  SkAction,
  SkStorage,
  SockHash,
  SockMap,
  skMsg,
  skSkb,
  sockOps,
  TcAction,
  tc,
  type u8,
  type u16,
  type u32,
  type u64,
  XdpAction,
  xdp,
} from "tsbpf/stdlib";
import type { EthHdr } from "tsbpf/stdlib/net";

export interface FlowKey {
  address: be32;
  port: be16;
  zone: u16;
}

interface Span {
  first: u64;
  last: u64;
}

export interface FlowStats {
  packets: u64;
  flags: u32;
  delta: i16;
  established: boolean;
  verdict: SkAction;
  mac: FixedArray<u8, 6>;
  histogram: FixedArray<u64, 64>;
  hops: FixedArray<be32, 4>;
  spans: FixedArray<Span, 2>;
  seen: FixedArray<boolean, 3>;
}

export interface Prefix {
  prefixlen: u32;
  address: be32;
}

export const flows = new HashMap<FlowKey, FlowStats>({ maxEntries: 1024 });
export const counts = new LruHashMap<u32, u64>({ maxEntries: 1024 });
export const perCpu = new PerCpuHashMap<u64, u32>({ maxEntries: 1024 });
export const slots = new ArrayMap<Span>({ maxEntries: 4 });
export const totals = new PerCpuArray<u64>({ maxEntries: 1 });
export const prefixes = new LpmTrie<Prefix, u32>({ maxEntries: 16 });
export const byIndex = new SockMap({ maxEntries: 16 });
export const byKey = new SockHash<FlowKey>({ maxEntries: 16 });
export const storage = new SkStorage<Span>();
export const events = new RingBuffer<FlowStats>({ maxEntries: 4096 });

export let seen: u32 = 0;
export const bytes: u64 = 0n;
export const limit = constant<u64>(10n);
export const settings = constant<{ port: u16; strict: boolean }>({ port: 80, strict: true });

export function isShort(header: EthHdr): boolean {
  return header.dest[0] === 0;
}

export const onOperation = sockOps(() => {
  seen += 1;
});
export const onMessage = skMsg(() => SkAction.PASS);
export const parse = skSkb.parser((skb) => skb.len);
export const decide = skSkb.verdict(() => SkAction.PASS);
export const connect = cgroup.connect4(() => true);
export const packets = xdp(() => XdpAction.PASS);
export const shape = tc(() => TcAction.OK);
