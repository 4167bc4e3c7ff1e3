import { buildAddon } from "./addon.mjs";
import { provideLibbpf } from "./libbpf.mjs";
import { withLock } from "./lock.mjs";
import { installNodeModules } from "./node-modules.mjs";
import { buildPackage } from "./package.mjs";
import { buildPrograms } from "./programs.mjs";
import { report, SetupError } from "./step.mjs";
import { installPackages } from "./system-packages.mjs";

const USAGE = `usage: npm run setup [-- --demo]

Installs what tsbpf needs, and builds the native addon, the package and its programs.
  --demo    also what the demonstration and the tests use: nginx, haproxy, curl, bpftool
  --help    this text

Exit codes: 0 done, 1 a build failed, 2 usage, 3 something is missing that this cannot install.
`;

/** Runs the steps in order. Returns the process's exit code. */
export function main(args) {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const unknown = args.find((arg) => arg !== "--demo");
  if (unknown !== undefined) {
    process.stderr.write(`setup: unknown argument '${unknown}'\n\n${USAGE}`);
    return 2;
  }
  const started = process.hrtime.bigint();
  try {
    if (process.platform !== "linux") {
      throw new SetupError(`the runtime needs Linux, this is ${process.platform}`, {
        remedy: "use a Linux machine; the compiler alone works after `npm ci` and `npm run build`",
      });
    }
    withLock(() => {
      installPackages({ demo: args.includes("--demo") });
      installNodeModules();
      const libbpf = provideLibbpf();
      buildAddon(libbpf);
      buildPackage();
      buildPrograms();
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\nsetup: ${error.message}\n`);
    if (error.remedy) process.stderr.write(`${error.remedy.replace(/^/gm, "  ")}\n`);
    return error.exitCode;
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  report(`ready (${seconds.toFixed(1)} s)`);
  return 0;
}
