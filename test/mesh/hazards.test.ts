import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { startMesh, testHazards } from "../../mesh/index.ts";
import { cgroup2Root, describeKernel } from "../support/kernel.ts";
import { compileDataPlane, compileFaulty } from "./data-plane.ts";
import { makeWorkloads } from "./topology.ts";

const leftovers = () => readdirSync(cgroup2Root()).filter((name) => name === `tsbpf-${process.pid}-hazards`);

describeKernel("the self-tests of the shortcut", () => {
  test("pass with the data plane as it is, and leave no cgroup behind", async () => {
    const results = await testHazards({ object: await compileDataPlane() });
    expect(results.map(({ name }) => name)).toEqual([
      "redirect",
      "reorder at enrolment",
      "FIONREAD",
      "back-pressure",
      "unread at close",
      "map miss",
      "splice",
      "SO_RCVLOWAT",
    ]);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    for (const { detail, hazard } of results) {
      expect(detail).not.toBe("");
      expect(hazard).not.toBe("");
    }
    expect(leftovers()).toEqual([]);
  });

  // The same on a kernel without a hazard and with a data plane that brings it about.
  test.each([
    ["redirect", "shortcut.bpf.ts", "!state || state.paused", "true"],
    ["back-pressure", "shortcut.bpf.ts", "outstanding > shortcutSettings.budget ||", ""],
    ["back-pressure", "shortcut.bpf.ts", "redirected > shortcutSettings.limit ||", ""],
    ["splice", "identity.bpf.ts", "!known.shortcutOff", "true"],
    ["SO_RCVLOWAT", "shortcut.bpf.ts", "if (half.enrolled) {", "if (false) {"],
  ])("find what they are for: %s (%s: `%s`)", async (name, file, before, after) => {
    const results = await testHazards({ object: await compileFaulty(file, before, after) });
    expect(results.filter(({ passed }) => !passed).map((result) => result.name)).toContain(name);
    expect(leftovers()).toEqual([]);
  });

  test("turn the shortcut off where one fails, and say why", async () => {
    using workloads = makeWorkloads();
    const lines: string[] = [];
    const object = await compileFaulty("identity.bpf.ts", "!known.shortcutOff", "true");
    const { mesh } = await startMesh({
      object,
      cgroups: [workloads.mesh.path],
      report: (line) => lines.push(line),
    });
    using _mesh = mesh;
    expect(mesh.shortcutEnabled).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^shortcut off: splice: .* \(opted out: streams damaged\)$/);
  });

  test("leave it on where all pass", async () => {
    using workloads = makeWorkloads();
    const { mesh, hazards } = await startMesh({
      object: await compileDataPlane(),
      cgroups: [workloads.mesh.path],
      report: (line) => expect.unreachable(line),
    });
    using _mesh = mesh;
    expect(mesh.shortcutEnabled).toBe(true);
    expect(hazards).toHaveLength(8);
  });
});
