import { expect, test } from "vitest";
import { formatTable } from "../../cli/output/table.ts";
import { check } from "../../compiler/index.ts";
import { Assertions } from "../../demo/assertions.ts";
import { copy, numbered, source, withAtomics, withoutGuard } from "../../demo/developer/program.ts";
import { ScratchFolder, type WindowResult } from "../../demo/lab/index.ts";
import { policyOf } from "../../demo/mesh-engineer/mesh-on-stage.ts";
import type { Stage } from "../../demo/stage.ts";
import { bytes, microseconds, perSecond, ratio } from "../../demo/units.ts";
import { latencyTable, type Mode, measure } from "../../demo/windows.ts";

test("the program shown has twelve lines, is good, and so is its better version", () => {
  expect(source().trimEnd().split("\n")).toHaveLength(12);
  using folder = ScratchFolder.create("play");
  for (const text of [source(), withAtomics(source())]) {
    expect(check(copy(folder, text), { cwd: folder.path }).diagnostics).toEqual([]);
  }
  expect(withAtomics(source())).toContain('atomics.add(seen, "packets", 1n)');
});

test("without its guard it is refused on the line that needs it", () => {
  using folder = ScratchFolder.create("play");
  const bad = withoutGuard(source());
  const [first] = check(copy(folder, bad), { cwd: folder.path }).diagnostics;
  expect(first?.code).toBe("TSB1204");
  expect(bad.slice(0, first?.span?.start).split("\n")).toHaveLength(8);
});

test("a program that has changed under the demonstration is noticed", () => {
  expect(() => withoutGuard("nothing to take away\n")).toThrow("traffic.bpf.ts has no");
  expect(() => withAtomics(withAtomics(source()))).toThrow("traffic.bpf.ts has no");
});

test("lines are numbered as in an editor", () => {
  expect(numbered("a\n\nb\n")).toBe(" 1  a\n 2\n 3  b");
});

test("a run holds only if it claimed something and all of it held", () => {
  const assertions = new Assertions();
  expect(assertions.held).toBe(false);
  expect(assertions.claim("one", true)).toBe(true);
  expect(assertions.held).toBe(true);
  expect(assertions.claim("two", false, "seen")).toBe(false);
  expect(assertions.held).toBe(false);
  expect(assertions.all).toEqual([
    { claim: "one", held: true, seen: undefined },
    { claim: "two", held: false, seen: "seen" },
  ]);
});

test("figures have units, and what was not measured has none", () => {
  expect(microseconds(81_322)).toBe("81 µs");
  expect(microseconds(Number.NaN)).toBe("-");
  expect(ratio(3, 2)).toBe("1.50x");
  expect(ratio(1, 0)).toBe("-");
  expect([bytes(0n), bytes(1536), bytes(3n << 20n), bytes(2 ** 31)]).toEqual([
    "0 B",
    "1.5 KiB",
    "3.0 MiB",
    "2.0 GiB",
  ]);
  expect(perSecond(1234.6)).toBe("1235/s");
});

test("a slow machine makes fewer rounds, and whole ones", async () => {
  const order: string[] = [];
  const mode = (name: string): Mode => ({
    name,
    enter: () => void order.push(name),
    request: { host: "", port: 1, path: "/", connections: 1, durationMs: 1 },
  });
  const window: WindowResult = {
    requests: 1,
    errors: 0,
    durationNs: 1,
    bytes: 0,
    p50: 1,
    p95: 1,
    p99: 1,
    max: 1,
    bodies: [],
    connections: [],
  };
  const client = {
    window: () => new Promise<WindowResult>((resolve) => setTimeout(() => resolve(window), 5)),
  };
  const slow = await measure(client, [mode("a"), mode("b")], { rounds: 5, budgetMs: 1 });
  expect(order.join("")).toBe("ab");
  expect(slow.map(({ windows }) => windows.length)).toEqual([1, 1]);
  order.length = 0;
  await measure(client, [mode("a"), mode("b")], { rounds: 2, budgetMs: 60_000 });
  expect(order.join("")).toBe("abba");
});

test("the latency table gives each path's ratio to the first", () => {
  const mode = (name: string) => ({
    name,
    enter: () => {},
    request: { host: "", port: 1, path: "/", connections: 1, durationMs: 1 },
  });
  const summary = (p50: number, requestsPerSecond: number) => ({
    windows: 1,
    requests: 1,
    errors: 0,
    requestsPerSecond,
    p50,
    p95: 2 * p50,
    p99: 4 * p50,
  });
  const windows: WindowResult[] = [];
  const { columns, rows } = latencyTable([
    { mode: mode("direct"), windows, summary: summary(100_000, 1000) },
    { mode: mode("other"), windows, summary: summary(50_000, 1500) },
  ]);
  expect(formatTable(columns, rows)).toBe(
    [
      "PATH       P50     P95     P99  REQUESTS    P50    P99  REQUESTS",
      "direct  100 µs  200 µs  400 µs    1000/s  1.00x  1.00x     1.00x",
      "other    50 µs  100 µs  200 µs    1500/s  0.50x  0.50x     1.50x",
    ].join("\n"),
  );
});

test("the policy on stage denies the stranger and allows the client alone", () => {
  const cgroup = (name: string) => ({ path: `/cg/${name}` });
  const stage = {
    workloads: {
      web: cgroup("web"),
      client: cgroup("client"),
      stranger: cgroup("stranger"),
      proxy: cgroup("proxy"),
    },
    home: { ip4: "10.213.0.1", ip6: "fd7b:213::1" },
  } as unknown as Stage;
  const rules = policyOf(stage);
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  expect(rules.filter(({ action }) => action === "allow").map(({ from }) => from)).toEqual(
    Array(4).fill({ cgroup: "/cg/client" }),
  );
  expect(rules.filter(({ action }) => action === "deny")).toEqual([
    expect.objectContaining({ from: { cgroup: "/cg/stranger" }, reason: expect.any(String) }),
  ]);
});
