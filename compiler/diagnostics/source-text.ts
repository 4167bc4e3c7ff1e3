/** 1-based, as editors count; columns are UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The lines of one source: offsets to positions and back to text. */
export class SourceText {
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (const lineEnd of text.matchAll(/\r\n|\n|\r/g)) starts.push(lineEnd.index + lineEnd[0].length);
    this.#lineStarts = starts;
  }

  /** An offset past the end counts as the end. */
  positionAt(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#startOf(middle) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - this.#startOf(low) + 1 };
  }

  /** The text of a line (from 1), without its line end. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return "";
    return this.text.slice(start, this.#lineStarts[number] ?? this.text.length).replace(/[\r\n]+$/, "");
  }

  #startOf(line: number): number {
    return this.#lineStarts[line] ?? this.text.length;
  }
}
