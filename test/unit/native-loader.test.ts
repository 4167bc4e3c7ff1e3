import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeTemporary } from "../support/bpffs.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";

// The compiled loader in a package of its own, which may lack the addon.

interface Result {
  readonly imported: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: string;
}

function load(addon?: string, before = ""): Result {
  using folder = makeTemporary("loader");
  const loader = join(folder.path, "dist", "runtime", "native.js");
  mkdirSync(dirname(loader), { recursive: true });
  cpSync(join(packageRoot, "dist", "runtime", "native.js"), loader);
  writeFileSync(join(folder.path, "package.json"), JSON.stringify({ type: "module" }));
  if (addon !== undefined) {
    const path = join(folder.path, "native", "build", "Release", "tsbpf.node");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, addon);
  }
  const script = `${before}
    const { binding } = await import(${JSON.stringify(loader)});
    const result = { imported: true };
    try { binding(); } catch (error) { Object.assign(result, { code: error.code, message: error.message, remedy: error.remedy }); }
    console.log(JSON.stringify(result));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const linux = process.platform === "linux";

describe("the addon's loader", () => {
  beforeAll(ensureDist, 120_000);

  test.skipIf(!linux)("without the addon only the first call fails, and says what to do", () => {
    const result = load();
    expect(result).toMatchObject({
      imported: true,
      code: "ENOENT",
      remedy: expect.stringContaining("npm run setup"),
    });
    expect(result.message).toMatch(/build\/Release\/tsbpf\.node and .*prebuilt\/linux-/);
  });

  test.skipIf(!linux)(
    "an addon that is damaged, or for another machine, is told apart from a missing one",
    () => {
      const result = load("no shared library");
      expect(result).toMatchObject({ code: "ELIBBAD", remedy: expect.stringContaining("npm run setup") });
      expect(result.message).toContain("cannot be loaded");
    },
  );

  test("on another system it says that the runtime needs Linux", () => {
    const pretend = `import { syncBuiltinESMExports } from "node:module";
      Object.defineProperty(process, "platform", { value: "darwin" }); syncBuiltinESMExports();`;
    expect(load(undefined, pretend)).toMatchObject({
      code: "ENOTSUP",
      message: expect.stringContaining("needs Linux, this is darwin"),
    });
  });
});
