import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { hashFiles, readText, root, run, SetupError, writeText } from "./step.mjs";

const STAMP = "dist/programs/setup.stamp";
// What is loaded at run time without a compiler, and where it is looked for.
// The mesh needs Linux 6.1, the compiler by itself goes by 5.10.
const PROGRAMS = [{ source: "programs/mesh/mesh.bpf.ts", object: "dist/programs/mesh.bpf.o" }];

/** Compiles the mesh's data plane where a source or the compiler changed. */
export function buildPrograms() {
  const wanted = hashFiles(["programs", "stdlib", "dist/compiler", "dist/cli"], (path) =>
    /\.(ts|js|json)$/.test(path),
  );
  if (readText(STAMP) === wanted && PROGRAMS.every(({ object }) => existsSync(join(root, object)))) return;
  mkdirSync(join(root, "dist", "programs"), { recursive: true });
  for (const { source, object } of PROGRAMS) {
    run(process.execPath, ["dist/cli/main.js", "build", source, "-o", object], {
      failure: (why) => new SetupError(`${source} could not be compiled (${why})`, { exitCode: 1 }),
    });
  }
  writeText(STAMP, wanted);
}
