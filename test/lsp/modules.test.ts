import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { Editor } from "./support/editor.ts";
import { Workspace } from "./support/workspace.ts";

beforeAll(ensureDist);

let workspace: Workspace;
let editor: Editor;
beforeEach(() => {
  workspace = new Workspace();
  editor = new Editor();
});
afterEach(async () => {
  await editor[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const entry = `import { tc } from "tsbpf/stdlib";
import { verdict } from "./verdict.bpf.ts";
export const pass = tc(() => verdict());
`;
const verdict = `import { TcAction } from "tsbpf/stdlib";
export function verdict(): TcAction {
  return TcAction.OK;
}
`;

describe("modules", () => {
  test("a file without a program is checked, and not told to have one", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.write("verdict.bpf.ts", verdict);
    editor.open(uri, verdict);
    expect((await editor.next(uri)).diagnostics).toEqual([]);
    editor.replace(uri, "  return", "  var x = 1;\n  return");
    await editor.shows(uri, ["TSB1108"]);
  });

  test("a change that is not saved reaches the files that import it; closing takes it back", async () => {
    await editor.initialize(workspace.path);
    const main = workspace.write("main.bpf.ts", entry);
    const module = workspace.write("verdict.bpf.ts", verdict);
    editor.open(main, entry);
    await editor.shows(main, []);
    editor.open(module, verdict);
    await editor.shows(module, []);
    editor.replace(module, "verdict()", "ruling()");
    await editor.shows(main, ["TS2305"]);
    editor.replace(module, "ruling()", "verdict()");
    await editor.shows(main, []);
    editor.replace(module, "verdict()", "ruling()");
    await editor.shows(main, ["TS2305"]);
    editor.close(module);
    await editor.shows(main, []);
  });

  test("a mistake in an imported file is shown there, once, and as long as anything open reads it", async () => {
    await editor.initialize(workspace.path);
    const main = workspace.write("main.bpf.ts", entry);
    const wrong = verdict.replace("  return", "  var x = 1;\n  return");
    const module = workspace.write("verdict.bpf.ts", wrong);
    editor.open(main, entry);
    await editor.shows(main, []);
    expect((await editor.next(module)).diagnostics).toMatchObject([
      { code: "TSB1108", range: { start: { line: 2, character: 2 } } },
    ]);
    editor.open(module, wrong);
    expect((await editor.next(module)).diagnostics).toHaveLength(1);
    editor.close(module);
    expect((await editor.next(module)).diagnostics).toHaveLength(1);
    editor.close(main);
    await editor.shows(module, []);
  });

  test("files that are not open are read again when the editor says that they changed", async () => {
    await editor.initialize(workspace.path);
    const main = workspace.write("main.bpf.ts", entry);
    editor.open(main, entry);
    await editor.shows(main, ["TSB1023"]);
    expect(editor.heard).toContainEqual(expect.objectContaining({ method: "client/registerCapability" }));

    const module = workspace.write("verdict.bpf.ts", verdict);
    editor.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: module, type: 1 }] });
    await editor.shows(main, []);
    workspace.write("verdict.bpf.ts", verdict.replace("verdict()", "ruling()"));
    editor.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: module, type: 2 }] });
    await editor.shows(main, ["TS2305"]);
    workspace.remove("verdict.bpf.ts");
    editor.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: module, type: 3 }] });
    await editor.shows(main, ["TSB1023"]);
  });

  test("saving reads again what is on the disk, for editors that watch no files", async () => {
    await editor.initialize(workspace.path, {});
    const main = workspace.write("main.bpf.ts", entry);
    editor.open(main, entry);
    await editor.shows(main, ["TSB1023"]);
    workspace.write("verdict.bpf.ts", verdict);
    editor.save(main);
    await editor.shows(main, []);
    expect(editor.heard).toEqual([]);
  });

  test("an imported file that is new and nowhere but in the editor is found", async () => {
    await editor.initialize(workspace.path);
    const [main, module] = [workspace.uri("main.bpf.ts"), workspace.uri("verdict.bpf.ts")];
    editor.open(main, entry);
    await editor.shows(main, ["TSB1023"]);
    editor.open(module, verdict);
    await editor.shows(main, []);
  });

  test("user space's files are checked only as far as a program imports them", async () => {
    await editor.initialize(workspace.path);
    const shared = workspace.uri("shared.ts");
    editor.open(shared, "export const port = 80;\n");
    const main = workspace.uri("main.bpf.ts");
    editor.open(
      main,
      `import { tc, TcAction } from "tsbpf/stdlib";
import { port } from "./shared.ts";
export const pass = tc(() => (port === 80 ? TcAction.OK : TcAction.SHOT));
`,
    );
    await editor.shows(main, []);
    editor.replace(shared, "80", "Number(80)");
    expect(await editor.next(shared)).toMatchObject({ version: 2, diagnostics: [{ source: "tsbpf" }] });
  });
});
