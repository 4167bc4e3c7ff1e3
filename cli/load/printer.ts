import { inspect } from "node:util";
import { visible } from "../../compiler/diagnostics/display-width.ts";
import type { LogRecord } from "../../runtime/index.ts";
import { toJson } from "../output/json.ts";
import type { Output } from "../output/stream.ts";
import type { Colours } from "../output/tty.ts";

export interface LoadedObject {
  readonly programs: readonly { readonly name: string; readonly id: number }[];
  readonly maps: readonly { readonly name: string; readonly id: number }[];
}

/** How `load` tells what happens. */
export interface Printer {
  loaded(object: LoadedObject): void;
  attached(program: string, target: string, link: number | undefined): void;
  log(record: LogRecord): void;
  record(map: string, value: unknown): void;
  detached(): void;
}

/** Texts come with the object: neither their control characters nor their line ends reach the terminal. */
function shown(text: string): string {
  return visible(text).replaceAll("\n", "\ufffd");
}

/** For people: what programs say on stdout, what the command does on stderr. */
export function textPrinter(output: Output, colours: Colours): Printer {
  const paint = { debug: colours.dim, info: colours.reset, warn: colours.yellow, error: colours.red };
  return {
    loaded({ programs, maps }) {
      const list = (items: LoadedObject["maps"]): string =>
        items.map(({ name, id }) => `${name} (id ${id})`).join(", ");
      output.progress(`loaded ${list(programs)}${maps.length === 0 ? "" : `; maps ${list(maps)}`}\n`);
    },
    attached(program, target) {
      output.progress(`attached ${program} to ${target}\n`);
    },
    log({ level, text, file, line }) {
      output.data(
        `${paint[level](level.padEnd(5))} ${shown(text)}  ${colours.dim(`${shown(file)}:${line}`)}\n`,
      );
    },
    record(map, value) {
      output.data(
        `${colours.cyan(map)} ${inspect(value, { breakLength: Infinity, depth: null, compact: true, colors: colours.isColorSupported })}\n`,
      );
    },
    detached() {
      output.progress("detached\n");
    },
  };
}

/** For programs: one document a line on stdout, as docs/cli.md says. */
export function jsonPrinter(output: Output): Printer {
  const line = (type: string, fields: object): void => output.data(`${toJson({ type, ...fields })}\n`);
  return {
    loaded: (object) => line("loaded", object),
    attached: (program, target, link) => line("attached", { program, target, link: link ?? null }),
    log: ({ level, text, file, line: at, column, cpu, timeNs }) =>
      line("log", { level, text, file, line: at, column, cpu, timeNs }),
    record: (map, value) => line("record", { map, value }),
    detached: () => line("detached", {}),
  };
}
