import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { unknownGlobal } from "../../compiler/diagnostics/load.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { type Collection, loadObject, type ObjectSpec, open, VerifierError } from "../../runtime/index.ts";
import type { LoadOptions } from "../commands/load.ts";
import { ExitCode, exitCodeFor } from "../exit-code.ts";
import { reportFailure } from "../failure.ts";
import { compilerOptions } from "../options.ts";
import { coloursFor, wantsColour } from "../output/tty.ts";
import type { Session } from "../program.ts";
import { attachAll } from "./attach.ts";
import { type AttachOption, parseAttach } from "./attach-option.ts";
import { untilInterrupted } from "./interrupt.ts";
import { pinAll } from "./pin.ts";
import { planAttachments } from "./plan.ts";
import { jsonPrinter, textPrinter } from "./printer.ts";
import { parseSet, parseValue, type SetOption } from "./set-option.ts";
import { streamUntil } from "./stream.ts";

export async function runLoad(file: string, options: LoadOptions, session: Session): Promise<ExitCode> {
  const attachNothing = options.attach === false;
  const wanted: readonly AttachOption[] = options.attach === false ? [] : options.attach.map(parseAttach);
  const settings = options.set.map(parseSet);
  // From here on an interrupt is answered by undoing, whatever is under way.
  using interrupt = untilInterrupted(session.output);

  // Nothing is loaded yet: a compiler that hangs is not waited for.
  const compiling = openProgram(file, options, session);
  const opened = await Promise.race([compiling, interrupt.happened]);
  if (opened === undefined) process.exit(ExitCode.ok);
  if ("exitCode" in opened) return opened.exitCode;
  const { spec } = opened;
  const plan = planAttachments(spec, wanted, attachNothing);
  const diagnostics = [...plan.diagnostics, ...applySettings(spec, settings)];
  if (diagnostics.length > 0) return complain(diagnostics, session);
  if (interrupt.aborted) return ExitCode.ok;

  const printer =
    options.format === "json"
      ? jsonPrinter(session.output)
      : textPrinter(session.output, coloursFor(process.stdout));
  using collection: Collection | undefined = loadVerified(spec, options, session);
  if (!collection) return ExitCode.diagnostics;
  const ids = (items: Readonly<Record<string, { readonly name: string; readonly id: number }>>) =>
    Object.values(items).map(({ name, id }) => ({ name, id }));
  printer.loaded({ programs: ids(collection.programs), maps: ids(collection.maps) });
  const links = attachAll(collection, plan.attachments, printer);
  if (options.pin !== undefined) pinAll(collection, links, options.pin);
  const { lost, malformed } = await streamUntil(collection, links, interrupt, printer);
  if (lost > 0n) session.output.progress(`${lost} log records found no room and are lost\n`);
  if (malformed > 0)
    session.output.progress(`${malformed} records had another form than the object says and are left out\n`);
  printer.detached();
  return ExitCode.ok;
}

/** `undefined` where the verifier refused, after its log was printed on request. */
function loadVerified(spec: ObjectSpec, options: LoadOptions, session: Session): Collection | undefined {
  try {
    return loadObject(spec);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    reportFailure(error, session.output, session.cwd);
    if (options.verifierLog) session.output.progress(`\n${error.log.trimEnd()}\n`);
    else if (error.omitted > 0) session.output.progress("\n--verifier-log prints the verifier's whole log\n");
    return undefined;
  }
}

async function openProgram(
  file: string,
  options: LoadOptions,
  session: Session,
): Promise<{ readonly spec: ObjectSpec } | { readonly exitCode: ExitCode }> {
  if (!/\.[cm]?ts$/.test(file)) return { spec: open(file) };
  const { build } = await import("../../compiler/index.ts");
  const built = await build(file, compilerOptions(options, session.cwd));
  if (built.diagnostics.length > 0) {
    const color = wantsColour(process.stderr);
    session.output.progress(
      renderDiagnostics(built.diagnostics, built.sources, "text", { cwd: session.cwd, color }),
    );
  }
  if (built.object === undefined) return { exitCode: exitCodeFor(built.diagnostics) };
  return { spec: open(built.object, { name: file }) };
}

function applySettings(spec: ObjectSpec, settings: readonly SetOption[]): Diagnostic[] {
  const unknown: Diagnostic[] = [];
  for (const setting of settings) {
    const { name } = setting;
    const group = [spec.constants, spec.variables].find((values) => Object.hasOwn(values, name));
    if (group) group[name] = parseValue(setting, group[name]);
    else
      unknown.push(
        unknownGlobal(undefined, name, [...Object.keys(spec.constants), ...Object.keys(spec.variables)]),
      );
  }
  return unknown;
}

function complain(diagnostics: readonly Diagnostic[], session: Session): ExitCode {
  session.output.progress(
    renderDiagnostics(diagnostics, new Map(), "text", {
      cwd: session.cwd,
      color: wantsColour(process.stderr),
    }),
  );
  return exitCodeFor(diagnostics);
}
