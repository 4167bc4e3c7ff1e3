import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Address, covers, parseAddress } from "../../mesh/address.ts";
import { ANY_SOURCE, compilePolicy, type PolicyRule, type RuleEntry } from "../../mesh/policy.ts";

const cgroups: Readonly<Record<string, bigint>> = { "/a": 11n, "/b": 12n };
const idOf = (path: string): bigint => cgroups[path] ?? 99n;
const compile = (rules: readonly PolicyRule[], most = 1000) => compilePolicy(rules, idOf, most);

/** What the kernel does with the entries: programs/mesh/policy.bpf.ts, `decide`. */
function decide(entries: readonly RuleEntry[], source: bigint, port: number, address: Address): boolean {
  let allowed = false;
  for (const [wantedSource, wantedPort] of [
    [source, port],
    [ANY_SOURCE, port],
    [source, 0],
    [ANY_SOURCE, 0],
  ] as const) {
    const longest = entries
      .filter((entry) => entry.source === wantedSource && entry.port === wantedPort)
      .filter((entry) => covers(entry.prefix, { address, length: 128 }))
      .sort((a, b) => b.prefix.length - a.prefix.length)[0];
    if (longest === undefined) continue;
    if (!longest.allow) return false;
    allowed = true;
  }
  return allowed;
}

/** What the rules say, read one by one. */
function mean(rules: readonly PolicyRule[], source: bigint, port: number, address: Address): boolean {
  const matching = rules.filter((rule) => {
    const [entry] = compile([rule]);
    return (
      entry !== undefined &&
      (entry.source === ANY_SOURCE || entry.source === source) &&
      (entry.port === 0 || entry.port === port) &&
      covers(entry.prefix, { address, length: 128 })
    );
  });
  return matching.length > 0 && matching.every((rule) => rule.action === "allow");
}

const rule = fc.record({
  action: fc.constantFrom("allow" as const, "deny" as const),
  from: fc.constantFrom<PolicyRule["from"]>("any", "unknown", { cgroup: "/a" }, { cgroup: "/b" }),
  to: fc.constantFrom(
    "any",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.3",
    "10.1.2.0/24",
    "0.0.0.0/0",
    "fd00::/8",
    "fd00::1",
    "::/0",
  ),
  port: fc.constantFrom<PolicyRule["port"]>("any", 80, 443),
});

describe("compilePolicy", () => {
  test("entries mean what the rules say, whatever the order", () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 12 }),
        fc.constantFrom(0n, 11n, 12n, 13n),
        fc.constantFrom(80, 443, 8080),
        fc.constantFrom(
          "10.1.2.3",
          "10.1.2.4",
          "10.1.9.9",
          "10.9.9.9",
          "192.0.2.1",
          "fd00::1",
          "fd00::2",
          "2001:db8::1",
        ),
        (drafts, source, port, text) => {
          const rules = drafts.map((draft, index) => ({ ...draft, id: index + 1 }));
          const address = parseAddress(text);
          if (address === undefined) throw new Error(text);
          expect(decide(compile(rules), source, port, address)).toBe(mean(rules, source, port, address));
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });

  test("a denial in a wider prefix is named where a narrower one allows", () => {
    const entries = compile([
      { id: 1, action: "allow", from: "any", to: "10.1.0.0/16", port: 80 },
      { id: 2, action: "deny", from: "any", to: "10.0.0.0/8", port: 80 },
    ]);
    expect(entries.map(({ allow, id, prefix }) => [prefix.length, allow, id])).toEqual([
      [96 + 16, false, 2],
      [96 + 8, false, 2],
    ]);
  });

  const good: PolicyRule = { id: 1, action: "allow", from: "any", to: "any", port: 80 };
  const hostile = (change: object): PolicyRule => ({ ...good, ...change }) as PolicyRule;

  test.each<[string, string, PolicyRule[]]>([
    ["TSB6001", "an unknown field", [hostile({ ports: 80 })]],
    ["TSB6001", "an unknown action", [hostile({ action: "accept" })]],
    ["TSB6001", "id 0", [hostile({ id: 0 })]],
    ["TSB6001", "an id beyond 32 bits", [hostile({ id: 2 ** 32 })]],
    ["TSB6001", "an id that is a string", [hostile({ id: "1" })]],
    ["TSB6001", "port 0", [hostile({ port: 0 })]],
    ["TSB6001", "port 65536", [hostile({ port: 65536 })]],
    ["TSB6001", "a port that is no number", [hostile({ port: Number.NaN })]],
    ["TSB6001", "a source that is a path alone", [hostile({ from: "/a" })]],
    ["TSB6001", "a source that is null", [hostile({ from: null })]],
    ["TSB6001", "a rule that is null", [null as never]],
    ["TSB6001", "a reason that is no string", [hostile({ reason: 1 })]],
    ["TSB6002", "an id given twice", [good, hostile({ to: "10.0.0.1" })]],
    ["TSB6003", "a destination that is a name", [hostile({ to: "localhost" })]],
    ["TSB6003", "a destination that is no string", [hostile({ to: 10 })]],
    ["TSB6003", "a prefix length beyond 32", [hostile({ to: "10.0.0.0/33" })]],
    ["TSB6003", "a prefix length beyond 128", [hostile({ to: "::/129" })]],
    ["TSB6003", "a prefix with two lengths", [hostile({ to: "10.0.0.0/8/8" })]],
    ["TSB6003", "an address with a zone", [hostile({ to: "fe80::1%lo" })]],
    ["TSB6004", "bits behind the length", [hostile({ to: "10.0.0.7/24" })]],
    ["TSB6005", "another protocol", [hostile({ protocol: "udp" })]],
  ])("%s: %s", (code, _what, rules) => {
    expect(() => compile(rules)).toThrow(expect.objectContaining({ code }));
  });

  test("TSB6004 says what was meant", () => {
    expect(() => compile([hostile({ to: "10.0.0.7/24" })])).toThrow("write `10.0.0.0/24` for the network");
    expect(() => compile([hostile({ to: "2001:db8::7/32" })])).toThrow(
      "write `2001:db8::/32` for the network",
    );
  });

  test("TSB6006: more rules than the map has room for", () => {
    const rules = Array.from(
      { length: 5 },
      (_, i): PolicyRule => ({ ...good, id: i + 1, to: `10.0.0.${i}` }),
    );
    expect(() => compile(rules, 4)).toThrow(expect.objectContaining({ code: "TSB6006" }));
    expect(compile(rules, 5)).toHaveLength(5);
  });
});
