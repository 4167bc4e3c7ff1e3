import picocolors from "picocolors";
import type { Diagnostic, Span } from "./diagnostic.ts";
import { displayPath } from "./display-path.ts";
import { displayLine, visible, visibleLine } from "./display-width.ts";
import type { RenderOptions } from "./render.ts";
import { SourceText } from "./source-text.ts";

interface Mark {
  readonly span: Span;
  readonly message: string;
  readonly primary: boolean;
}

type Colors = ReturnType<typeof picocolors.createColors>;

/** For people: the form of rustc, one block per diagnostic with an empty line between. */
export function renderText(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  const colors = picocolors.createColors(options.color ?? picocolors.isColorSupported);
  const texts = new Map<string, SourceText>();
  const textOf = (file: string): SourceText => {
    const known = texts.get(file) ?? new SourceText(sources.get(file) ?? "");
    texts.set(file, known);
    return known;
  };
  return diagnostics.map((diagnostic) => `${renderOne(diagnostic, textOf, options, colors)}\n`).join("\n");
}

function renderOne(
  diagnostic: Diagnostic,
  textOf: (file: string) => SourceText,
  options: RenderOptions,
  colors: Colors,
): string {
  const paint = diagnostic.severity === "error" ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(paint(`${diagnostic.severity}[${diagnostic.code}]`))}${colors.bold(`: ${visibleLine(diagnostic.message)}`)}`,
  ];
  const groups = marksByFile(diagnostic);
  const lastLine = (file: string, marks: readonly Mark[]) =>
    Math.max(...marks.map(({ span }) => textOf(file).positionAt(span.start).line));
  const width = Math.max(0, ...groups.map(([file, marks]) => String(lastLine(file, marks)).length));
  const gutter = " ".repeat(width);
  for (const [index, [file, marks]] of groups.entries()) {
    const first = marks.find(({ primary }) => primary) ?? marks[0];
    if (first === undefined) continue;
    const { line, column } = textOf(file).positionAt(first.span.start);
    const arrow = index === 0 ? "-->" : ":::";
    lines.push(
      `${gutter}${colors.blue(arrow)} ${visibleLine(displayPath(file, options.cwd))}:${line}:${column}`,
    );
    lines.push(...renderSnippet(textOf(file), marks, width, paint, colors));
  }
  const trailer = (kind: string, text: string) => {
    const indent = " ".repeat(width + ` = ${kind}: `.length);
    const body = visible(text).replaceAll("\n", `\n${indent}`);
    lines.push(`${gutter} ${colors.blue("=")} ${colors.bold(kind)}: ${body}`);
  };
  for (const note of diagnostic.notes ?? []) trailer("note", note);
  if (diagnostic.help !== undefined) trailer("help", diagnostic.help);
  return lines.join("\n");
}

/** The primary span's file comes first. */
function marksByFile(diagnostic: Diagnostic): [string, Mark[]][] {
  const marks: Mark[] = [];
  if (diagnostic.span !== undefined) {
    marks.push({ span: diagnostic.span, message: diagnostic.label ?? "", primary: true });
  }
  for (const { span, message } of diagnostic.labels ?? []) marks.push({ span, message, primary: false });
  const groups = new Map<string, Mark[]>();
  for (const mark of marks) groups.set(mark.span.file, [...(groups.get(mark.span.file) ?? []), mark]);
  return [...groups];
}

function renderSnippet(
  source: SourceText,
  marks: readonly Mark[],
  width: number,
  paint: (text: string) => string,
  colors: Colors,
): string[] {
  // An empty file, or one that could not be read, has nothing to show.
  if (source.text === "") return [];
  const bar = colors.blue("|");
  const empty = `${" ".repeat(width)} ${bar}`;
  const placed = marks
    .map((mark) => ({
      ...mark,
      at: source.positionAt(mark.span.start),
      end: source.positionAt(mark.span.end),
    }))
    .sort(
      (a, b) => a.at.line - b.at.line || Number(b.primary) - Number(a.primary) || a.at.column - b.at.column,
    );
  const lines = [empty];
  let previous: number | undefined;
  for (const { at, end, message, primary } of placed) {
    const line = source.line(at.line);
    const shown = excerpt(line, at.column - 1, end.line === at.line ? end.column - 1 : line.length);
    if (at.line !== previous || shown.cut) {
      if (previous !== undefined && at.line > previous + 1) lines.push(colors.blue("..."));
      const number = String(at.line).padStart(width);
      lines.push(`${colors.blue(number)} ${bar} ${shown.text}`.trimEnd());
      previous = at.line;
    }
    const underline = (primary ? "^" : "-").repeat(Math.max(1, shown.stop - shown.start));
    const text = message === "" ? underline : `${underline} ${visibleLine(message)}`;
    lines.push(`${empty} ${" ".repeat(shown.start)}${primary ? paint(text) : colors.blue(text)}`);
  }
  return lines;
}

/** A line up to this length is shown whole; of a longer one, what is around the marked part. */
const maxLineLength = 240;
const excerptBefore = 80;
const excerptAfter = 120;

interface Excerpt {
  readonly text: string;
  /** Cells under which the marked part starts and stops. */
  readonly start: number;
  readonly stop: number;
  readonly cut: boolean;
}

function excerpt(line: string, start: number, stop: number): Excerpt {
  const cut = line.length > maxLineLength;
  const from = cut ? Math.max(0, start - excerptBefore) : 0;
  const to = cut ? Math.min(line.length, start + excerptAfter) : line.length;
  const head = from > 0 ? "…" : "";
  const { text, cells } = displayLine(`${head}${line.slice(from, to)}${to < line.length ? "…" : ""}`);
  const cellOf = (offset: number): number => cells[offset - from + head.length] ?? cells.at(-1) ?? 0;
  return { text, start: cellOf(start), stop: cellOf(stop), cut };
}
