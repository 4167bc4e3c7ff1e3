import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { main } from "../cli/support/run.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";
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

const wrong = `import { tc, TcAction } from "tsbpf/stdlib";
export const pass = tc(() => {
  var four = 4;
  return four === 4 ? TcAction.OK : TcAction.SHOT;
});
`;

describe("the end", () => {
  test("shutdown is answered, and exit ends the process with 0", async () => {
    await editor.initialize(workspace.path);
    editor.open(workspace.uri("pass.bpf.ts"), wrong);
    expect((await editor.request("shutdown")).result).toBeNull();
    editor.notify("exit");
    expect(await editor.ended()).toBe(0);
  });

  test("exit without shutdown ends it with 1", async () => {
    await editor.initialize(workspace.path);
    editor.notify("exit");
    expect(await editor.ended()).toBe(1);
  });

  test("it ends when its input does", async () => {
    await editor.initialize(workspace.path);
    editor.process.stdin?.end();
    expect(await editor.ended()).toBe(1);
  });

  test("it ends when the editor's process has died, though the pipes are open", async () => {
    const client = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
    await editor.initialize(workspace.path, {}, client.pid);
    client.kill("SIGKILL");
    await once(client, "exit");
    expect(await editor.ended()).toBe(1);
  });
});

describe("input that no editor sends", () => {
  /** After these bytes, which arrive together with what comes next. */
  const stillWorks = async (bytes: string | Uint8Array = "") => {
    const uri = workspace.uri("pass.bpf.ts");
    editor.process.stdin?.cork();
    editor.write(bytes);
    editor.open(uri, wrong);
    editor.process.stdin?.uncork();
    await editor.shows(uri, ["TSB1108"]);
    expect(editor.process.exitCode).toBeNull();
  };

  for (const [name, bytes] of Object.entries({
    "a header without a colon": "hello there\r\n\r\n",
    "a header of no length": "Content-Type: text/plain\r\n\r\n",
    "a length that is no number": "Content-Length: many\r\n\r\n",
    "a body that is not JSON": "Content-Length: 5\r\n\r\n{nope",
    "an empty body": "Content-Length: 0\r\n\r\n",
    "a body that is no message": "Content-Length: 2\r\n\r\n42",
    "a body that is null": "Content-Length: 4\r\n\r\nnull",
    "a body that is not UTF-8": Buffer.concat([
      Buffer.from("Content-Length: 3\r\n\r\n"),
      Buffer.from([0xff, 0xfe, 0x80]),
    ]),
    "an answer to no question": 'Content-Length: 38\r\n\r\n{"jsonrpc":"2.0","id":77,"result":{}}\n',
  })) {
    test(name, async () => {
      await editor.initialize(workspace.path);
      await stillWorks(bytes);
    });
  }

  test("messages whose parameters are not what they should be", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("strange.bpf.ts");
    for (const method of ["didOpen", "didChange", "didSave", "didClose"]) {
      for (const params of [
        undefined,
        null,
        7,
        [],
        {},
        { textDocument: null },
        { textDocument: { uri: 7 } },
      ]) {
        editor.notify(`textDocument/${method}`, params);
      }
    }
    editor.notify("textDocument/didOpen", { textDocument: { uri, languageId: "x", version: 1, text: 42 } });
    editor.notify("textDocument/didOpen", {
      textDocument: { uri, languageId: "x", version: "y", text: wrong },
    });
    const range = { start: { line: -1, character: 1e300 }, end: { line: "a", character: null } };
    editor.notify("textDocument/didChange", {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range, text: "x" }],
    });
    editor.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: "%" }, {}, null] });
    editor.notify("no/such/notification", {});
    expect((await editor.request("no/such/request", {})).error?.code).toBe(-32601);
    expect((await editor.request("textDocument/codeAction", null)).error).toBeDefined();
    await stillWorks();
  });

  test("documents that are no files of this machine are left alone", async () => {
    await editor.initialize(workspace.path);
    for (const uri of ["untitled:Untitled-1", "git:/x.bpf.ts", "file://other/x.bpf.ts", "", "x.bpf.ts"]) {
      editor.open(uri, wrong);
      editor.close(uri);
    }
    for (const uri of ["file:///no/such/folder/x.bpf.ts", "file:///a%00b.bpf.ts"]) {
      editor.open(uri, wrong);
      await editor.shows(uri, ["TSB1108"]);
    }
    await stillWorks();
  });

  test("sources that are no programs", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("odd.bpf.ts");
    editor.open(uri, "\ud800 \0 \u202e");
    expect((await editor.next(uri)).diagnostics).not.toEqual([]);
    editor.edit(uri, [{ range: everything, newText: "(".repeat(50_000) }]);
    expect((await editor.next(uri)).diagnostics).not.toEqual([]);
    await stillWorks();
  });

  const everything = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };
});

test("no other command loads the protocol's library", () => {
  const listing = `process.on("exit", () => {
    const loaded = Object.keys(require.cache).filter((file) => /vscode-/.test(file));
    require("node:fs").writeSync(2, String(loaded.length));
  });`;
  workspace.write("listing.cjs", listing);
  const loaded = (args: readonly string[]): string =>
    spawnSync(process.execPath, ["-r", workspace.file("listing.cjs"), main, ...args], {
      encoding: "utf8",
      input: "",
      cwd: packageRoot,
    }).stderr;
  expect(loaded(["check", join("programs", "examples", "drop-port.bpf.ts")])).toBe("0");
  expect(loaded(["--help"])).toBe("0");
  expect(loaded(["lsp"])).toMatch(/^[1-9]\d*$/);
});
