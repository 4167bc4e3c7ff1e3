import { beforeAll, describe, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { describeKernel } from "../support/kernel.ts";
import { tsbpf } from "./support/run.ts";

beforeAll(ensureDist);

interface DoctorCheck {
  readonly id: string;
  readonly title: string;
  readonly status: "ok" | "warning" | "error";
  readonly hint?: string;
}

function report(env: NodeJS.ProcessEnv = {}): { code: number | null; ok: boolean; checks: DoctorCheck[] } {
  const { code, stdout } = tsbpf(["doctor", "--format", "json"], { env });
  const { version, ok, categories } = JSON.parse(stdout);
  expect(version).toBe(1);
  return { code, ok, checks: categories.flatMap((category: { checks: DoctorCheck[] }) => category.checks) };
}

describe("tsbpf doctor", () => {
  test("says the same in both forms, and what to do about everything that is not fine", () => {
    const { code, ok, checks } = report();
    expect(code).toBe(ok ? 0 : 3);
    expect(ok).toBe(checks.every(({ status }) => status !== "error"));
    const text = tsbpf(["doctor"]).stdout;
    for (const { title, status, hint } of checks) {
      expect(text).toContain(`${{ ok: "√", warning: "‼", error: "×" }[status]} ${title}`);
      if (status !== "ok") expect(hint, title).toBeTruthy();
    }
  });

  test("without a clang it says where to get one, and answers 3", () => {
    const { code, checks } = report({ PATH: "/nonexistent" });
    expect(code).toBe(3);
    expect(checks.find(({ id }) => id === "clang")).toMatchObject({ status: "error", code: "TSB3001" });
    expect(checks.find(({ id }) => id === "nginx")).toMatchObject({ status: "warning" });
  });
});

describeKernel("tsbpf doctor, where kernel tests run", () => {
  test("finds what they need", () => {
    const { checks } = report();
    for (const id of ["kernel", "privileges", "cgroup2", "addon", "program-types", "map-types"]) {
      expect(checks.find((check) => check.id === id)?.status, id).toBe("ok");
    }
  });
});
