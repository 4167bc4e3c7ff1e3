import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hashFiles, readText, root, run, SetupError, writeText } from "./step.mjs";

const STAMP = "dist/programs/setup.stamp";
const FOLDER = "programs/mesh";

/** Compiles the mesh's programs to dist/programs/ where a source or the compiler changed. */
export function buildPrograms() {
  const folder = join(root, FOLDER);
  const entries = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".bpf.ts")) : [];
  if (entries.length === 0) return;
  const wanted = hashFiles(["programs", "stdlib", "dist/compiler", "dist/cli"], (path) =>
    /\.(ts|js|json)$/.test(path),
  );
  const objects = entries.map((name) => join(root, "dist", "programs", name.replace(/\.ts$/, ".o")));
  if (readText(STAMP) === wanted && objects.every((path) => existsSync(path))) return;
  mkdirSync(join(root, "dist", "programs"), { recursive: true });
  const cli = join(root, "dist", "cli", "main.js");
  run(
    process.execPath,
    [cli, "build", ...entries.sort().map((name) => `${FOLDER}/${name}`), "-o", "dist/programs/"],
    {
      failure: (why) => new SetupError(`the programs could not be compiled (${why})`, { exitCode: 1 }),
    },
  );
  writeText(STAMP, wanted);
}
