import { existsSync } from "node:fs";
import { join } from "node:path";
import { readText, root, run, SetupError } from "./step.mjs";

/** `npm ci`, only where node_modules is not what package-lock.json says: it deletes the folder first, and takes a while. */
export function installNodeModules() {
  const lock = parse("package-lock.json");
  if (lock === undefined) throw new SetupError("package-lock.json is missing or damaged", { exitCode: 1 });
  if (matches(lock, parse("node_modules/.package-lock.json"))) return;
  run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    failure: (why) =>
      new SetupError(`npm could not install the packages of package-lock.json (${why})`, {
        remedy:
          "see its messages above: is there a network, and does `npm config get registry` name one that can be reached?",
      }),
  });
}

function parse(path) {
  try {
    return JSON.parse(readText(path) ?? "");
  } catch {
    return undefined;
  }
}

/** Compares with what npm recorded of its last installation. It leaves out packages for other systems, so: all that is reachable, and nothing else. */
function matches(lock, installed) {
  if (installed?.packages === undefined) return false;
  const { packages } = lock;
  for (const [path, entry] of Object.entries(installed.packages)) {
    if (packages[path]?.version !== entry.version || packages[path]?.integrity !== entry.integrity)
      return false;
  }
  const seen = new Set();
  const pending = [["", { ...packages[""].dependencies, ...packages[""].devDependencies }]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, dependencies] = next;
    for (const name of Object.keys(dependencies)) {
      const path = resolve(packages, from, name);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      if (installed.packages[path] === undefined || !existsSync(join(root, path, "package.json")))
        return false;
      pending.push([path, packages[path].dependencies ?? {}]);
    }
  }
  return true;
}

/** Where Node finds a package that another one names: in its own node_modules, or in that of a folder further up. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "") return undefined;
  }
}
