// The global declarations of kernel files, in place of TypeScript's libraries. Reached only through `types: ["tsbpf/kernel"]` of
// `tsconfig.bpf.json`, never by import, so that user-space code never sees them. What is not here does not exist in the kernel: `Promise`,
// `Date`, `JSON`, `Math`, timers, regular expressions …

type Object = {};
type Boolean = {};
type Number = {};
type BigInt = {};
type RegExp = {};
type IArguments = {};
type Symbol = {};
/** Empty, it would make every value callable, as `any`. */
interface Function {
  readonly " callable": never;
}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface String {
  readonly length: number;
}

interface SymbolConstructor {
  readonly iterator: unique symbol;
  readonly dispose: unique symbol;
}
declare var Symbol: SymbolConstructor;

interface Array<T> {
  readonly length: number;
  [index: number]: T;
  [Symbol.iterator](): ArrayIterator<T>;
}
interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  [Symbol.iterator](): ArrayIterator<T>;
}
interface TemplateStringsArray extends ReadonlyArray<string> {}

interface IteratorYieldResult<T> {
  done?: false;
  value: T;
}
interface IteratorReturnResult<R> {
  done: true;
  value: R;
}
type IteratorResult<T, R = any> = IteratorYieldResult<T> | IteratorReturnResult<R>;
interface Iterator<T, R = any, N = any> {
  next(...value: [] | [N]): IteratorResult<T, R>;
}
interface Iterable<T, R = any, N = any> {
  [Symbol.iterator](): Iterator<T, R, N>;
}
interface IterableIterator<T, R = any, N = any> extends Iterator<T, R, N> {
  [Symbol.iterator](): IterableIterator<T, R, N>;
}
interface IteratorObject<T, R = unknown, N = unknown> extends Iterator<T, R, N> {
  [Symbol.iterator](): IteratorObject<T, R, N>;
}
interface ArrayIterator<T> extends IteratorObject<T, undefined, unknown> {
  [Symbol.iterator](): ArrayIterator<T>;
}
type BuiltinIteratorReturn = undefined;

interface Disposable {
  [Symbol.dispose](): void;
}

type Readonly<T> = { readonly [K in keyof T]: T[K] };
type Partial<T> = { [K in keyof T]?: T[K] };
type Required<T> = { [K in keyof T]-?: T[K] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Omit<T, K extends string | number | symbol> = { [P in keyof T as P extends K ? never : P]: T[P] };
type Record<K extends string | number | symbol, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type NonNullable<T> = T & {};
type ReturnType<T> = T extends (...parameters: any) => infer R ? R : never;
type Parameters<T> = T extends (...parameters: infer P) => any ? P : never;

/** What a record can carry; enums and network-order numbers are shown as what they are. */
type Loggable = string | number | bigint | boolean;

/** Structured records over a ring buffer, formatted in user space with their source line. What is below the chosen level costs nothing. */
interface Console {
  debug(...values: readonly Loggable[]): void;
  log(...values: readonly Loggable[]): void;
  info(...values: readonly Loggable[]): void;
  warn(...values: readonly Loggable[]): void;
  error(...values: readonly Loggable[]): void;
}
declare var console: Console;
