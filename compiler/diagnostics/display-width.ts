const tabStop = 4;

/** A source line as a terminal shows it, and where each of its UTF-16 offsets lands. */
export interface DisplayLine {
  readonly text: string;
  /** One cell number (from 0) for each offset of the line and one for its end. */
  readonly cells: readonly number[];
}

/** Expands tabs, and replaces what would move the cursor or reorder the line. */
export function displayLine(line: string): DisplayLine {
  const cells: number[] = [];
  let text = "";
  let cell = 0;
  for (const cluster of clusters(line)) {
    for (let i = 0; i < cluster.length; i++) cells.push(cell);
    const shown = cluster === "\t" ? " ".repeat(tabStop - (cell % tabStop)) : visible(cluster);
    text += shown;
    cell += cluster === "\t" ? shown.length : clusterWidth(shown);
  }
  cells.push(cell);
  return { text, cells };
}

/** Control and bidirectional formatting characters become `�`: a file name or a string literal must not drive the reader's terminal. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** The same for what has one line, such as a message or a file name. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "\ufffd");
}

function clusters(line: string): Iterable<string> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/^[\u0000-\u007f]*$/.test(line)) return line;
  return Array.from(new Intl.Segmenter("en").segment(line), ({ segment }) => segment);
}

/** Cells of one grapheme cluster: as wide as its widest character. */
function clusterWidth(cluster: string): number {
  if (cluster.includes("\ufe0f")) return 2;
  let width = 0;
  for (const character of cluster) width = Math.max(width, characterWidth(character));
  return width;
}

function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Unicode's East Asian Width W and F (EastAsianWidth.txt), neighbouring blocks joined. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2753, 0x2755],
  [0x2795, 0x2797],
  [0x2b50, 0x2b50],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f18e],
  [0x1f191, 0x1f19a],
  [0x1f200, 0x1f320],
  [0x1f32d, 0x1f335],
  [0x1f337, 0x1f37c],
  [0x1f37e, 0x1f393],
  [0x1f3a0, 0x1f3ca],
  [0x1f3cf, 0x1f3d3],
  [0x1f3e0, 0x1f3f0],
  [0x1f3f4, 0x1f3f4],
  [0x1f3f8, 0x1f43e],
  [0x1f440, 0x1f440],
  [0x1f442, 0x1f4fc],
  [0x1f4ff, 0x1f53d],
  [0x1f54b, 0x1f567],
  [0x1f57a, 0x1f57a],
  [0x1f595, 0x1f596],
  [0x1f5a4, 0x1f5a4],
  [0x1f5fb, 0x1f64f],
  [0x1f680, 0x1f6c5],
  [0x1f6cc, 0x1f6cc],
  [0x1f6d0, 0x1f6d2],
  [0x1f6d5, 0x1f6df],
  [0x1f6eb, 0x1f6ec],
  [0x1f6f4, 0x1f6fc],
  [0x1f7e0, 0x1f7eb],
  [0x1f90c, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];
