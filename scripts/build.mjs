// npm run build: TypeScript to dist/, then the command line into a bundle. What set-up and the tests build with, too.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { root } from "./setup/step.mjs";

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
try {
  await bundle();
} catch (error) {
  // The command line runs without, from one file for each module. The bundler is native code, which not every machine has.
  process.stderr.write(
    `build: the command line starts slower, as it could not be bundled: ${error.message}\n`,
  );
}
process.exitCode = status ?? 1;
