import { readFileSync } from "node:fs";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import { BpfError } from "../runtime/errors.ts";
import { ExitCode, exitCodeFor } from "./exit-code.ts";
import type { Output } from "./output/stream.ts";
import { wantsColour } from "./output/tty.ts";
import { WriteError } from "./output-file.ts";

/** Says on stderr why a command could not go on, and answers with what exit code that is. */
export function reportFailure(error: unknown, output: Output, cwd: string): ExitCode {
  if (error instanceof BpfError) {
    const diagnostic = { ...error.diagnostic, message: `${error.operation}: ${error.diagnostic.message}` };
    output.progress(
      renderDiagnostics([diagnostic], sourcesOf(diagnostic), "text", {
        cwd,
        color: wantsColour(process.stderr),
      }),
    );
    return exitCodeFor([diagnostic]);
  }
  if (error instanceof WriteError) {
    output.progress(`error: ${error.message}\n`);
    return ExitCode.environment;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.progress(
    `error: tsbpf failed in a way it should not: ${text}\nplease report it with the command that you ran\n`,
  );
  return ExitCode.environment;
}

/** The text of the files that the diagnostic points into: a verifier's refusal is known by file and line only. */
function sourcesOf({ span, labels }: Diagnostic): Map<string, string> {
  const files = new Set(
    [span, ...(labels ?? []).map((label) => label.span)].flatMap((each) => each?.file ?? []),
  );
  const sources = new Map<string, string>();
  for (const file of files) {
    try {
      sources.set(file, readFileSync(file, "utf8"));
    } catch {
      // Gone since: the place is shown without its line.
    }
  }
  return sources;
}
