import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function check(script: string): void {
  const run = spawnSync(process.execPath, [`${root}/scripts/${script}`, "--check"], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
}

test("the declarations of the library are those of its source", () => {
  check("generate-library-declarations.mjs");
});

const packages = `${root}/node_modules/.cache/tsbpf/linux-libc-dev`;
const reason = existsSync(packages)
  ? ""
  : " (skipped: run scripts/generate-kernel-tables.mjs once to have the headers)";

test.skipIf(reason !== "")(`the kernel tables are what the headers say${reason}`, () => {
  check("generate-kernel-tables.mjs");
});
