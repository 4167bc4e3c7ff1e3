import { fileURLToPath } from "node:url";
import { build, renderDiagnostics } from "../../compiler/index.ts";

const source = fileURLToPath(new URL("../../programs/mesh/mesh.bpf.ts", import.meta.url));
let object: Promise<Uint8Array> | undefined;

/** The data plane as its source is now, compiled once per test file. */
export function compileDataPlane(): Promise<Uint8Array> {
  object ??= compile();
  return object;
}

async function compile(): Promise<Uint8Array> {
  const built = await build(source, { minKernel: [6, 1] });
  if (built.object === undefined) {
    throw new Error(renderDiagnostics(built.diagnostics, built.sources, "text", { cwd: process.cwd() }));
  }
  return built.object;
}
