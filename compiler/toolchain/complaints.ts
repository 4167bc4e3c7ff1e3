import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { clangRefused, stackExceeded } from "../diagnostics/toolchain.ts";
import type { SourceMap } from "../emit/c/source-map.ts";
import type { IrModule } from "../ir/module.ts";
import { largestOnStack, programsAt } from "./stack-use.ts";

interface Complaint {
  readonly message: string;
  readonly span: Span | undefined;
}

/** What clang wrote, as diagnostics on the source. */
export function clangComplaints(
  messages: string,
  map: SourceMap | undefined,
  module: IrModule | undefined,
): readonly Diagnostic[] {
  const complaints = parse(messages, map);
  const stack = complaints.find((complaint) => /stack limit/.test(complaint.message));
  if (stack !== undefined) {
    const programs = module === undefined ? [] : programsAt(module, stack.span);
    const [only] = programs;
    const largest = module === undefined ? [] : largestOnStack(module, programs);
    const name = programs.length === 1 && only !== undefined ? only.name : undefined;
    return [stackExceeded(largest[0]?.span ?? stack.span ?? only?.span, name, largest)];
  }
  const [first] = complaints;
  if (first === undefined) {
    const lines = messages.trim().split("\n").slice(-5);
    return [clangRefused(undefined, lines[0] === "" ? ["(it said nothing)"] : lines)];
  }
  return complaints.map((complaint) => clangRefused(complaint.span, [complaint.message]));
}

function parse(messages: string, map: SourceMap | undefined): readonly Complaint[] {
  const seen = new Set<string>();
  const complaints: Complaint[] = [];
  for (const line of messages.split("\n")) {
    const match = /^(?:<stdin>:(\d+):(\d+): )?(?:fatal )?error: (.*)$/.exec(line);
    if (match === null || seen.has(line) || /^\d+ errors? generated/.test(match[3] ?? "")) continue;
    seen.add(line);
    const span = match[1] === undefined ? undefined : map?.lookup(Number(match[1]), Number(match[2]));
    complaints.push({ message: match[3] ?? "", span });
  }
  return complaints;
}
