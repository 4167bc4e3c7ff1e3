import type { Span } from "../../diagnostics/diagnostic.ts";

/** A stretch of C text that stands for a stretch of the source. Lines and columns count from 1, the end is exclusive. */
export interface MappedRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly span: Span;
  /** Ranges within this one, in order of their start. */
  readonly children: readonly MappedRange[];
}

/** From places in the C text to spans of the source. */
export class SourceMap {
  readonly ranges: readonly MappedRange[];

  constructor(ranges: readonly MappedRange[]) {
    this.ranges = ranges;
  }

  /** The span of the narrowest range that holds the place. */
  lookup(line: number, column: number): Span | undefined {
    let span: Span | undefined;
    let level = this.ranges;
    for (;;) {
      const range = lastStartingBefore(level, line, column);
      if (range === undefined || !before(line, column, range.endLine, range.endColumn)) return span;
      span = range.span;
      level = range.children;
    }
  }
}

function before(line: number, column: number, otherLine: number, otherColumn: number): boolean {
  return line < otherLine || (line === otherLine && column < otherColumn);
}

function lastStartingBefore(
  ranges: readonly MappedRange[],
  line: number,
  column: number,
): MappedRange | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && before(line, column, range.line, range.column)) high = middle;
    else low = middle + 1;
  }
  return ranges[low - 1];
}
