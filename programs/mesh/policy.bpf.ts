import {
  ArrayMap,
  atomics,
  type be32,
  constant,
  type FixedArray,
  IpProtocol,
  ktimeGetNs,
  LpmTrie,
  LruHashMap,
  MapUpdate,
  PerCpuArray,
  RingBuffer,
  range,
  type u32,
  type u64,
} from "tsbpf/stdlib";
import { type Endpoint, resolveUnspecified } from "./endpoint.bpf.ts";

// Who may connect where. Every connection is looked up twice: by the one who connects, in connect(2), where a refusal has an errno; and by
// the one who is connected to, when the SYN arrives, where the source is what the kernel recorded when the SYN left.

export enum Action {
  DENY,
  ALLOW,
}

/** Why a connection was refused. */
export enum Reason {
  /** No rule allows it. */
  NO_RULE,
  /** A rule denies it. */
  RULE,
  /** The packet's headers could not be read. */
  UNREADABLE,
  /** The service has no backend. */
  NO_BACKEND,
}

export enum Direction {
  EGRESS,
  INGRESS,
}

export interface PolicySettings {
  enforce: boolean;
}

export const policySettings = constant<PolicySettings>({ enforce: true });

/** In the place of a rule's source: whoever. */
export const ANY_SOURCE: u64 = 0xffffffffffffffffn;
/** In the place of a rule's port: whichever. */
export const ANY_PORT: u32 = 0;

/** Everything before the address is matched as a whole, the address by its longest prefix. */
export interface RuleKey {
  prefixlen: u32;
  /** Rules are exchanged all at once: the new ones are written beside the old ones, then `policyState` names them. */
  generation: u32;
  source: u64;
  protocol: u32;
  port: u32;
  address: FixedArray<be32, 4>;
}

export interface Rule {
  action: Action;
  id: u32;
}

export const rules = new LpmTrie<RuleKey, Rule>({ maxEntries: 65536 });

export interface PolicyState {
  generation: u32;
}

export const policyState = new ArrayMap<PolicyState>({ maxEntries: 1 });

const WHOLE_KEY = (4 + 8 + 4 + 4 + 16) * 8;

/** What the rules say. `rule` is 0 where none says anything. */
export interface Decision {
  allowed: boolean;
  rule: u32;
}

/** A rule that denies wins; where no rule allows, the answer is no. */
export function decide(source: u64, destination: Endpoint): Decision {
  const state = policyState.get(0);
  if (!state) return { allowed: false, rule: 0 };
  const key: RuleKey = {
    prefixlen: WHOLE_KEY,
    generation: state.generation,
    source,
    protocol: IpProtocol.TCP,
    port: destination.port,
    address: destination.address,
  };
  let allowedBy: u32 = 0;
  // Source and port as they are, then with either or both standing for any.
  for (const step of range(4)) {
    key.source = (step & 1) === 0 ? source : ANY_SOURCE;
    key.port = (step & 2) === 0 ? destination.port : ANY_PORT;
    const rule = rules.get(key);
    if (!rule) continue;
    if (rule.action !== Action.ALLOW) return { allowed: false, rule: rule.id };
    if (allowedBy === 0) allowedBy = rule.id;
  }
  return { allowed: allowedBy !== 0, rule: allowedBy };
}

export interface Denial {
  timeNs: u64;
  source: u64;
  client: Endpoint;
  server: Endpoint;
  direction: Direction;
  reason: Reason;
  rule: u32;
}

export const denials = new RingBuffer<Denial>({ maxEntries: 262144 });

export interface DenialKey {
  source: u64;
  direction: Direction;
  reason: Reason;
  rule: u32;
}

export const denialCounts = new LruHashMap<DenialKey, u64>({ maxEntries: 4096 });

/** Denials that found no room in the ring buffer. */
export const lostDenials = new PerCpuArray<u64>({ maxEntries: 1 });

function count(key: DenialKey): void {
  const known = denialCounts.ref(key);
  if (known) {
    atomics.add(known, "value", 1n);
    return;
  }
  if (denialCounts.set(key, 1n, MapUpdate.NOEXIST) === 0) return;
  // Another CPU was first.
  const made = denialCounts.ref(key);
  if (made) atomics.add(made, "value", 1n);
}

export function report(client: Endpoint, server: Endpoint, verdict: DenialKey): void {
  count(verdict);
  using event = denials.reserve();
  if (!event) {
    const lost = lostDenials.ref(0);
    if (lost) atomics.add(lost, "value", 1n);
    return;
  }
  const denial = event.record;
  denial.timeNs = ktimeGetNs();
  denial.source = verdict.source;
  denial.client = client;
  denial.server = server;
  denial.direction = verdict.direction;
  denial.reason = verdict.reason;
  denial.rule = verdict.rule;
  event.submit();
}

/** Whether `source` may connect; where not, the refusal is counted and reported. */
export function permits(source: u64, client: Endpoint, server: Endpoint, direction: Direction): boolean {
  if (!policySettings.enforce) return true;
  const resolved: Endpoint = { ...server };
  resolveUnspecified(resolved);
  const decision = decide(source, resolved);
  if (decision.allowed) return true;
  const reason = decision.rule === 0 ? Reason.NO_RULE : Reason.RULE;
  report(client, resolved, { source, direction, reason, rule: decision.rule });
  return false;
}
