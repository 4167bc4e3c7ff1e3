import type { DiagnosticFactory } from "../compiler/diagnostics/define.ts";
import * as refusals from "../compiler/diagnostics/verifier.ts";

// Reads the verifier's log far enough to say what was refused and where. The log's form is no ABI (kernel/bpf/verifier.c, log.c): what is
// recognised is used, the rest is kept as it is.

export interface VerifierComplaint {
  /** The verifier's sentence: `R0 invalid mem access 'map_value_or_null'`. */
  readonly text: string;
  /** Further sentences of the same complaint. */
  readonly details: readonly string[];
  /** Which instruction of the program was refused, from 0. */
  readonly instruction: number | undefined;
  /** The source line that the log shows last before the complaint. */
  readonly annotation: SourceAnnotation | undefined;
  /** Lines of the log that are not in `text` and `details`. */
  readonly omitted: number;
}

export interface SourceAnnotation {
  readonly text: string;
  /** Since Linux 6.10 the log names them. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** `12: (79) r0 = *(u64 *)(r0 +0)` */
const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\) /;
/** Register states, joins of paths, frames: the verifier's view between instructions. */
const STATE =
  /^\d+: (?:safe$|R\d|frame\d|fp-|\.\.\.)|^from \d+ to \d+:|^(?:frame\d+: ?)?(?:R\d+(?:_[a-z]+)?=|fp-\d+(?:_[a-z]+)?=)|^(?:caller|callee|returning from callee|to caller at \d+):?$|^(?:last_idx|first_idx|parent |mark_precise|regs=|propagating|\d+: safe)/;
/** Statistics at the end, and what libbpf or BTF checking says that is no refusal of this program. */
const NOISE =
  /^processed \d+ insns|^verification time|^stack depth|^arg#\d+ reference type|^func#\d+ @|^-- (?:BEGIN|END) PROG LOAD LOG --|^(?:Live regs before|Validating \w+\(\) func#|Func#\d+ .* is safe|Global function)|^cur state:|^old state:|^\.\.\.|^max_states|^mark_precise/;

/** Of one complaint: the verifier writes a few. Source lines of an object can put thousands of others between them. */
const MOST_SENTENCES = 20;

export function readVerifierLog(log: string): VerifierComplaint | undefined {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  let instruction: number | undefined;
  let annotation: string | undefined;
  let complaint: string[] = [];
  let place:
    | { readonly instruction: number | undefined; readonly annotation: string | undefined }
    | undefined;
  for (const line of lines) {
    const at = INSTRUCTION.exec(line);
    if (at !== null) {
      // What was said before another instruction was no refusal.
      instruction = Number(at[1]);
      complaint = [];
    } else if (line.startsWith("; ")) {
      annotation = line.slice(2);
      complaint = [];
    } else if (!STATE.test(line.trimStart()) && !NOISE.test(line)) {
      complaint.push(line.trim());
      place = { instruction, annotation };
    }
  }
  const [first, ...rest] = complaint.slice(0, MOST_SENTENCES);
  if (first === undefined || place === undefined) return undefined;
  // "infinite loop detected at insn 3": the complaint names the place itself.
  const named = / (?:at|from|unreachable) insn (\d+)|^unreachable insn (\d+)|^insn (\d+) /.exec(first);
  const own = named?.[1] ?? named?.[2] ?? named?.[3];
  return {
    text: first,
    details: rest,
    instruction: own === undefined ? place.instruction : Number(own),
    annotation: place.annotation === undefined ? undefined : readAnnotation(place.annotation),
    omitted: lines.length - 1 - rest.length,
  };
}

function readAnnotation(text: string): SourceAnnotation {
  const named = /^(.*) @ (\S.*):(\d+)$/.exec(text);
  return named === null
    ? { text, file: undefined, line: undefined }
    : { text: named[1] ?? "", file: named[2], line: Number(named[3]) };
}

type Refusal = DiagnosticFactory<[program: string, complaint: string]>;

/** First match wins: what a sentence of the verifier means to the author of the program. */
const classes: readonly (readonly [pattern: RegExp, refusal: Refusal])[] = [
  [/invalid mem access '[a-z_]*_or_null'|pointer arithmetic on [a-z_]*_or_null/, refusals.mayBeNull],
  [/Possibly NULL pointer passed|invalid mem access 'scalar'.*null/i, refusals.mayBeNull],
  [
    /Unreleased reference|reference has not been acquired before|leaks? (?:a )?reference/,
    refusals.leakedReference,
  ],
  [/(?:back-edge|infinite loop detected|unbounded loop|loop detected)/i, refusals.unboundedLoop],
  [
    /program is too large|too many (?:insns|instructions)|sequence of \d+ jumps is too complex|too complex/i,
    refusals.tooComplex,
  ],
  [
    /combined stack size|stack (?:size|depth) .*(?:too large|exceeds)|invalid (?:write to|read from) stack .* size=\d+.*off=-(?:51[3-9]|5[2-9]\d|[6-9]\d\d|\d{4,})/i,
    refusals.stackTooDeep,
  ],
  [
    /invalid bpf_context access|dereference of modified ctx ptr|(?:variable|negative offset) ctx (?:access|ptr)/,
    refusals.invalidContextAccess,
  ],
  [
    /invalid read from stack|invalid indirect (?:read|access) (?:from|to) stack|!read_ok|uninitialized/i,
    refusals.uninitialised,
  ],
  [
    /(?:write into map forbidden|cannot write into|R\d+ .*rdonly_mem.*|write to .*read-?only|invalid access to read-only)/i,
    refusals.writeToReadOnly,
  ],
  [
    /invalid access to (?:map value|packet|memory|key|stack)|outside of the allowed memory range|min value is (?:outside|negative)|max value is outside|unbounded memory access|invalid variable-offset|math between .* pointer and register with unbounded|invalid (?:write to|access to|zero-sized|unbounded variable-offset)/,
    refusals.outOfBounds,
  ],
  [
    /unknown func|cannot (?:use|call) (?:helper|GPL|GPL-restricted)|program of this type cannot use helper|cannot call GPL|invalid func unknown|kernel subsystem misconfigured func/i,
    refusals.helperNotAllowed,
  ],
  [
    /At program exit the register R0|R0 leaks addr as return value|has (?:value|unknown scalar value|smin=\S+ smax=\S+) should have been in|should have been in \(/,
    refusals.invalidReturn,
  ],
  [
    /R\d+ type=\S+ expected=|arg#\d+ expected|invalid size|must be a (?:known )?constant/,
    refusals.wrongArgument,
  ],
  [
    /pointer arithmetic|pointer (?:comparison|subtraction) prohibited|bitwise operator .* on pointer|pointer with .*= operator|leaks addr|R\d+ .*prohibited/i,
    refusals.pointerMisuse,
  ],
  [/invalid mem access 'scalar'|invalid mem access 'inv'/, refusals.outOfBounds],
];

/** The code that fits a complaint; the generic one where none does. */
export function classify(complaint: VerifierComplaint): Refusal {
  for (const sentence of [complaint.text, ...complaint.details]) {
    for (const [pattern, refusal] of classes) if (pattern.test(sentence)) return refusal;
  }
  return refusals.verifierRefused;
}
