import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "./environment.ts";

/**
 * The path of a script of this folder that Node can run as a process of its own. Run from source (as by vitest) that is the built one.
 */
export function scriptPath(name: string): string {
  const here = new URL(".", import.meta.url);
  const fromSource = import.meta.url.endsWith(".ts");
  const path = fileURLToPath(new URL(fromSource ? `../../dist/demo/lab/${name}.js` : `./${name}.js`, here));
  if (!existsSync(path)) throw new EnvironmentError(`${path} is not built`, "npm run build");
  return path;
}
