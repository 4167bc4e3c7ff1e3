export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: "left" | "right";
}

// Control sequences of colours take no room (ECMA-48, SGR).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SGR = /\u001b\[[0-9;]*m/g;

function width(cell: string): number {
  return [...cell.replace(SGR, "")].length;
}

/** Columns two spaces apart, nothing at line ends. Cells may be coloured. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ""))));
  return lines
    .map((line) =>
      columns
        .map((column, i) => {
          const cell = line[i] ?? "";
          const room = " ".repeat((widths[i] as number) - width(cell));
          return column.align === "right" ? room + cell : cell + room;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
