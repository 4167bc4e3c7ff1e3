import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ask, hashFiles, readText, root, run, SetupError, writeText } from "./step.mjs";

const STAMP = "native/build/setup.stamp";
const addon = join(root, "native", "build", "Release", "tsbpf.node");

/** Builds the addon with node-gyp where a source, libbpf or Node's binary interface changed. */
export function buildAddon(libbpf) {
  const machine = `${process.platform}-${process.arch} abi ${process.versions.modules} ${libbpf.stamp}`;
  const sources = hashFiles([
    "native/binding.gyp",
    "native/src",
    "native/probe",
    "node_modules/node-addon-api/package.json",
  ]);
  const wanted = `${machine}\n${sources}\n`;
  const before = readText(STAMP);
  if (before === wanted && existsSync(addon)) return;
  // Make knows which sources changed; it does not know of another Node or another libbpf.
  if (!before?.startsWith(`${machine}\n`))
    rmSync(join(root, "native", "build"), { recursive: true, force: true });

  const gyp = join(root, "node_modules", "node-gyp", "bin", "node-gyp.js");
  const headers = findHeaders();
  const options = ["--directory", "native", "--loglevel=warn", ...(headers ? [`--nodedir=${headers}`] : [])];
  run(
    process.execPath,
    [gyp, "configure", ...options, "--", `-Dlibbpf_fallback=${libbpf.fallback ? 1 : 0}`],
    {
      failure: (why) =>
        new SetupError(`node-gyp could not prepare the addon's build (${why})`, {
          remedy: headers
            ? "see its messages above"
            : `if it could not fetch the headers of Node.js ${process.version}: install this Node with its include/node folder, or name one with \`npm_config_nodedir=/path npm run setup\``,
        }),
    },
  );
  run(process.execPath, [gyp, "build", ...options], {
    failure: (why) =>
      new SetupError(`the addon could not be built (${why})`, {
        exitCode: 1,
        remedy: "see the compiler's messages above",
      }),
  });
  const loads = ask(process.execPath, ["-e", `require(${JSON.stringify(addon)}).libbpfVersion()`]);
  if (loads === undefined)
    throw new SetupError(`the addon ${addon} was built and does not load`, { exitCode: 1 });
  writeText(STAMP, wanted);
}

/** A folder with include/node of exactly this Node, so that nothing need be fetched; `undefined` where there is none. */
function findHeaders() {
  const configured = process.env.npm_config_nodedir || ask("npm", ["config", "get", "nodedir"])?.trim();
  const candidates = [configured, dirname(dirname(realpathSync(process.execPath)))];
  return candidates.find(
    (folder) => folder && folder !== "undefined" && versionOf(folder) === process.versions.node,
  );
}

function versionOf(folder) {
  const path = join(folder, "include", "node", "node_version.h");
  if (!existsSync(path) || !existsSync(join(folder, "include", "node", "common.gypi"))) return undefined;
  const text = readFileSync(path, "utf8");
  return ["MAJOR", "MINOR", "PATCH"]
    .map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1])
    .join(".");
}
