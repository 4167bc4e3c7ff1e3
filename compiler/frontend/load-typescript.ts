import { createRequire } from "node:module";
import { loadScript } from "../startup/load-script.ts";

const require = createRequire(import.meta.url);

/** TypeScript is 9 MB of JavaScript. Anything unexpected falls back to a plain `require`. */
function loadTypeScript(): object {
  const file = require.resolve("typescript");
  try {
    return loadScript(file);
  } catch {
    return require(file) as object;
  }
}

export default loadTypeScript();
