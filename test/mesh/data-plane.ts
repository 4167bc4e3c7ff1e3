import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, renderDiagnostics } from "../../compiler/index.ts";
import { makeTemporary } from "../support/kernel.ts";

const folder = fileURLToPath(new URL("../../programs/mesh", import.meta.url));
let object: Promise<Uint8Array> | undefined;

/** The data plane as its source is now, compiled once per test file. */
export function compileDataPlane(): Promise<Uint8Array> {
  object ??= compile(folder);
  return object;
}

/** The data plane with a fault: in `file`, what `before` says is replaced. */
export async function compileFaulty(file: string, before: string, after: string): Promise<Uint8Array> {
  using copy = makeTemporary("mesh");
  cpSync(folder, copy.path, { recursive: true });
  const path = join(copy.path, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(before)) throw new Error(`${file} does not say ${before}`);
  writeFileSync(path, text.replace(before, after));
  return await compile(copy.path);
}

async function compile(from: string): Promise<Uint8Array> {
  const built = await build(join(from, "mesh.bpf.ts"), { minKernel: [6, 1] });
  if (built.object === undefined) {
    throw new Error(renderDiagnostics(built.diagnostics, built.sources, "text", { cwd: process.cwd() }));
  }
  return built.object;
}
