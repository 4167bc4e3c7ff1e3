import { define } from "./define.ts";

export const fileNotFound = define("TSB1001", "file not found", (path: string) => ({
  message: `\`${path}\` does not exist`,
  help: "check the path; it is relative to the working directory",
}));

export const notAFile = define("TSB1002", "not a regular file", (path: string, what: string) => ({
  message: `\`${path}\` is ${what}, not a file`,
  help: "name a `*.bpf.ts` file",
}));

export const unreadableFile = define("TSB1003", "file cannot be read", (path: string, reason: string) => ({
  message: `\`${path}\` cannot be read: ${reason}`,
}));

export const notBpfSource = define("TSB1004", "entry file is not named *.bpf.ts", (path: string) => ({
  message: `\`${path}\` is not named \`*.bpf.ts\``,
  help: "rename it: kernel-side source ends in `.bpf.ts`, so that editors and the user-space project tell the two worlds apart",
}));

export const wrongEncoding = define(
  "TSB1005",
  "file is not UTF-8",
  (path: string, encoding: string, offset?: number) => ({
    message: `\`${path}\` is ${encoding}${offset === undefined ? "" : ` (at byte ${offset})`}`,
    help: "save the file as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`",
  }),
);
