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

/** The module, lowered by `runPasses`, as C for clang, and where each stretch of it came from. */
export function emitC(module: IrModule, options: EmitOptions = {}): { text: string; map: SourceMap } {
  const unit = new UnitEmitter(module).emit();
  if (options.lineDirectives !== true) return printUnit(unit);
  const texts = new Map([...module.sources].map(([file, text]) => [file, new SourceText(text)]));
  const cwd = options.cwd ?? process.cwd();
  return printUnit(unit, {
    locate: (span) => {
      const text = texts.get(span.file);
      return text === undefined
        ? undefined
        : { file: displayPath(span.file, cwd), line: text.positionAt(span.start).line };
    },
  });
}
