import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

export const notTaken = define("TSB1601", "reservation not taken with using", () => ({
  message: "this has to be given back, and nothing does",
  label: "taken without `using`",
  help: "write `using event = events.reserve();`: what is not submitted is discarded at the end of the scope",
}));

export const usedAfterSubmit = define(
  "TSB1602",
  "record used after it was given up",
  (name: string, how: "submitted" | "discarded", span: Span) => ({
    message: `\`${name}\` may have been ${how} before`,
    labels: [{ span, message: `${how} here` }],
    help: "read and write the record first; return after the submit if only one path does it",
  }),
);

export const misplacedUsing = define("TSB1603", "using in a place without a scope", () => ({
  message: "`using` belongs into a block",
  help: "write it as a statement of a function or block",
}));

export const notDisposable = define("TSB1604", "using on something else", () => ({
  message: "there is nothing to give back here",
  help: "write `const`",
}));

export const oneAtATime = define("TSB1605", "several variables in one using", () => ({
  message: "`using` takes one reservation",
  help: "write a `using` for each",
}));
