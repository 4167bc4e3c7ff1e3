// Writes BTF by hand, so that tests can say what no compiler would.

const encoder = new TextEncoder();

/** Collects types and strings; the first type that is added has id 1. */
export class BtfBuilder {
  private readonly words: number[] = [];
  private readonly text: number[] = [0];
  private count = 0;
  littleEndian = true;

  string(value: string): number {
    if (value === "") return 0;
    const at = this.text.length;
    this.text.push(...encoder.encode(value), 0);
    return at;
  }

  /** A type as its header says, with the words that follow it. */
  raw(name: string, info: number, sizeOrType: number, ...more: number[]): number {
    this.words.push(this.string(name), info, sizeOrType, ...more);
    return ++this.count;
  }

  type(kind: number, name: string, vlen: number, sizeOrType: number, ...more: number[]): number {
    return this.raw(name, ((kind << 24) | vlen) >>> 0, sizeOrType, ...more);
  }

  /** A type without entries whose name is at an offset of the strings, whatever is there. */
  typeNamedAt(kind: number, offset: number, sizeOrType: number): number {
    this.words.push(offset, kind << 24, sizeOrType);
    return ++this.count;
  }

  int(name: string, size: number, options: { signed?: boolean; bool?: boolean; bits?: number } = {}): number {
    const encoding = (options.signed ? 1 : 0) | (options.bool ? 4 : 0);
    return this.type(1, name, 0, size, (encoding << 24) | (options.bits ?? size * 8));
  }

  pointer(to: number): number {
    return this.type(2, "", 0, to);
  }

  array(element: number, length: number): number {
    return this.type(3, "", 0, 0, element, 0, length);
  }

  composite(
    kind: "struct" | "union",
    name: string,
    size: number,
    members: readonly (readonly [string, number, number])[],
  ): number {
    const more = members.flatMap(([member, type, bitOffset]) => [this.string(member), type, bitOffset]);
    return this.type(kind === "struct" ? 4 : 5, name, members.length, size, ...more);
  }

  struct(name: string, size: number, members: readonly (readonly [string, number, number])[]): number {
    return this.composite("struct", name, size, members);
  }

  union(name: string, size: number, members: readonly (readonly [string, number, number])[]): number {
    return this.composite("union", name, size, members);
  }

  typedef(name: string, type: number): number {
    return this.type(8, name, 0, type);
  }

  /** The id that the next type will have. */
  get next(): number {
    return this.count + 1;
  }

  bytes(): Uint8Array {
    const types = this.words.length * 4;
    const bytes = new Uint8Array(24 + types + this.text.length);
    const view = new DataView(bytes.buffer);
    const le = this.littleEndian;
    view.setUint16(0, 0xeb9f, le);
    view.setUint8(2, 1);
    for (const [index, value] of [24, 0, types, types, this.text.length].entries())
      view.setUint32(4 + index * 4, value, le);
    for (const [index, word] of this.words.entries()) view.setUint32(24 + index * 4, word >>> 0, le);
    bytes.set(this.text, 24 + types);
    return bytes;
  }
}
