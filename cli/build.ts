import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { displayPath } from "../compiler/diagnostics/display-path.ts";
import { outputNotWritten } from "../compiler/diagnostics/output.ts";
import { type BuildResult, build } from "../compiler/index.ts";
import type { BuildOptions, Emit } from "./commands/build.ts";
import { CompileReport } from "./compile-report.ts";
import type { ExitCode } from "./exit-code.ts";
import { compilerOptions } from "./options.ts";
import { WriteError, writeOutput } from "./output-file.ts";
import { type Destination, destinations } from "./output-path.ts";
import type { Session } from "./program.ts";

export async function runBuild(
  files: readonly string[],
  options: BuildOptions,
  session: Session,
): Promise<ExitCode> {
  const places = destinations(files, options.out, options.emit, session.cwd);
  const report = new CompileReport(session.cwd, options.format);
  for (const [i, file] of files.entries()) {
    const result = await build(file, compilerOptions(options, session.cwd));
    const { diagnostics, sources, timings } = result;
    const delivered = deliver(emitted(result, options.emit), places[i] as Destination, options, session);
    report.add({
      file,
      sources,
      timings,
      ...delivered,
      diagnostics: [...diagnostics, ...delivered.diagnostics],
    });
  }
  // What was built may be on stdout; what is read by programs is asked for there.
  const said =
    options.format === "text"
      ? report.diagnostics(process.stderr)
      : report.diagnostics(process.stdout, options.timings);
  if (options.format === "text") session.output.progress(said);
  else session.output.data(said);
  if (options.timings && options.format !== "json") session.output.progress(report.timings());
  return report.exitCode;
}

function emitted(result: BuildResult, emit: Emit): string | Uint8Array | undefined {
  return result[emit];
}

interface Delivered {
  readonly output?: string;
  readonly text?: string;
  readonly diagnostics: readonly Diagnostic[];
}

function deliver(
  content: string | Uint8Array | undefined,
  place: Destination,
  options: BuildOptions,
  session: Session,
): Delivered {
  if (content === undefined) return { diagnostics: [] };
  if ("stdout" in place) {
    // In JSON the text is a field; bytes are not.
    if (options.format === "json" && typeof content === "string") return { text: content, diagnostics: [] };
    session.output.data(content);
    return { diagnostics: [] };
  }
  try {
    writeOutput(place.path, content);
    if (options.format === "text") session.output.progress(`wrote ${displayPath(place.path, session.cwd)}\n`);
    return { output: place.path, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    return { diagnostics: [outputNotWritten(undefined, displayPath(error.path, session.cwd), error.reason)] };
  }
}
