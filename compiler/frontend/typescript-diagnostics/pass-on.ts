import type { Diagnostic, Label } from "../../diagnostics/diagnostic.ts";
import { isLibrary } from "../source-graph.ts";
import { ts } from "../typescript.ts";
import { withoutImportPaths } from "./nodes.ts";

/** An error that is TypeScript's business: its number and its words, in the form of the others. */
export function passOn(error: ts.Diagnostic): Diagnostic {
  const lines = ts.flattenDiagnosticMessageText(error.messageText, "\n").split("\n");
  const { message, help } = splitAdvice(lines[0] ?? "");
  const span = spanOfError(error);
  const labels: Label[] = [];
  const notes = lines.slice(1).filter(isAboutTheProgram).map(inOurForm);
  for (const related of error.relatedInformation ?? []) {
    const at = spanOfError(related);
    const text = inOurForm(ts.flattenDiagnosticMessageText(related.messageText, " "));
    // A place in a declaration file is of no use to who cannot change it.
    if (at === undefined || isLibrary(at.file)) notes.push(text);
    else labels.push({ span: at, message: text });
  }
  return {
    code: `TS${error.code}`,
    severity: "error",
    message: inOurForm(message),
    ...(span === undefined ? {} : { span }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(help === undefined ? {} : { help }),
  };
}

function spanOfError({ file, start, length }: ts.DiagnosticRelatedInformation) {
  if (file === undefined || start === undefined) return undefined;
  return { file: file.fileName, start, end: start + (length ?? 0) };
}

/** "Did you mean …" is help. Advice on libraries and `@types` is for another world. */
function splitAdvice(text: string): { message: string; help?: string } {
  const advice = /^(.*?[.?]) (Did you mean .*|Do you need to .*|Try .*|Consider .*)$/.exec(text);
  if (advice === null) return { message: text };
  const [, message = text, help = ""] = advice;
  return /^Did you mean/.test(help) ? { message, help: inOurForm(help) } : { message };
}

/** How `u16` is made of flavours explains nothing to who uses it. */
function isAboutTheProgram(line: string): boolean {
  return !/Flavour<|Brand<|\[flavour\]|"[ui]\d+"|"be\d+"/.test(line);
}

function inOurForm(text: string): string {
  const plain = withoutImportPaths(text.trim())
    .replace(/\.$/, "")
    .replace(/'([^']*)'/g, "`$1`");
  return /^[A-Z][a-z]/.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}
