import { check, renderDiagnostics } from "../../compiler/index.ts";
import type { ScratchFolder } from "../lab/index.ts";
import type { Stage } from "../stage.ts";
import { copy, NAME, numbered, source, withoutGuard } from "./program.ts";

/** Shows a program, takes its null guard away in a copy, shows what the compiler says, and puts it back. */
export function guard(
  { narrator, assertions }: Pick<Stage, "narrator" | "assertions">,
  folder: ScratchFolder,
): void {
  const good = source();
  narrator.chapter(`A program: programs/demo/${NAME}`);
  narrator.quote(numbered(good));

  const path = copy(folder, good);
  const before = check(path, { cwd: folder.path });
  const [guardLine, bad] = [
    good.split("\n").findIndex((line) => line.includes("if (!seen)")),
    withoutGuard(good),
  ];
  copy(folder, bad);
  const broken = check(path, { cwd: folder.path });
  narrator.say(
    `\nThe same in a temporary copy without line ${guardLine + 1}, the null guard; tsbpf check says:`,
  );
  const [first] = broken.diagnostics;
  const shown = renderDiagnostics(first ? [first] : [], broken.sources, "text", {
    cwd: folder.path,
    color: false,
  });
  narrator.quote(shown === "" ? "(nothing)" : shown);
  const line = first?.span ? bad.slice(0, first.span.start).split("\n").length : undefined;
  assertions.claim(
    "without its null guard the program is refused, on the line that needs it",
    before.diagnostics.length === 0 && first?.severity === "error" && line === guardLine + 1,
    first && `${first.code} on line ${line}`,
  );

  copy(folder, good);
  const restored = check(path, { cwd: folder.path });
  narrator.say(
    `Restored: tsbpf check has ${restored.diagnostics.length === 0 ? "nothing" : "something"} to say.`,
  );
  assertions.claim("with the guard restored it passes", restored.diagnostics.length === 0);
}
