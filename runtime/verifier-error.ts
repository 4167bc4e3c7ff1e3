import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic, Span } from "../compiler/diagnostics/diagnostic.ts";
import { verifierRefused } from "../compiler/diagnostics/verifier.ts";
import { BpfError, type BpfErrorOptions } from "./errors.ts";
import type { ObjectSpec, ProgramSpec } from "./spec.ts";
import { classify, readVerifierLog, type VerifierComplaint } from "./verifier-log.ts";

/** A line of the program's source. */
export interface SourcePlace {
  /** As recorded by the compiler, relative to where it ran. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 where it is unknown. */
  readonly column: number;
  readonly text: string;
}

/** The kernel's verifier refused a program. */
export class VerifierError extends BpfError {
  override readonly name: string = "VerifierError";
  readonly program: string;
  /** The verifier's own sentence. */
  readonly complaint: string;
  /** The refused instruction, from 0, where the log says it. */
  readonly instruction: number | undefined;
  /** The source of that instruction, where the object records it. */
  readonly source: SourcePlace | undefined;
  /** The text of the file that the diagnostic points into, for rendering it. */
  readonly sources: ReadonlyMap<string, string>;
  /** The verifier's log, whole. */
  readonly log: string;
  /** Lines of the log that the message leaves out. */
  readonly omitted: number;

  constructor(spec: ObjectSpec, program: string, log: string, options: BpfErrorOptions = {}) {
    const complaint = readVerifierLog(log);
    const source = complaint === undefined ? undefined : placeOf(spec, spec.programs[program], complaint);
    const found = source === undefined ? undefined : spanOf(source);
    const diagnostic = describe(program, complaint, source, found?.span, log);
    super(`load program ${program}`, diagnostic, options);
    this.program = program;
    this.complaint = complaint?.text ?? diagnostic.message;
    this.instruction = complaint?.instruction;
    this.source = source;
    this.sources = new Map(found === undefined ? [] : [[found.span.file, found.text]]);
    this.log = log;
    this.omitted = complaint?.omitted ?? log.split("\n").filter((line) => line.trim() !== "").length;
  }
}

function describe(
  program: string,
  complaint: VerifierComplaint | undefined,
  source: SourcePlace | undefined,
  span: Span | undefined,
  log: string,
): Diagnostic {
  if (complaint === undefined) {
    const last = log.trimEnd().split("\n").at(-1) ?? "no reason is given";
    return verifierRefused(undefined, program, last.trim());
  }
  const base = classify(complaint)(span, program, complaint.text);
  const notes = [...(base.notes ?? []), ...complaint.details];
  if (source !== undefined && span === undefined)
    notes.push(`at ${source.file}:${source.line}: ${source.text.trim()}`);
  if (complaint.omitted > 0) notes.push(`${complaint.omitted} lines of the verifier's log omitted`);
  return { ...base, notes };
}

/** The source of the refused instruction: by its number, or, in functions outside the program, by the line that the log shows. */
function placeOf(
  spec: ObjectSpec,
  program: ProgramSpec | undefined,
  complaint: VerifierComplaint,
): SourcePlace | undefined {
  const { annotation, instruction } = complaint;
  if (program !== undefined && spec.lines !== undefined && instruction !== undefined) {
    // libbpf puts the functions that a program calls behind it, so that its own instructions keep their numbers (bpf_object__relocate_calls).
    if (instruction < program.instructionCount) {
      const line = spec.lines.lineOf(program.section, program.sectionOffset + instruction);
      if (line !== undefined)
        return { file: line.file, line: line.line, column: line.column, text: line.text };
    }
  }
  if (annotation?.file === undefined || annotation.line === undefined) return undefined;
  const shown = { file: annotation.file, line: annotation.line, column: 0, text: annotation.text };
  // The log may cut the file to its last part, and names no column: the record that it was made from has both.
  return spec.lines?.find(annotation.line, annotation.text) ?? shown;
}

/** Bytes. */
const LARGEST_SOURCE = 16 << 20;

/** The place in the file on disk, if it still is the file that was compiled. */
function spanOf(place: SourcePlace): { readonly span: Span; readonly text: string } | undefined {
  const file = resolve(place.file);
  let text: string;
  try {
    // The object names the file, and may name a pipe or a device that never ends.
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > LARGEST_SOURCE) return undefined;
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  let start = 0;
  for (let line = 1; line < place.line; line++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  const found = text.slice(start, end < 0 ? undefined : end);
  if (found.trim() !== place.text.trim()) return undefined;
  const indent = found.length - found.trimStart().length;
  const column = place.column > indent && place.column <= found.length ? place.column - 1 : indent;
  const span = { file, start: start + column, end: start + Math.max(found.trimEnd().length, column + 1) };
  return { span, text };
}
