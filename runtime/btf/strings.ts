import type { BpfError } from "../errors.ts";

/** Longer than any name of a program; bounds the work on names that overlap. */
const LONGEST_NAME = 1024;

const MOST_OVERLAP = 8;

/** BTF's string section. A split BTF's continues its base's. */
export class BtfStrings {
  readonly length: number;
  private readonly bytes: Uint8Array;
  private readonly fail: (what: string) => BpfError;
  private readonly base: BtfStrings | undefined;
  private readonly known = new Map<number, string>();
  private decoded = 0;

  constructor(
    bytes: Uint8Array,
    options: { readonly fail: (what: string) => BpfError; readonly base?: BtfStrings },
  ) {
    if (options.base === undefined) {
      if (bytes.length === 0 || bytes[0] !== 0)
        throw options.fail("its strings do not begin with an empty one");
    }
    if (bytes.length > 0 && bytes[bytes.length - 1] !== 0) throw options.fail("its last string has no end");
    this.bytes = bytes;
    this.fail = options.fail;
    this.base = options.base;
    this.length = bytes.length + (options.base?.length ?? 0);
  }

  /** The string that begins at `offset`. Only printable ASCII: what compilers write. */
  at(offset: number): string {
    if (offset === 0) return "";
    const known = this.known.get(offset);
    if (known !== undefined) return known;
    const before = this.base?.length ?? 0;
    if (this.base !== undefined && offset < before) return this.base.at(offset);
    const start = offset - before;
    if (start >= this.bytes.length) throw this.fail(`a name at ${offset} of ${this.length} bytes of strings`);
    const end = this.bytes.indexOf(0, start);
    const text = this.textBetween(start, end);
    this.known.set(offset, text);
    return text;
  }

  /** A line of source code, in which any character may stand; cut nowhere. */
  source(offset: number): string {
    if (offset === 0) return "";
    if (offset >= this.bytes.length)
      throw this.fail(`a source line at ${offset} of ${this.length} bytes of strings`);
    return lenient.decode(this.bytes.subarray(offset, this.bytes.indexOf(0, offset)));
  }

  private textBetween(start: number, end: number): string {
    if (end - start > LONGEST_NAME) throw this.fail(`a name of ${end - start} bytes`);
    // Names may share their ends, and no compiler lets them do so this often: a small section must not become large memory.
    this.decoded += end - start;
    if (this.decoded > MOST_OVERLAP * this.bytes.length) throw this.fail("its names overlap too often");
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at] ?? 0;
      if (byte < 0x20 || byte > 0x7e) throw this.fail(`a name with byte 0x${byte.toString(16)}`);
    }
    return lenient.decode(this.bytes.subarray(start, end));
  }
}

const lenient = new TextDecoder("utf-8");
