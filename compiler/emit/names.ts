// C11's keywords, those of GNU C that clang knows without a header, and the typedefs that every unit has.
const reserved: ReadonlySet<string> = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short
  signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary
  _Noreturn _Static_assert _Thread_local asm typeof alignas alignof bool constexpr false nullptr static_assert thread_local true linux unix
  u8 u16 u32 u64 i8 i16 i32 i64 main license`
    .trim()
    .split(/\s+/),
);

/** C leaves these names to the compiler (C11 7.1.3), and clang makes keywords, macros and functions of many; padding is our own. */
const implementation = /^(__(?!pad\d)|_[A-Z])/;

/** clang takes it in names, and `spell` lets no name of the source have it. */
const mark = "$";

/** Names of one block; a name is taken once in it and in the blocks around it, so nothing shadows. */
export class NameScope {
  readonly #taken = new Set<string>();
  readonly #outer: NameScope | undefined;
  readonly #reserved: ReadonlySet<string>;

  /** `words` are the language's own, C's unless others are given; an inner scope has the outer one's. */
  constructor(outer?: NameScope, words: ReadonlySet<string> = reserved) {
    this.#outer = outer;
    this.#reserved = outer === undefined ? words : outer.#reserved;
  }

  /** `wanted` where it is free, else with a number; a word of the language gets the mark that `withoutMark` takes away. */
  take(wanted: string): string {
    const spelled = spell(wanted);
    const base = this.#isReserved(spelled) ? `${spelled}${mark}` : spelled;
    let name = base;
    for (let n = 2; this.#has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }

  untake(name: string): void {
    this.#taken.delete(name);
  }

  #isReserved(name: string): boolean {
    return this.#reserved.has(name) || implementation.test(name);
  }

  #has(name: string): boolean {
    if (this.#taken.has(name)) return true;
    return this.#outer === undefined ? false : this.#outer.#has(name);
  }
}

/** The name as the source has it, for BTF. */
export function withoutMark(name: string): string {
  return name.replaceAll(mark, "");
}

/** What the kernel accepts as a name in BTF (`btf_name_valid_identifier`): no `$`, nothing beyond ASCII. */
function spell(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/gu, "_");
  return /^[0-9]/.test(plain) || plain === "" ? `_${plain}` : plain;
}
