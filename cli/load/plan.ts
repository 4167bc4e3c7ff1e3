import { noAttachPoint, wrongAttachKind } from "../../compiler/diagnostics/attach-point.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { unknownMap, unknownProgram } from "../../compiler/diagnostics/load.ts";
import type { AttachPoint, ObjectSpec, ProgramSpec } from "../../runtime/index.ts";
import { type AttachOption, type AttachTarget, exampleTarget, formatTarget } from "./attach-option.ts";

const POINT_OF: Readonly<Record<AttachTarget["kind"], AttachPoint>> = {
  cgroup: "cgroup",
  sockmap: "map",
  xdp: "xdp",
  tc: "tc",
  netns: "netns",
};

/** What goes where, or why not. Nothing has been loaded yet, so a mistake leaves nothing behind. */
export function planAttachments(
  spec: ObjectSpec,
  wanted: readonly AttachOption[],
  attachNothing: boolean,
): { readonly attachments: readonly AttachOption[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  for (const { program, target } of wanted) {
    const known = Object.hasOwn(spec.programs, program) ? spec.programs[program] : undefined;
    if (!known) {
      diagnostics.push(unknownProgram(undefined, program, Object.keys(spec.programs)));
      continue;
    }
    // Asking for a program that the object leaves out asks for it to be loaded.
    known.load = true;
    diagnostics.push(...mismatch(known, target), ...missingMap(spec, target));
  }
  for (const program of attachNothing ? [] : Object.values(spec.programs)) {
    if (!program.load || wanted.some((option) => option.program === program.name)) continue;
    const example = exampleTarget(program.kind?.attachPoint ?? "none");
    diagnostics.push(noAttachPoint(undefined, program.name, kindOf(program), example));
  }
  return { attachments: attachNothing ? [] : wanted, diagnostics };
}

function mismatch(program: ProgramSpec, target: AttachTarget): Diagnostic[] {
  const point = program.kind?.attachPoint;
  if (point === undefined || point === POINT_OF[target.kind]) return [];
  return [
    wrongAttachKind(undefined, program.name, kindOf(program), formatTarget(target), exampleTarget(point)),
  ];
}

function missingMap(spec: ObjectSpec, target: AttachTarget): Diagnostic[] {
  if (target.kind !== "sockmap" || Object.hasOwn(spec.maps, target.map)) return [];
  return [unknownMap(undefined, target.map, Object.keys(spec.maps))];
}

function kindOf(program: ProgramSpec): string {
  return program.kind?.name ?? `section ${program.section}`;
}
