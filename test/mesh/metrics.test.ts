import { afterEach, beforeEach, expect, test } from "vitest";
import {
  Mesh,
  type ProbeOptions,
  type ProbeReport,
  runProbe,
  type Scenario,
  type TrafficReport,
} from "../../mesh/index.ts";
import { describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";
import { makeWorkloads, type Workloads } from "./topology.ts";

let workloads: Workloads;

/** What the mesh counts of one scenario, the counters of the workload named. */
async function traffic(
  scenario: Scenario,
  options: ProbeOptions,
  enabled: boolean,
): Promise<{ probe: ProbeReport; client: TrafficReport; server: TrafficReport }> {
  using mesh = await Mesh.load({ object: await compileDataPlane(), shortcut: { enabled } });
  mesh.attach(workloads.mesh.path);
  const probe = await runProbe(scenario, {
    port: 18100,
    serverCgroup: workloads.server.path,
    clientCgroup: workloads.client.path,
    ...options,
  });
  const of = (role: string, id: bigint) => {
    const found = mesh.traffic().filter((report) => report.role === role && report.workload.cgroupId === id);
    expect(found).toHaveLength(1);
    return found[0] as TrafficReport;
  };
  expect(probe.intact).toBe(true);
  return { probe, client: of("client", workloads.client.id), server: of("server", workloads.server.id) };
}

describeKernel("metrics", () => {
  beforeEach(() => {
    workloads = makeWorkloads();
  });
  afterEach(() => workloads[Symbol.dispose]());

  test.each([
    ["requests and responses over IPv4", "exchange", { size: 3000, rounds: 50 }],
    ["requests and responses over IPv6", "exchange", { size: 3000, rounds: 50, address: "::1" }],
    ["a stream that latches to TCP on the way", "epoll-edge", { size: 5000, rounds: 400 }],
    ["one way, closed at once", "write-close", { size: 200_000 }],
    ["half-closed", "half-close", { size: 50_000 }],
  ] as const)("counts the same with the shortcut on and off: %s", async (_name, scenario, options) => {
    for (const enabled of [true, false]) {
      const { probe, client, server } = await traffic(scenario, options, enabled);
      expect(client.sent.total).toBe(BigInt(probe.client.sent ?? -1));
      expect(server.received.total).toBe(client.sent.total);
      expect(server.sent.total).toBe(BigInt(probe.server.sent ?? -1));
      expect(client.received.total).toBe(server.sent.total);
      expect(client.sent.redirected > 0n).toBe(enabled);
      expect(client.received.redirected).toBe(server.sent.redirected);
      expect(server.received.redirected).toBe(client.sent.redirected);
    }
  });

  test("counts connections at both ends", async () => {
    const { client, server } = await traffic("eager", { size: 100, rounds: 25 }, true);
    expect(client).toMatchObject({ opened: 25n, failed: 0n, closed: 25n, server: "127.0.0.1:18100" });
    expect(server).toMatchObject({ opened: 25n, failed: 0n, closed: 25n, server: "127.0.0.1:18100" });
  });

  test("measures round trips", async () => {
    const { client } = await traffic("exchange", { size: 1000, rounds: 50 }, false);
    expect(client.rtt.samples).toBeGreaterThan(0n);
    expect(client.rtt.meanUs).toBeGreaterThan(0);
    expect(Number(client.rtt.maxUs)).toBeGreaterThanOrEqual(client.rtt.meanUs);
  });

  test("counts attempts that fail", async () => {
    using mesh = await Mesh.load({ object: await compileDataPlane() });
    mesh.attach(workloads.mesh.path);
    // Nobody listens there.
    const result = await runProbe("exchange", {
      toAddress: "127.0.0.1",
      toPort: 18101,
      seconds: 3,
      serverCgroup: workloads.server.path,
      clientCgroup: workloads.client.path,
    });
    expect(result.client.errno).toBe("ECONNREFUSED");
    expect(mesh.traffic()).toMatchObject([{ server: "127.0.0.1:18101", opened: 0n, failed: 1n }]);
    expect(mesh.connectionCount).toBe(0);
  });

  test("forgets connections that are closed", async () => {
    using mesh = await Mesh.load({ object: await compileDataPlane() });
    mesh.attach(workloads.mesh.path);
    await runProbe("eager", {
      size: 100,
      rounds: 50,
      serverCgroup: workloads.server.path,
      clientCgroup: workloads.client.path,
    });
    expect(mesh.connectionCount).toBe(0);
  });
});
