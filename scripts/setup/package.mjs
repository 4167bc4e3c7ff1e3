import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashFiles, readText, root, run, SetupError, writeText } from "./step.mjs";

const STAMP = "dist/setup.stamp";
// The programs and the library are there for their types.
const SOURCES = [
  "cli",
  "compiler",
  "runtime",
  "demo",
  "mesh",
  "native/binding.d.ts",
  "programs",
  "stdlib",
  "scripts/build.mjs",
  "scripts/bundle.mjs",
];
const CONFIGURATION = [
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "node_modules/typescript/package.json",
  "node_modules/rolldown/package.json",
];

/** Compiles the package to dist/ where a source changed. */
export function buildPackage() {
  const wanted = hashFiles([...SOURCES, ...CONFIGURATION], (path) => /\.(ts|json|mjs)$/.test(path));
  if (readText(STAMP) === wanted && existsSync(join(root, "dist", "cli", "main.js"))) return;
  const started = new Date();
  run(process.execPath, ["scripts/build.mjs"], {
    failure: (why) => new SetupError(`the package could not be built (${why})`, { exitCode: 1 }),
  });
  writeText(STAMP, wanted);
  // What the tests go by, which compile on their own while one works on the sources.
  const built = join(root, "dist", ".built");
  writeFileSync(built, "");
  utimesSync(built, started, started);
}
