import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const packageRoot: string = fileURLToPath(new URL("../..", import.meta.url));

const SOURCES = [
  "cli",
  "compiler",
  "lsp",
  "runtime",
  "demo",
  "mesh",
  "simulator",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts/build.mjs",
  "scripts/bundle.mjs",
];
const LOCK_MS = 120_000;

/** The newest change to a source, in ms. */
function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return /\.(ts|json|mjs)$/.test(path) ? stats.mtimeMs : 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}

/** Builds `dist/` where it is older than a source, for tests that run what users run. Two workers that ask at once build once. */
export function ensureDist(): void {
  const stamp = join(packageRoot, "dist", ".built");
  const lock = join(packageRoot, "dist", ".building");
  const fresh = (): boolean => {
    const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return SOURCES.every((source) => newest(join(packageRoot, source)) <= built);
  };
  if (fresh()) return;
  mkdirSync(join(packageRoot, "dist"), { recursive: true });
  acquire(lock);
  try {
    if (fresh()) return;
    const started = new Date();
    const { stdout, stderr } = spawnSync(process.execPath, ["scripts/build.mjs"], {
      cwd: packageRoot,
      encoding: "utf8",
    });
    // Type errors are the type check's to report: what they leave is still to be tested.
    if (!existsSync(join(packageRoot, "dist", "bundle", "command-line.cjs"))) {
      throw new Error(`npm run build: ${stdout}${stderr}`);
    }
    writeFileSync(stamp, "");
    utimesSync(stamp, started, started);
  } finally {
    rmdirSync(lock);
  }
}

function acquire(lock: string): void {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > LOCK_MS) rmdirSync(lock);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}
