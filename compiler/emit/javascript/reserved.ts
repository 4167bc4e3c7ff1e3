/** What the module is linked with: parameters of its function, so no name of the program may be one of them. */
export const linkage = [
  "allocate",
  "box",
  "build",
  "copyOf",
  "helpers",
  "log",
  "map",
  "quotient64",
  "remainder",
  "remainder64",
  "swap16",
  "swap32",
  "swap64",
  "variable",
] as const;

/** The words of JavaScript in modules, and the globals that printed code uses. */
export const reserved: ReadonlySet<string> = new Set([
  ...linkage,
  ...`arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super switch this throw
  true try typeof undefined var void while with yield BigInt Infinity Math NaN Number link`
    .trim()
    .split(/\s+/),
]);
