import { existsSync, readdirSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, exitCodeFor } from "../cli/exit-code.ts";
import { BpfError } from "../runtime/errors.ts";
import { Assertions } from "./assertions.ts";
import { requireEnvironment } from "./environment.ts";
import {
  Cleanup,
  type CleanupFailure,
  EnvironmentError,
  findCgroup2,
  labName,
  onInterrupt,
  sleep,
} from "./lab/index.ts";
import { Narrator } from "./narrator.ts";
import { play } from "./play.ts";

/** The run ends by itself within this. */
const LIMIT_MS = 85_000;
/** How long what was interrupted may take to notice. */
const SETTLE_MS = 3_000;

const EXIT = { ok: 0, failed: 1, environment: 3 } as const;

const narrator = new Narrator();
const assertions = new Assertions();
const cleanup = new Cleanup();

type Ending =
  | { readonly by: "end" }
  | { readonly by: "error"; readonly error: unknown }
  | { readonly by: "signal"; readonly signal: NodeJS.Signals }
  | { readonly by: "limit" };

const interrupted = new Promise<Ending>((resolve) =>
  onInterrupt((signal) => resolve({ by: "signal", signal })),
);
let limit: NodeJS.Timeout | undefined;
const tooLong = new Promise<Ending>((resolve) => {
  limit = setTimeout(() => resolve({ by: "limit" }), LIMIT_MS);
});
const playing: Promise<Ending> = (async () => {
  try {
    await requireEnvironment();
    await play({ cleanup, narrator, assertions });
    return { by: "end" } as const;
  } catch (error) {
    return { by: "error", error } as const;
  }
})();

process.stdout.on("error", () => {
  // The reader has gone: the run goes on to its end and cleans up.
});

const ending = await Promise.race([playing, interrupted, tooLong]);
const failures = await cleanup.finish();
// What was under way when it was interrupted may still register something, which is then undone at once.
if (ending.by === "signal" || ending.by === "limit") await Promise.race([playing, sleep(SETTLE_MS)]);
failures.push(...(await cleanup.finish()));
clearTimeout(limit);
process.exit(conclude(ending, failures));

function conclude(how: Ending, undone: readonly CleanupFailure[]): number {
  for (const { label, error } of undone) process.stderr.write(`left behind: ${label}: ${messageOf(error)}\n`);
  switch (how.by) {
    case "signal":
      process.stderr.write(
        `interrupted by ${how.signal}, ${undone.length === 0 ? "everything is cleaned up" : "not all is cleaned up"}\n`,
      );
      return 128 + constants.signals[how.signal];
    case "limit":
      process.stderr.write(`not finished after ${LIMIT_MS / 1000} s, given up\n`);
      return EXIT.failed;
    case "error":
      if (how.error instanceof BpfError && exitCodeFor([how.error.diagnostic]) === ExitCode.environment) {
        process.stderr.write(`cannot run here: ${how.error.message}\n`);
        return EXIT.environment;
      }
      if (how.error instanceof EnvironmentError) {
        process.stderr.write(
          `cannot run here: ${how.error.message}\n${how.error.remedy === undefined ? "" : `  ${how.error.remedy}\n`}`,
        );
        return EXIT.environment;
      }
      process.stderr.write(`failed: ${how.error instanceof Error ? how.error.stack : String(how.error)}\n`);
      return EXIT.failed;
    case "end":
      assertions.claim(
        "everything that was made is removed: processes, programs, cgroups, namespaces, files",
        undone.length === 0 && leftBehind().length === 0,
        leftBehind().join(", ") || undefined,
      );
      narrator.verdict(assertions);
      return assertions.held ? EXIT.ok : EXIT.failed;
  }
}

/** What of this run is still on the machine, looked up and not remembered. */
function leftBehind(): string[] {
  const folders = [findCgroup2(), "/run/netns", tmpdir()].filter((folder) => existsSync(folder));
  const prefix = labName("x").slice(0, -1);
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(folder, name)),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
