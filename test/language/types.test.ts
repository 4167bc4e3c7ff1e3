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
  // The project's files and our declarations: checking all of TypeScript's libraries and of the runtime as well takes many times as long.
  const checked = program
    .getSourceFiles()
    .filter(
      ({ fileName }) =>
        fileName.startsWith(join(here, "types")) || fileName.startsWith(join(here, "../../stdlib")),
    );
  expect(checked.length).toBeGreaterThan(15);
  return (
    checked
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      // Where an arrow function returns the wrong type, tsc asks whether a Promise was meant, and then complains that there is none.
      .filter(({ code }) => code !== 2318)
      .map(({ file, start, messageText }) => {
        const text = ts.flattenDiagnosticMessageText(messageText, "\n");
        if (file === undefined || start === undefined) return text;
        return `${relative(here, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
      })
  );
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
