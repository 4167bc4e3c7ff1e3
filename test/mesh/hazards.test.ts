import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { testHazards } from "../../mesh/index.ts";
import { cgroup2Root, describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";

describeKernel("the self-tests of the shortcut", () => {
  test("say what they saw, and leave no cgroup behind", async () => {
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
    const own = readdirSync(cgroup2Root()).filter((name) => name === `tsbpf-${process.pid}-hazards`);
    expect(own).toEqual([]);
  });
});
