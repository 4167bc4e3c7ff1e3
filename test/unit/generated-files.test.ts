import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { libraryDeclarations, readDeclarations } from "../../scripts/generate-library-declarations.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the declarations of the library are those of its source", () => {
  const written: Record<string, string> = libraryDeclarations();
  expect(Object.keys(written)).toEqual(["net"]);
  for (const [name, text] of Object.entries(written)) expect(readDeclarations(name)).toBe(text);
});

const packages = `${root}/node_modules/.cache/tsbpf/linux-libc-dev`;
const reason = existsSync(packages)
  ? ""
  : " (skipped: run scripts/generate-kernel-tables.mjs once to have the headers)";

test.skipIf(reason !== "")(`the kernel tables are what the headers say${reason}`, () => {
  const run = spawnSync(process.execPath, [`${root}/scripts/generate-kernel-tables.mjs`, "--check"], {
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});
