declare const programKind: unique symbol;

/** A program of one kind, as its constructor makes it. Export it: its name is the program's name in the kernel (cut at 15 characters). */
export interface Program<Kind extends string> {
  readonly [programKind]: Kind;
}
