import { displayPath } from "../diagnostics/display-path.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { IrModule } from "../ir/module.ts";
import { printUnit } from "./c/printer.ts";
import type { SourceMap } from "./c/source-map.ts";
import { UnitEmitter } from "./unit.ts";

export { printIr } from "../ir/print.ts";
export { SourceMap } from "./c/source-map.ts";

export interface EmitOptions {
  /** File names are written relative to it. */
  readonly cwd?: string;
  /** Say by `#line` which lines of the source the text came from, for readers. */
  readonly lineDirectives?: boolean;
}

export interface EmittedC {
  readonly text: string;
  /** Where each stretch of the text came from. */
  readonly map: SourceMap;
  /** Programs, maps and globals whose names C does not allow: the source's names by those in the text. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** The module, lowered by `runPasses`, as C for clang, and where each stretch of it came from. */
export function emitC(module: IrModule, options: EmitOptions = {}): EmittedC {
  const emitter = new UnitEmitter(module);
  const unit = emitter.emit();
  const { renamed } = emitter;
  if (options.lineDirectives !== true) return { ...printUnit(unit), renamed };
  const texts = new Map([...module.sources].map(([file, text]) => [file, new SourceText(text)]));
  const cwd = options.cwd ?? process.cwd();
  const printed = printUnit(unit, {
    locate: (span) => {
      const text = texts.get(span.file);
      return text === undefined
        ? undefined
        : { file: displayPath(span.file, cwd), line: text.positionAt(span.start).line };
    },
  });
  return { ...printed, renamed };
}
