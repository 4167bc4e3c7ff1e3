import type { Span } from "../diagnostics/diagnostic.ts";
import { displayPath } from "../diagnostics/display-path.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { SourceMap } from "../emit/c/source-map.ts";
import type { IrModule } from "../ir/module.ts";
import type { BtfExt, LineInfo } from "./btf-ext.ts";

/** Line info that speaks of the C, as line info that speaks of the source, its text included. */
export function sourceLines(ext: BtfExt, module: IrModule, map: SourceMap, cwd: string): BtfExt["lines"] {
  const texts = new Map<string, SourceText>();
  const textOf = (file: string): SourceText => {
    const known = texts.get(file) ?? new SourceText(module.sources.get(file) ?? "");
    texts.set(file, known);
    return known;
  };
  const describe = (instructionOffset: number, span: Span): LineInfo => {
    const text = textOf(span.file);
    const { line, column } = text.positionAt(span.start);
    return { instructionOffset, file: displayPath(span.file, cwd), text: text.line(line), line, column };
  };
  const lines = new Map<string, readonly LineInfo[]>();
  for (const [section, infos] of ext.lines) {
    const starts = new Set(ext.functions.get(section)?.map((info) => info.instructionOffset));
    const rewritten: LineInfo[] = [];
    let last: Span | undefined;
    for (const info of infos) {
      const begins = starts.has(info.instructionOffset);
      // clang 14 gives line 0 to what it moved; and what the emitter added stands for nothing in the source. Both belong to what is before.
      const span =
        (info.line === 0 ? undefined : map.lookup(info.line, info.column)) ??
        (begins ? undefined : last) ??
        fallback(module, section);
      last = span;
      const described = describe(info.instructionOffset, span);
      const previous = rewritten.at(-1);
      // The kernel wants an entry where a function begins (`check_btf_line`).
      if (begins || previous === undefined || !samePlace(previous, described)) rewritten.push(described);
    }
    lines.set(section, rewritten);
  }
  return lines;
}

function samePlace(a: LineInfo, b: LineInfo): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}

function fallback(module: IrModule, section: string): Span {
  const program = module.programs.find((candidate) => candidate.section === section);
  return program?.span ?? { file: module.entry, start: 0, end: 0 };
}
