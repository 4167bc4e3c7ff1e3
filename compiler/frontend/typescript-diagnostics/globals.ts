/**
 * What browsers and Node.js call global and kernel files do not have, with what serves its purpose. An empty text: nothing does, it belongs
 * to user space.
 */
export const foreignGlobals: ReadonlyMap<string, string> = new Map([
  ...same(
    "return a value that says what went wrong",
    "Error TypeError RangeError SyntaxError AggregateError",
  ),
  ...same("`min`, `max` and `clamp` are in `tsbpf/stdlib`; integers have `/`, `%` and shifts", "Math"),
  ...same("`ktimeGetNs()` is the time since boot in nanoseconds", "Date performance Temporal Intl"),
  ...same(
    "declare a map at module level, such as `new HashMap<K, V>({ maxEntries })`",
    "Map Set WeakMap WeakSet WeakRef",
  ),
  ...same(
    "use `FixedArray<T, N>`",
    "Array ArrayBuffer SharedArrayBuffer DataView Buffer Uint8Array Uint8ClampedArray Uint16Array Uint32Array Int8Array Int16Array Int32Array BigInt64Array BigUint64Array Float32Array Float64Array",
  ),
  ...same(
    "convert with `u8(x)` … `u64(x)`, `i8(x)` … `i64(x)`",
    "Number BigInt Boolean parseInt isNaN isFinite",
  ),
  ...same("there is no floating point in the kernel: scale to integers", "parseFloat NaN Infinity"),
  ...same(
    "text is `Str<N>` and string literals; `console.log` formats in user space",
    "String TextEncoder TextDecoder encodeURIComponent decodeURIComponent escape unescape",
  ),
  ...same("`atomics` is in `tsbpf/stdlib`", "Atomics"),
  ...same("name the fields: a struct has those of its `interface`", "Object Reflect Proxy structuredClone"),
  ...same("compare bytes: `packet.header<T>(offset)` gives typed access to them", "RegExp"),
  ...same(
    "a program runs to its end on each event; let user space wait and call",
    "Promise PromiseLike setTimeout setInterval setImmediate clearTimeout clearInterval queueMicrotask requestAnimationFrame AbortController AbortSignal EventTarget Event",
  ),
  ...same(
    "import at the top of the file, from a relative path or `tsbpf/stdlib`",
    "require module exports __dirname __filename",
  ),
  ...same(
    "user space sets constants before it loads the program: `export const port = constant<u16>(80)`",
    "process",
  ),
  ...same(
    "",
    "JSON Function Symbol Iterator AsyncIterator FinalizationRegistry globalThis window self document navigator global fetch URL URLSearchParams Headers Request Response WebSocket Blob File crypto localStorage sessionStorage alert prompt eval atob btoa WebAssembly describe it test expect",
  ),
]);

function same(instead: string, names: string): [string, string][] {
  return names.split(" ").map((name) => [name, instead]);
}
