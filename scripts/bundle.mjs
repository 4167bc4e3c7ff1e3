// Puts the compiled modules of the command line into a few files in dist/bundle/: one for each part that is loaded at its own time. What is
// imported as a library stays as it is.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/step.mjs";

const bundled = ["commander", "picocolors"];

// Large, and loaded when needed: TypeScript with bytecode of its own, the rest by one command alone.
const external = ["typescript", "vscode-languageserver/node", "vscode-languageserver-textdocument"];

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

/** Replaces the bundle. Where that fails there is none, rather than an old one. */
export async function bundle() {
  const directory = join(root, "dist", "bundle");
  const made = join(root, "dist", ".cache", `bundle-${process.pid}`);
  try {
    await write(made);
  } catch (error) {
    for (const each of [made, directory]) rmSync(each, { recursive: true, force: true });
    throw error;
  }
  // At once: others may be running it.
  rmSync(directory, { recursive: true, force: true });
  renameSync(made, directory);
}

async function write(directory) {
  // Here, as it may not be there: see build.mjs.
  const { rolldown } = await import("rolldown");
  const input = join(root, "dist", "cli", "command-line.js");
  const build = await rolldown({ cwd: root, input, platform: "node", external });
  await build.write({
    dir: directory,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    comments: false,
    codeSplitting: { groups: parts },
  });
  await build.close();
  const licences = bundled.map(
    (name) => `${name}\n\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8")}`,
  );
  writeFileSync(join(directory, "LICENSES"), licences.join("\n----\n\n"));
}
