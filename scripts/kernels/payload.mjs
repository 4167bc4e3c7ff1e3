// The tests and the objects that they load, made for the guest: it has neither TypeScript nor clang.

import { readdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root, SetupError } from "../setup/step.mjs";

const PROGRAMS = ["programs/examples", "test/kernels/programs"];
const PACKAGE_PARTS = ["runtime", "mesh", "compiler"].map((part) => `${join(root, part)}/`);

/** `[name, bytes]` of every program, and of the mesh. */
export async function compileObjects() {
  const { build, renderDiagnostics } = await import(pathToFileURL(join(root, "dist/compiler/index.js")).href);
  const sources = PROGRAMS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".bpf.ts"))
      .map((name) => join(folder, name)),
  );
  const objects = [];
  for (const source of [...sources, "programs/mesh/mesh.bpf.ts"]) {
    const { object, diagnostics, sources: texts } = await build(source, { cwd: root });
    if (object === undefined) {
      throw new SetupError(
        `${source} cannot be compiled\n${renderDiagnostics(diagnostics, { sources: texts, cwd: root })}`,
        {
          exitCode: 1,
        },
      );
    }
    const folder = basename(join(source, ".."));
    objects.push([`${folder}/${basename(source, ".bpf.ts")}.o`, object]);
  }
  return objects;
}

/** The text of one module with all tests. What they use of the package is imported from where the guest has it. */
export async function bundleTests() {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: join(root, "test/kernels/guest/main.ts"),
    platform: "node",
    transform: { target: "node20" },
    plugins: [
      {
        name: "built-package",
        resolveId(specifier, importer) {
          if (importer === undefined || !specifier.startsWith(".")) return null;
          const path = resolve(importer, "..", specifier);
          if (!PACKAGE_PARTS.some((part) => path.startsWith(part))) return null;
          return {
            id: `/tsbpf/dist/${relative(root, path).replace(/\.ts$/, ".js")}`,
            external: "absolute",
          };
        },
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
