import type { Span } from "../../diagnostics/diagnostic.ts";
import { type MappedRange, SourceMap } from "./source-map.ts";

interface OpenRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  span: Span;
  children: OpenRange[];
}

/** Where a span begins, as `#line` wants it. */
export interface LineDirectives {
  locate(span: Span): { readonly file: string; readonly line: number } | undefined;
}

/** Collects text, knows where it stands, and remembers which stretch of it came from which span. */
export class Writer {
  readonly #directives: LineDirectives | undefined;
  readonly #parts: string[] = [];
  readonly #roots: OpenRange[] = [];
  readonly #open: OpenRange[] = [];
  #line = 1;
  #column = 1;
  #indent = 0;
  /** Levels by which the line that begins next is set in further. */
  #continuation = 0;
  #presumed: { file: string; line: number } | undefined;

  constructor(directives?: LineDirectives) {
    this.#directives = directives;
  }

  get column(): number {
    return this.#column;
  }

  /** `text` has no line breaks. */
  write(text: string): void {
    if (text === "") return;
    if (this.#column === 1) {
      const spaces = "  ".repeat(this.#indent + this.#continuation);
      this.#parts.push(spaces);
      this.#column += spaces.length;
      this.#continuation = 0;
    }
    this.#parts.push(text);
    this.#column += text.length;
  }

  newline(): void {
    this.#parts.push("\n");
    this.#line++;
    this.#column = 1;
    if (this.#presumed !== undefined) this.#presumed.line++;
  }

  /** Goes on in a new line, set in further than the one before. */
  wrap(): void {
    this.newline();
    this.#continuation = 2;
  }

  indented(body: () => void): void {
    this.#indent++;
    body();
    this.#indent--;
  }

  /** What `body` writes stands for `span`. */
  mapped(span: Span | undefined, body: () => void): void {
    if (span === undefined) {
      body();
      return;
    }
    // The indentation is written with the first text of a line; the range begins after it.
    const column = this.#column === 1 ? 1 + 2 * (this.#indent + this.#continuation) : this.#column;
    const range: OpenRange = { line: this.#line, column, endLine: 0, endColumn: 0, span, children: [] };
    (this.#open.at(-1)?.children ?? this.#roots).push(range);
    this.#open.push(range);
    body();
    this.#open.pop();
    range.endLine = this.#line;
    range.endColumn = this.#column;
  }

  /** At the start of a line: says by `#line`, where directives are wanted, that what follows came from `span`. */
  directive(span: Span | undefined): void {
    if (span === undefined || this.#directives === undefined) return;
    const place = this.#directives.locate(span);
    if (place === undefined) return;
    if (this.#presumed?.file === place.file && this.#presumed.line === place.line) return;
    this.#parts.push(`#line ${place.line} ${quote(place.file)}`);
    this.newline();
    this.#presumed = { file: place.file, line: place.line };
  }

  get text(): string {
    return this.#parts.join("");
  }

  get map(): SourceMap {
    return new SourceMap(this.#roots as readonly MappedRange[]);
  }
}

/** A C string literal. */
export function quote(text: string): string {
  let quoted = '"';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") quoted += `\\${character}`;
    else if (byte >= 0x20 && byte < 0x7f) quoted += character;
    // Three octal digits, because a hexadecimal escape has no end of its own.
    else quoted += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `${quoted}"`;
}
