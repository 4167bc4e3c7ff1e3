import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CodeAction, TextDocumentEdit } from "vscode-languageserver/node";
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

const text = `import { tc, TcAction } from "tsbpf/stdlib";
export const pass = tc(() => {
  var four = 4;
  return four === 4 ? TcAction.OK : TcAction.SHOT;
});
`;
const cursor = { start: { line: 2, character: 5 }, end: { line: 2, character: 5 } };

function editsOf(action: CodeAction | undefined): TextDocumentEdit {
  return action?.edit?.documentChanges?.[0] as TextDocumentEdit;
}

describe("quick fixes", () => {
  test("a fix is offered at its diagnostic, and mends it", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("pass.bpf.ts");
    editor.open(uri, text);
    const { diagnostics } = await editor.next(uri);
    const actions = await editor.codeActions(uri, cursor);
    expect(actions).toEqual([
      {
        title: "replace `var` by `let`",
        kind: "quickfix",
        isPreferred: true,
        diagnostics,
        edit: {
          documentChanges: [
            {
              textDocument: { uri, version: 1 },
              edits: [
                {
                  range: { start: { line: 2, character: 2 }, end: { line: 2, character: 5 } },
                  newText: "let",
                },
              ],
            },
          ],
        },
      },
    ]);
    editor.edit(uri, editsOf(actions[0]).edits as []);
    expect(editor.text(uri)).toBe(text.replace("var", "let"));
    expect(await editor.next(uri)).toEqual({ uri, version: 2, diagnostics: [] });
    expect(await editor.codeActions(uri, cursor)).toEqual([]);
  });

  test("a fix fits the text as it is when it is asked for", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("pass.bpf.ts");
    editor.open(uri, text);
    await editor.next(uri);
    editor.replace(uri, "  var", "\n\n    var");
    const moved = { start: { line: 4, character: 4 }, end: { line: 4, character: 7 } };
    const [action] = await editor.codeActions(uri, moved);
    expect(editsOf(action)).toEqual({
      textDocument: { uri, version: 2 },
      edits: [{ range: moved, newText: "let" }],
    });
  });

  test("none is offered elsewhere, or to who asks for something else", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("pass.bpf.ts");
    editor.open(uri, text);
    await editor.next(uri);
    const elsewhere = { start: { line: 2, character: 6 }, end: { line: 3, character: 0 } };
    expect(await editor.codeActions(uri, elsewhere)).toEqual([]);
    expect(await editor.codeActions(uri, cursor, ["refactor"])).toEqual([]);
    expect(await editor.codeActions(uri, cursor, ["quickfix"])).toHaveLength(1);
    expect(await editor.codeActions(workspace.uri("other.bpf.ts"), cursor)).toEqual([]);
  });

  test("an editor that knows no versions is given plain edits", async () => {
    await editor.initialize(workspace.path, {});
    const uri = workspace.uri("pass.bpf.ts");
    editor.open(uri, text);
    await editor.next(uri);
    const [action] = await editor.codeActions(uri, cursor);
    expect(action?.edit).toEqual({ changes: { [uri]: [expect.objectContaining({ newText: "let" })] } });
  });
});
