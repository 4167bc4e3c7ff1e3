import { invalidBtf } from "../../compiler/diagnostics/objects.ts";
import { BpfError } from "../errors.ts";
import type { Btf } from "./btf.ts";

// `.BTF.ext`: which source line each instruction comes from (Documentation/bpf/btf.rst, "BTF.ext section").

export interface LineInfo {
  /** Instructions of 8 bytes from the start of the ELF section. */
  readonly instruction: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 where it is unknown. */
  readonly column: number;
  /** The line's text, empty where it was not recorded. */
  readonly text: string;
}

/** A record as it stands in the section; its texts are decoded only when asked for, so hostile ones cost nothing. */
interface LineRecord {
  readonly instruction: number;
  readonly file: number;
  readonly text: number;
  readonly place: number;
}

const MOST_CANDIDATES = 1000;

export class BtfExt {
  private readonly btf: Btf;
  /** By name of the ELF section, in order of instruction. */
  private readonly sections: ReadonlyMap<string, readonly LineRecord[]>;

  constructor(btf: Btf, sections: ReadonlyMap<string, readonly LineRecord[]>) {
    this.btf = btf;
    this.sections = sections;
  }

  /** The source of an instruction: the last record at or before it. Records for line 0 say nothing and are passed over. */
  lineOf(section: string, instruction: number): LineInfo | undefined {
    const records = this.sections.get(section) ?? [];
    let low = 0;
    let high = records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((records[middle]?.instruction ?? 0) <= instruction) low = middle + 1;
      else high = middle;
    }
    for (let at = low - 1; at >= 0; at--) {
      const record = records[at];
      if (record !== undefined && record.place >>> 10 !== 0) return this.decode(record);
    }
    return undefined;
  }

  /** A record of this line with this text, blanks at its ends aside, in whatever section. */
  find(line: number, text: string): LineInfo | undefined {
    let looked = 0;
    for (const records of this.sections.values()) {
      for (const record of records) {
        if (record.place >>> 10 !== line) continue;
        // A line of a program has few records; texts are decoded for no more of them.
        if (++looked > MOST_CANDIDATES) return undefined;
        const found = this.decode(record);
        if (found.text.trim() === text.trim()) return found;
      }
    }
    return undefined;
  }

  private decode(record: LineRecord): LineInfo {
    return {
      instruction: record.instruction,
      file: this.btf.strings.source(record.file),
      text: this.btf.strings.source(record.text),
      line: record.place >>> 10,
      column: record.place & 0x3ff,
    };
  }
}

export function parseBtfExt(bytes: Uint8Array, btf: Btf, operation: string): BtfExt {
  const fail = (what: string) => new BpfError(operation, invalidBtf(undefined, `.BTF.ext: ${what}`));
  if (bytes.length < 24) throw fail(`${bytes.length} bytes are less than a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number) => view.getUint32(at, btf.littleEndian);
  if (view.getUint16(0, btf.littleEndian) !== 0xeb9f) throw fail("its magic number is wrong");
  if (bytes[2] !== 1) throw fail(`its version is ${bytes[2]}, not 1`);
  const headerLength = u32(4);
  if (headerLength < 24 || headerLength > bytes.length) throw fail(`a header of ${headerLength} bytes`);
  const lineOffset = headerLength + u32(16);
  const lineLength = u32(20);
  const end = lineOffset + lineLength;
  if (end > bytes.length) throw fail(`its lines end at byte ${end} of ${bytes.length}`);
  const sections = new Map<string, LineRecord[]>();
  if (lineLength === 0) return new BtfExt(btf, sections);
  if (lineLength < 4) throw fail(`${lineLength} bytes of lines`);

  const recordSize = u32(lineOffset);
  if (recordSize < 16 || recordSize % 4 !== 0 || recordSize > 4096)
    throw fail(`lines of ${recordSize} bytes`);
  let at = lineOffset + 4;
  while (at < end) {
    if (at + 8 > end) throw fail("a section of lines is cut off");
    const section = btf.strings.at(u32(at));
    const count = u32(at + 4);
    at += 8;
    if (at + count * recordSize > end)
      throw fail(`${count} lines of section ${section} are more than its bytes`);
    const list = sections.get(section) ?? [];
    sections.set(section, list);
    for (let index = 0; index < count; index++, at += recordSize) {
      const [file, text] = [u32(at + 4), u32(at + 8)];
      if (file >= btf.strings.length || text >= btf.strings.length)
        throw fail("a line's text lies beyond the strings");
      list.push({ instruction: Math.floor(u32(at) / 8), file, text, place: u32(at + 12) });
    }
  }
  for (const list of sections.values()) list.sort((a, b) => a.instruction - b.instruction);
  return new BtfExt(btf, sections);
}
