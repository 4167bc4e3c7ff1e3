import { atomics, i32, MapUpdate, PerCpuHashMap, type Socket, type u32, u64, zero } from "tsbpf/stdlib";
import { type Half, halves, Role } from "./connection.bpf.ts";
import type { Endpoint } from "./endpoint.bpf.ts";
import type { Segment } from "./segment.bpf.ts";

/** A workload's dealings with one server: as its client, or as the server itself. All zero: what found no room in the map. */
export interface TrafficKey {
  workload: u64;
  server: Endpoint;
  role: Role;
}

/** A byte is counted once at each end, under the path it took. The sum does not depend on whether the shortcut is on. */
export interface Traffic {
  opened: u64;
  /** Attempts that did not become a connection. */
  failed: u64;
  closed: u64;
  rttSamples: u64;
  /** Sum of the smoothed round trips, in microseconds. A redirected byte is never acknowledged, so it takes no sample. */
  rttTotalUs: u64;
  rttMaxUs: u64;
  sentTcp: u64;
  sentRedirected: u64;
  receivedTcp: u64;
  receivedRedirected: u64;
}

export const traffic = new PerCpuHashMap<TrafficKey, Traffic>({ maxEntries: 8192 });

/** The counters of this CPU. User space puts the entry for what finds no room in at load. */
export function trafficOf(workload: u64, server: Endpoint, role: Role): Traffic | undefined {
  const key: TrafficKey = { workload, server, role };
  const known = traffic.get(key);
  if (known) return known;
  traffic.set(key, zero<Traffic>(), MapUpdate.NOEXIST);
  return traffic.get(key) ?? traffic.get(zero<TrafficKey>());
}

/** Counts a redirect at both ends: the receiving socket runs no program. */
export function countRedirected(half: Half, otherWorkload: u64, size: u64): void {
  const own = trafficOf(half.workload, half.key.server, half.role);
  if (own) atomics.add(own, "sentRedirected", size);
  const otherRole = half.role === Role.CLIENT ? Role.SERVER : Role.CLIENT;
  const other = trafficOf(otherWorkload, half.key.server, otherRole);
  if (other) atomics.add(other, "receivedRedirected", size);
}

/**
 * How far a segment takes the stream beyond `end`. Retransmissions and overlaps add nothing, and a hole that a later one
 * fills was counted when it appeared.
 */
function beyond(end: u32, segment: Segment): u32 {
  const grown = segment.sequence + segment.length - end;
  return i32(grown) > 0 ? grown : 0;
}

export function countSent(socket: Socket, segment: Segment): void {
  const half = halves.get(socket);
  if (!half?.established || half.sentAll) return;
  half.sentAll = segment.ends;
  const grown = beyond(half.sentEnd, segment);
  if (grown === 0) return;
  half.sentEnd += grown;
  const counters = trafficOf(half.workload, half.key.server, half.role);
  if (counters) atomics.add(counters, "sentTcp", u64(grown));
}

export function countReceived(socket: Socket, segment: Segment): void {
  const half = halves.get(socket);
  if (!half?.established || half.receivedAll) return;
  half.receivedAll = segment.ends;
  const grown = beyond(half.receivedEnd, segment);
  if (grown === 0) return;
  half.receivedEnd += grown;
  const counters = trafficOf(half.workload, half.key.server, half.role);
  if (counters) atomics.add(counters, "receivedTcp", u64(grown));
}
