// C11's keywords, those of GNU C that clang knows without a header, and the typedefs that every unit has.
const reserved: ReadonlySet<string> = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short
  signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary
  _Noreturn _Static_assert _Thread_local asm typeof alignas alignof bool constexpr false nullptr static_assert thread_local true linux unix
  u8 u16 u32 u64 i8 i16 i32 i64 main`
    .trim()
    .split(/\s+/),
);

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

  /** `wanted` where it is free, else with a number. */
  take(wanted: string): string {
    const base = spell(wanted);
    let name = base;
    for (let n = 2; this.#has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }

  untake(name: string): void {
    this.#taken.delete(name);
  }

  #has(name: string): boolean {
    if (this.#reserved.has(name) || this.#taken.has(name)) return true;
    return this.#outer === undefined ? false : this.#outer.#has(name);
  }
}

/** What the kernel accepts as a name in BTF (`btf_name_valid_identifier`): no `$`, nothing beyond ASCII. */
function spell(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/gu, "_");
  return /^[0-9]/.test(plain) || plain === "" ? `_${plain}` : plain;
}
