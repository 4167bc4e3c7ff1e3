import { define } from "./define.ts";

export const fileNotFound = define("TSB1001", "file not found", (path: string) => ({
  message: `\`${path}\` does not exist`,
  help: "check the spelling; a path is relative to the working directory, an import to the file that holds it",
}));

export const notAFile = define("TSB1002", "not a regular file", (path: string, kind: string) => ({
  message: `\`${path}\` is ${kind}, not a source file`,
  help: "name a `*.bpf.ts` file",
}));

export const unreadableFile = define("TSB1003", "file cannot be read", (path: string, reason: string) => ({
  message: `\`${path}\` cannot be read: ${reason}`,
  help: "the compiler needs permission to read the file and to enter the folders above it",
}));

export const notBpfSource = define("TSB1004", "entry file is not named *.bpf.ts", (path: string) => ({
  message: `\`${path}\` is not named \`*.bpf.ts\``,
  help: "name the entry file `*.bpf.ts`: the ending tells editors and projects which world a file belongs to",
}));

export const wrongEncoding = define(
  "TSB1005",
  "file is not UTF-8",
  (path: string, encoding: string | undefined, offset?: number) => ({
    message:
      encoding === undefined
        ? `\`${path}\` is not UTF-8: byte ${offset} belongs to no character`
        : `\`${path}\` is ${encoding}, not UTF-8`,
    help: `save it as UTF-8 in the editor, or convert it: \`iconv -f ${encoding ?? "LATIN1"} -t UTF-8\``,
  }),
);

export const binaryFile = define("TSB1006", "file is binary", (path: string, offset: number) => ({
  message: `\`${path}\` is not text: byte ${offset} is zero`,
  help: "name the `*.bpf.ts` source, not an object or an archive",
}));

export const fileTooLarge = define(
  "TSB1007",
  "file is too large",
  (path: string, bytes: number, limit: number) => ({
    message: `\`${path}\` has ${bytes} bytes, the limit is ${limit}`,
    help: "split it into files that import each other",
  }),
);

export const nestedTooDeeply = define("TSB1008", "source is nested too deeply", (levels?: number) => ({
  message:
    levels === undefined
      ? "the source is nested too deeply to be compiled"
      : `the source is nested more than ${levels} levels deep`,
  label: "the deepest place starts here",
  help: "move inner parts to functions or constants of their own",
}));

export const notTypeScript = define("TSB1009", "file is not TypeScript", (path: string, first: string) => ({
  message: `\`${path}\` does not read as TypeScript`,
  label: "the first place that is not",
  notes: [`TypeScript reports ${first}`],
  help: "kernel-side source is TypeScript, whatever its name; other languages are compiled by their own compilers",
}));
