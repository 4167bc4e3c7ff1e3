import { afterEach, beforeEach, expect, test } from "vitest";
import { type DenialReport, Mesh, type MeshOptions, type ProbeOptions, runProbe } from "../../mesh/index.ts";
import { describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";
import { makeWorkloads, type Workloads } from "./topology.ts";

let workloads: Workloads;
let mesh: Mesh | undefined;

async function start(options: MeshOptions): Promise<Mesh> {
  mesh = await Mesh.load({ object: await compileDataPlane(), ...options });
  mesh.attach(workloads.mesh.path);
  return mesh;
}

const exchange = (options: ProbeOptions) =>
  runProbe("exchange", {
    size: 500,
    rounds: 4,
    seconds: 5,
    serverCgroup: workloads.server.path,
    clientCgroup: workloads.client.path,
    ...options,
  });

describeKernel("connect", () => {
  beforeEach(() => {
    workloads = makeWorkloads();
  });
  afterEach(() => {
    mesh?.close();
    workloads[Symbol.dispose]();
  });

  test.each([
    ["IPv4", "127.0.0.1", "10.96.0.10", "10.96.0.10:80", "127.0.0.1:18081"],
    ["IPv6", "::1", "fd96::10", "[fd96::10]:80", "[::1]:18081"],
    ["v4-mapped", "127.0.0.1", "::ffff:10.96.0.10", "10.96.0.10:80", "127.0.0.1:18081"],
  ])(
    "takes a connection to a service to its backend (%s)",
    async (_name, address, toAddress, service, backend) => {
      const app = await start({ services: [{ address: service, backends: [backend] }] });
      const result = await exchange({ address, port: 18081, toAddress, toPort: 80 });
      expect(result.intact).toBe(true);
      expect(result.client.peer).toBe(toAddress.startsWith("::ffff") ? "[::ffff:127.0.0.1]:18081" : backend);
      expect(app.translations()).toEqual([{ service, backend, count: 1n }]);
    },
  );

  test("goes round the backends in turn", async () => {
    const backends = ["127.0.0.1:18082", "127.0.0.2:18082", "127.0.0.3:18082"];
    const app = await start({ services: [{ address: "10.96.0.11:80", backends, pick: "round-robin" }] });
    // One server on all three addresses.
    const result = await runProbe("eager", {
      size: 100,
      rounds: 9,
      address: "0.0.0.0",
      port: 18082,
      toAddress: "10.96.0.11",
      toPort: 80,
      serverCgroup: workloads.server.path,
      clientCgroup: workloads.client.path,
    });
    expect(result.intact).toBe(true);
    const counts = app.translations().map(({ backend, count }) => [backend, count]);
    expect(counts.sort()).toEqual(backends.map((backend) => [backend, 3n]));
  });

  test("picks at random among the backends", async () => {
    const backends = ["127.0.0.1:18083", "127.0.0.2:18083"];
    const app = await start({ services: [{ address: "10.96.0.12:80", backends }] });
    const result = await runProbe("eager", {
      size: 10,
      rounds: 100,
      address: "0.0.0.0",
      port: 18083,
      toAddress: "10.96.0.12",
      toPort: 80,
      serverCgroup: workloads.server.path,
      clientCgroup: workloads.client.path,
    });
    expect(result.intact).toBe(true);
    const counts = app.translations().map(({ count }) => count);
    // One of 2^99 runs takes the same backend throughout.
    expect(counts).toHaveLength(2);
    expect(counts.reduce((sum, count) => sum + count, 0n)).toBe(100n);
  });

  test("answers ECONNREFUSED where a service has no backend, and reports it", async () => {
    const app = await start({ services: [{ address: "10.96.0.13:80", backends: [] }] });
    const denials: DenialReport[] = [];
    using _subscription = app.onDenial((denial) => denials.push(denial));
    const result = await exchange({ toAddress: "10.96.0.13", toPort: 80 });
    expect(result.client.errno).toBe("ECONNREFUSED");
    expect(app.denialCounts()).toMatchObject([{ direction: "egress", reason: "no backend", count: 1n }]);
    await expect.poll(() => denials).toHaveLength(1);
    expect(denials[0]).toMatchObject({ server: "10.96.0.13:80", reason: "no backend", client: undefined });
  });

  test("leaves other addresses, other ports and workloads outside the mesh alone", async () => {
    const app = await start({ services: [{ address: "127.0.0.1:80", backends: ["127.0.0.9:9"] }] });
    const direct = await exchange({ address: "127.0.0.1", port: 18084 });
    expect(direct.intact).toBe(true);
    const outside = await exchange({
      address: "127.0.0.1",
      port: 18084,
      toPort: 80,
      clientCgroup: workloads.outside.path,
    });
    expect(outside.client.errno).toBe("ECONNREFUSED");
    expect(app.translations()).toEqual([]);
  });

  test("replaces services while connections are made", async () => {
    const service = (host: string) => [{ address: "10.96.0.14:80", backends: [`${host}:18085`] }];
    const app = await start({ services: service("127.0.0.1") });
    let changes = 0;
    const timer = setInterval(() => app.setServices(service(++changes % 2 ? "127.0.0.2" : "127.0.0.1")), 1);
    try {
      const result = await runProbe("eager", {
        size: 10,
        rounds: 300,
        address: "0.0.0.0",
        port: 18085,
        toAddress: "10.96.0.14",
        toPort: 80,
        serverCgroup: workloads.server.path,
        clientCgroup: workloads.client.path,
      });
      expect(result.intact).toBe(true);
    } finally {
      clearInterval(timer);
    }
    expect(changes).toBeGreaterThan(0);
    expect(app.denialCounts()).toEqual([]);
    app.setServices([]);
    const gone = await exchange({ address: "127.0.0.1", port: 18085, toAddress: "127.0.0.1", toPort: 81 });
    expect(gone.client.errno).toBe("ECONNREFUSED");
  });
});
