// Runs before `npm pack` and `npm publish`. The published package has no install script, so what `native/` builds is shipped in it; it is found
// there by `runtime/native.ts`.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { main } from "./setup/main.mjs";
import { root } from "./setup/step.mjs";

const code = main([]);
if (code === 0) {
  const folder = join(root, "native", "prebuilt", `${process.platform}-${process.arch}`);
  mkdirSync(folder, { recursive: true });
  for (const name of ["tsbpf.node", "stream-probe"]) {
    copyFileSync(join(root, "native", "build", "Release", name), join(folder, name));
  }
}
process.exitCode = code;
