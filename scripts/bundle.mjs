// Puts the compiled modules of the command line into a few files in dist/bundle/: one for each part that is loaded at its own time. What is
// imported as a library stays as it is.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/step.mjs";

const bundled = ["commander", "picocolors"];

// Each with what it imports, except what an earlier one has. What none names goes where the bundler sees that it is needed.
const parts = [
  {
    name: "start",
    test: /node_modules\/|dist\/cli\/(commands\/|output\/|(command-line|program|options|exit-code|usage-error|version|output-file)\.js$)/,
  },
  { name: "diagnostics", test: /dist\/compiler\/(diagnostics|kernel)\// },
  {
    name: "compiler",
    test: /dist\/(compiler\/(frontend|ir|lower|startup)\/|compiler\/index|cli\/(check|build)\.js$)/,
  },
].map((part, i) => ({ ...part, priority: 10 - i }));

export async function bundle() {
  const directory = join(root, "dist", "bundle");
  rmSync(directory, { recursive: true, force: true });
  const { rolldown } = await import("rolldown");
  const input = join(root, "dist", "cli", "command-line.js");
  const build = await rolldown({ cwd: root, input, platform: "node", external: ["typescript"] });
  await build.write({
    dir: directory,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    comments: false,
    codeSplitting: { groups: parts },
  });
  await build.close();
  const licences = bundled.map((name) => readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8"));
  writeFileSync(
    join(directory, "LICENSES"),
    bundled.map((name, i) => `${name}\n\n${licences[i]}`).join("\n----\n\n"),
  );
}
