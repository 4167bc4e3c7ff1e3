import { cgroup, HashMap, MapUpdate, SkbEgressAction, type u32, u64 } from "tsbpf/stdlib";

type Traffic = { packets: u64; bytes: u64 };
export const traffic = new HashMap<u32, Traffic>({ maxEntries: 256 });
export const count = cgroup.skbEgress((skb) => {
  traffic.set(skb.localPort, { packets: 0n, bytes: 0n }, MapUpdate.NOEXIST);
  const seen = traffic.get(skb.localPort);
  if (!seen) return SkbEgressAction.PASS;
  seen.packets += 1n;
  seen.bytes += u64(skb.len);
  return SkbEgressAction.PASS;
});
