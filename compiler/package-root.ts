import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The installed package's folder: where `stdlib/` and `docs/` are, whether this module runs from `dist/` or from source. */
export const packageRoot: string = findPackageRoot(dirname(realpathSync(fileURLToPath(import.meta.url))));

function findPackageRoot(from: string): string {
  // `stdlib/` beside `package.json` tells the package's root from `dist/` and from a project that depends on it.
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "stdlib"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${from}`);
  }
}
