import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

export const loopBound = define(
  "TSB1410",
  "loop without a provable bound",
  (kind: "for" | "while" | "do") => ({
    message: "the compiler cannot show how often this loop runs at most",
    label:
      kind === "for"
        ? "compare the loop's variable with something bounded, and change it by a constant in every iteration"
        : "test a variable that a statement of the body changes by a constant",
    help: "use `for (const i of range(n, { max: 64 }))` and leave it with `break`",
  }),
);

export const loopVariable = define("TSB1411", "for…of loop without one variable", () => ({
  message: "a `for…of` loop declares one variable",
  help: "write `for (const x of …)`",
}));

export const rangeBound = define("TSB1413", "range without a bound", () => ({
  message: "this range may be of any length",
  help: "say how often it runs at most: `range(n, { max: 64 })`",
}));

export const rangeMax = define("TSB1414", "max of a range is not a constant", (most: bigint) => ({
  message: "`max` is a constant from 1 on",
  help: `it may be up to ${most}`,
}));

export const rangeOptions = define("TSB1415", "range takes other arguments", () => ({
  message: "`range` takes an end, or a start and an end, and the option `max`",
  help: "write `range(n, { max: 64 })`",
}));

export const rangeLimit = define("TSB1416", "value cannot limit a range", (type: string) => ({
  message: `\`${type}\` cannot limit a range`,
  help: "a range counts in `u32`: convert with `u32(x)`",
}));

export const rangeTooLong = define("TSB1417", "range is too long", (most: bigint) => ({
  message: "this range is too long",
  help: `a loop in the kernel runs at most ${most} times`,
}));

export const switchSubject = define("TSB1418", "switch over something else", (what: string) => ({
  message: `\`switch\` cannot decide on ${what}`,
  help: "switch on an integer or an enum; use `if` for the rest",
}));

export const caseNotConstant = define("TSB1419", "case is not constant", () => ({
  message: "a `case` is an integer that the compiler can compute",
  help: "use `if` and `else if`",
}));

export const duplicateCase = define("TSB1420", "case twice", (text: string, first: Span) => ({
  message: `\`${text}\` was a case before`,
  labels: [{ span: first, message: "first here" }],
  help: "remove one of them",
}));

export const jumpWithoutTarget = define("TSB1421", "jump without a target", (keyword: string) => ({
  message: `there is nothing to \`${keyword}\``,
  help: "`break` and `continue` belong into loops, `break` into `switch` too",
}));
