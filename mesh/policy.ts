import {
  duplicateRule,
  invalidPrefix,
  invalidRule,
  notEnforceable,
  prefixHasHostBits,
  tooManyRules,
} from "../compiler/diagnostics/mesh-policy.ts";
import { BpfError } from "../runtime/index.ts";
import {
  type Address,
  covers,
  formatAddress,
  isMapped,
  networkOf,
  type Prefix,
  parsePrefix,
  sameAddress,
} from "./address.ts";

/** Who may connect where. A rule that denies wins over those that allow; what no rule allows is denied. */
export interface PolicyRule {
  /** 1 to 4,294,967,295; denials name it. */
  readonly id: number;
  readonly action: "allow" | "deny";
  /** A workload, `"any"`, or `"unknown"`: who did not connect from a socket of the mesh on this machine. */
  readonly from: "any" | "unknown" | { readonly cgroup: string };
  /** `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32` or `"any"`. Where the connection goes after translation: a backend, not a service. */
  readonly to: string;
  readonly port: number | "any";
  readonly protocol?: "tcp";
  /** What a denial says. */
  readonly reason?: string;
}

/** `ANY_SOURCE` and `UNKNOWN` of the programs. */
export const ANY_SOURCE = 0xffffffffffffffffn;
export const UNKNOWN_SOURCE = 0n;

/** One entry of the `rules` map, but for its generation. */
export interface RuleEntry {
  readonly source: bigint;
  readonly port: number;
  readonly prefix: Prefix;
  readonly allow: boolean;
  readonly id: number;
}

const fields = ["id", "action", "from", "to", "port", "protocol", "reason"];
const operation = "set policy";

/**
 * What the rules come to, one entry for each source, port and prefix. The kernel asks for (source, port), with each of them as it is and
 * standing for any, and finds the longest prefix: so an entry carries the verdict of every rule whose prefix covers its own.
 *
 * @param cgroupId the id of a rule's cgroup; throws where the path is none.
 * @throws {BpfError} TSB6001 to TSB6006.
 */
export function compilePolicy(
  rules: readonly PolicyRule[],
  cgroupId: (path: string, place: string) => bigint,
  most: number,
): RuleEntry[] {
  const parsed = rules.map((rule, index) => parseRule(rule, `rule ${index + 1}`, cgroupId));
  const ids = new Set<number>();
  for (const { id } of parsed) {
    if (ids.has(id)) throw new BpfError(operation, duplicateRule(undefined, id));
    ids.add(id);
  }
  const bySourceAndPort = new Map<string, RuleEntry[]>();
  for (const rule of parsed) {
    const key = `${rule.source} ${rule.port}`;
    bySourceAndPort.set(key, [...(bySourceAndPort.get(key) ?? []), rule]);
  }
  const entries = [...bySourceAndPort.values()].flatMap(resolve);
  if (entries.length > most) throw new BpfError(operation, tooManyRules(undefined, entries.length, most));
  return entries;
}

/** Rules of one source and port: one entry per prefix, in which a denial by any covering prefix wins, else the most specific rule stands. */
function resolve(rules: readonly RuleEntry[]): RuleEntry[] {
  const entries: RuleEntry[] = [];
  for (const rule of rules) {
    const same = (other: RuleEntry) =>
      other.prefix.length === rule.prefix.length && sameAddress(other.prefix.address, rule.prefix.address);
    if (entries.some(same)) continue;
    const covering = rules
      .filter((other) => covers(other.prefix, rule.prefix))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    const winner = covering.find((other) => !other.allow) ?? covering[0] ?? rule;
    entries.push({ ...rule, allow: winner.allow, id: winner.id });
  }
  return entries;
}

function parseRule(
  rule: PolicyRule,
  place: string,
  cgroupId: (path: string, place: string) => bigint,
): RuleEntry {
  const refuse = (what: string, help: string) =>
    new BpfError(operation, invalidRule(undefined, place, what, help));
  if (typeof rule !== "object" || rule === null) throw refuse("is not an object", "see `PolicyRule`");
  for (const name of Object.keys(rule)) {
    if (!fields.includes(name))
      throw refuse(`has an unknown field \`${name}\``, `the fields are ${fields.join(", ")}`);
  }
  const { id, action, from, to, port, protocol, reason } = rule;
  if (!Number.isInteger(id) || id < 1 || id > 0xffffffff)
    throw refuse(`has the id ${show(id)}`, "ids are integers from 1 to 4294967295");
  if (action !== "allow" && action !== "deny")
    throw refuse(`has the action ${show(action)}`, "actions are `allow` and `deny`");
  if (protocol !== undefined && protocol !== "tcp")
    throw new BpfError(operation, notEnforceable(undefined, place, `protocol ${show(protocol)} is not seen`));
  if (port !== "any" && (!Number.isInteger(port) || port < 1 || port > 65535))
    throw refuse(`has the port ${show(port)}`, 'ports are integers from 1 to 65535, or `"any"`');
  if (reason !== undefined && typeof reason !== "string")
    throw refuse("has a reason that is not a string", "leave it out, or give a string");
  return {
    id,
    allow: action === "allow",
    source: sourceOf(from, place, cgroupId, refuse),
    port: port === "any" ? 0 : port,
    prefix: prefixOf(to, place),
  };
}

function sourceOf(
  from: PolicyRule["from"],
  place: string,
  cgroupId: (path: string, place: string) => bigint,
  refuse: (what: string, help: string) => BpfError,
): bigint {
  if (from === "any") return ANY_SOURCE;
  if (from === "unknown") return UNKNOWN_SOURCE;
  if (typeof from !== "object" || from === null || typeof from.cgroup !== "string")
    throw refuse(`has the source ${show(from)}`, 'sources are `"any"`, `"unknown"` and `{ cgroup: path }`');
  return cgroupId(from.cgroup, place);
}

function prefixOf(to: string, place: string): Prefix {
  const prefix = typeof to === "string" ? parsePrefix(to) : undefined;
  if (prefix === undefined) throw new BpfError(operation, invalidPrefix(undefined, place, String(to)));
  const network: Address = networkOf(prefix);
  if (!sameAddress(network, prefix.address)) {
    const length = isMapped(prefix.address) && prefix.length >= 96 ? prefix.length - 96 : prefix.length;
    const meant = `${formatAddress(network)}/${length}`;
    throw new BpfError(operation, prefixHasHostBits(undefined, place, to, meant));
  }
  return prefix;
}

function show(value: unknown): string {
  return typeof value === "string" ? `\`${value}\`` : String(value);
}
