import { afterEach, beforeEach, expect, test } from "vitest";
import { Mesh, type MeshOptions, type ProbeOptions, runProbe } from "../../mesh/index.ts";
import { binding } from "../../runtime/native.ts";
import { describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";
import { makeWorkloads, type Workloads } from "./topology.ts";

let workloads: Workloads;

const load = async (options: MeshOptions = {}) => Mesh.load({ object: await compileDataPlane(), ...options });

const exchange = (options: ProbeOptions = {}) =>
  runProbe("exchange", {
    size: 1000,
    rounds: 50,
    serverCgroup: workloads.server.path,
    clientCgroup: workloads.client.path,
    ...options,
  });

const redirected = (mesh: Mesh) => mesh.traffic().reduce((sum, { sent }) => sum + sent.redirected, 0n);

function inKernel(id: number): boolean {
  try {
    binding().programById(id).close();
    return true;
  } catch {
    return false;
  }
}

describeKernel("a mesh's life", () => {
  beforeEach(() => {
    workloads = makeWorkloads();
  });
  afterEach(() => workloads[Symbol.dispose]());

  test("close removes everything, and may be called again", async () => {
    const mesh = await load();
    mesh.attach(workloads.mesh.path);
    const ids = mesh.programIds().map(({ id }) => id);
    expect(ids.filter(inKernel)).toEqual(ids);
    mesh.close();
    mesh.close();
    // Freed when the last run of each is over: after a grace period.
    await expect.poll(() => ids.filter(inKernel), { timeout: 5000 }).toEqual([]);
    expect(() => mesh.traffic()).toThrow(expect.objectContaining({ code: "TSB4060" }));
    expect((await exchange()).intact).toBe(true);
  });

  test("a connection that stands goes on when the mesh is closed", async () => {
    const mesh = await load();
    mesh.attach(workloads.mesh.path);
    const result = await exchange({ whenConnected: async () => mesh.close() });
    expect(result.intact).toBe(true);
  });

  test("a connection that stands is left alone when the mesh comes", async () => {
    using mesh = await load({ policy: [] });
    const result = await exchange({ whenConnected: async () => mesh.attach(workloads.mesh.path) });
    expect(result.intact).toBe(true);
    expect(redirected(mesh)).toBe(0n);
    expect(mesh.denialCounts()).toEqual([]);
  });

  test("two meshes on one cgroup do each other and the streams no harm", async () => {
    using first = await load();
    using second = await load();
    first.attach(workloads.mesh.path);
    second.attach(workloads.mesh.path);
    const result = await exchange();
    expect(result.intact).toBe(true);
    // A socket takes the programs of one map (net/core/sock_map.c, sock_map_link: EBUSY).
    expect(redirected(first) + redirected(second)).toBe(100_000n);
    for (const mesh of [first, second]) {
      expect(mesh.traffic().filter(({ role }) => role === "client")).toMatchObject([{ opened: 1n }]);
    }
  });

  test("configuration that is wrong is refused before anything changes", async () => {
    using mesh = await load({ policy: [{ id: 1, action: "allow", from: "any", to: "any", port: "any" }] });
    mesh.attach(workloads.mesh.path);
    const rule = { id: 1, action: "allow", from: { cgroup: "/no/such" }, to: "any", port: 1 } as const;
    expect(() => mesh.setPolicy([rule])).toThrow(expect.objectContaining({ code: "TSB5005" }));
    expect(() => mesh.setServices([{ address: "x", backends: [] }])).toThrow(
      expect.objectContaining({ code: "TSB5001" }),
    );
    expect(() => mesh.attach("/proc")).toThrow(expect.objectContaining({ code: "TSB5005" }));
    expect((await exchange()).intact).toBe(true);
    await expect(load({ policy: [rule] })).rejects.toMatchObject({ code: "TSB5005" });
  });
});
