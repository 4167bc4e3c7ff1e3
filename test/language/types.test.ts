// The types of the two worlds: kernel files under our declarations, and user space under the ordinary libraries with types from a kernel file.

import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));

function errors(project: string): string[] {
  const path = join(here, "types", project, "tsconfig.json");
  const config = ts.getParsedCommandLineOfConfigFile(
    path,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic(diagnostic) {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
      },
    },
  );
  if (config === undefined) throw new Error(`${path} cannot be read`);
  const program = ts.createProgram(config.fileNames, { ...config.options, skipLibCheck: false });
  // Where an arrow function returns the wrong type, tsc asks whether a Promise was meant, and then complains that there is none (TS2318).
  const reported = ts.getPreEmitDiagnostics(program).filter(({ code }) => code !== 2318);
  return reported.map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    const { file } = diagnostic;
    if (file === undefined || diagnostic.start === undefined) return text;
    return `${relative(here, file.fileName)}:${file.getLineAndCharacterOfPosition(diagnostic.start).line + 1}: ${text}`;
  });
}

describe("types", () => {
  test("a kernel module checks under the kernel's declarations", () => {
    expect(errors("kernel")).toEqual([]);
  });

  test("user space is typed from a kernel module", () => {
    expect(errors("user")).toEqual([]);
  });

  test("what the type checker must refuse in kernel files, it refuses", () => {
    expect(errors("refused")).toEqual([]);
  });
});
