import { isAbsolute, relative } from "node:path";

/** A path as people read it: relative to the working directory where it is inside, else absolute; always with `/`. */
export function displayPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  const shown = inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside;
  return shown.replaceAll("\\", "/");
}
