import { define } from "./define.ts";

// Which program goes where, as the command line asks for it.

export const noAttachPoint = define(
  "TSB4070",
  "program has no attach point",
  (program: string, kind: string, example: string) => ({
    message: `program \`${program}\` (${kind}) has no attach point`,
    help: `say where with \`--attach ${program}=${example}\`, or load it without attaching with \`--no-attach\``,
  }),
);

export const wrongAttachKind = define(
  "TSB4071",
  "program does not attach to this kind of target",
  (program: string, kind: string, target: string, example: string) => ({
    message: `program \`${program}\` (${kind}) does not attach to \`${target}\``,
    help: `attach it with \`--attach ${program}=${example}\``,
  }),
);
