import { define } from "./define.ts";

// What was compiled and where it goes.

export const outputNotWritten = define(
  "TSB1051",
  "output cannot be written",
  (path: string, reason: string) => ({
    message: `\`${path}\` cannot be written: ${reason}`,
    help: "name another place with `-o`; an existing file there was left as it was",
  }),
);
