import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
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

const page = (code: string) => pathToFileURL(join(packageRoot, "docs", "diagnostics", `${code}.md`)).href;

const good = `import { tc, TcAction } from "tsbpf/stdlib";
export const pass = tc(() => {
  const four = 4;
  return four === 4 ? TcAction.OK : TcAction.SHOT;
});
`;

describe("a document", () => {
  test("says of itself what it is able to do", async () => {
    expect(await editor.initialize(workspace.path)).toMatchObject({
      capabilities: {
        positionEncoding: "utf-16",
        textDocumentSync: { openClose: true, change: 2, save: true },
        codeActionProvider: { codeActionKinds: ["quickfix"] },
      },
      serverInfo: { name: "tsbpf" },
    });
  });

  test("is checked when opened, with everything that is known about a mistake", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("seen.bpf.ts");
    editor.open(
      uri,
      `import { HashMap, tc, TcAction, type u32, type u64 } from "tsbpf/stdlib";
export const seen = new HashMap<u32, u64>({ maxEntries: 8 });
export const count = tc((packet) => {
\t/* 漢字 😀 */ seen.ref(packet.ifindex).value += 1n;
\treturn TcAction.OK;
});
`,
    );
    expect(await editor.next(uri)).toEqual({
      uri,
      version: 1,
      diagnostics: [
        {
          range: { start: { line: 3, character: 13 }, end: { line: 3, character: 37 } },
          severity: 1,
          code: "TSB1204",
          codeDescription: { href: page("TSB1204") },
          source: "tsbpf",
          message: [
            "`seen.ref(packet.ifindex)` may be undefined here",
            "`seen.ref` returns `Ref<u64> | undefined`",
            "note: TypeScript reports this as TS2532",
            "help: name it and guard the name: `const found = seen.ref(packet.ifindex); if (!found) return TcAction.OK;`",
          ].join("\n"),
        },
      ],
    });
  });

  test("loses its mistake when it is corrected, saved or not, and what is shown when it is closed", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.write("pass.bpf.ts", good);
    editor.open(uri, good);
    expect(await editor.next(uri)).toEqual({ uri, version: 1, diagnostics: [] });
    editor.replace(uri, "const four", "var four");
    expect(await editor.next(uri)).toMatchObject({ version: 2, diagnostics: [{ code: "TSB1108" }] });
    editor.replace(uri, "var four", "let four");
    expect(await editor.next(uri)).toEqual({ uri, version: 3, diagnostics: [] });
    editor.replace(uri, "===", "==");
    expect(await editor.next(uri)).toMatchObject({ version: 4, diagnostics: [{ severity: 1 }] });
    editor.close(uri);
    expect(await editor.next(uri)).toEqual({ uri, diagnostics: [] });
  });

  test("has other places as related information, or in the message where the editor knows none", async () => {
    const text = `import { tc, TcAction } from "tsbpf/stdlib";
export const countingPackets1 = tc(() => TcAction.OK);
export const countingPackets2 = tc(() => TcAction.OK);
`;
    const uri = workspace.uri("twins.bpf.ts");
    await editor.initialize(workspace.path);
    editor.open(uri, text);
    const [modern] = (await editor.next(uri)).diagnostics;
    const first = { start: { line: 1, character: 13 }, end: { line: 1, character: 29 } };
    expect(modern).toMatchObject({
      code: "TSB1510",
      relatedInformation: [{ location: { uri, range: first }, message: "the other one" }],
    });

    await using plain = new Editor();
    await plain.initialize(workspace.path, {});
    plain.open(uri, text);
    const [shown] = (await plain.next(uri)).diagnostics;
    expect(Object.keys(shown ?? {}).sort()).toEqual(["code", "message", "range", "severity", "source"]);
    expect(String(shown?.message).split("\n")).toContain("twins.bpf.ts:2:14: the other one");
  });

  test("need not be on the disk, may be reached by a link, and may end its lines as Windows does", async () => {
    await editor.initialize(workspace.path);
    workspace.write("real.bpf.ts", good);
    symlinkSync(workspace.file("real.bpf.ts"), workspace.file("link.bpf.ts"));
    for (const uri of [workspace.uri("new.bpf.ts"), workspace.uri("link.bpf.ts")]) {
      editor.open(uri, good.replace("const four", "var four").replaceAll("\n", "\r\n"));
      const { diagnostics } = await editor.next(uri);
      expect(diagnostics).toMatchObject([
        {
          code: "TSB1108",
          range: { start: { line: 2, character: 2 }, end: { line: 2, character: 5 } },
        },
      ]);
    }
  });

  test("is checked once for all that was typed without a pause", async () => {
    await editor.initialize(workspace.path);
    const uri = workspace.uri("typing.bpf.ts");
    editor.open(uri, good);
    await editor.next(uri);
    for (let length = 1; length <= 40; length++) {
      editor.replace(uri, `four${"x".repeat(length - 1)} = 4;`, `four${"x".repeat(length)} = 4;`);
    }
    const versions: (number | undefined)[] = [];
    do versions.push((await editor.next(uri)).version);
    while (versions.at(-1) !== 41);
    expect(versions.length).toBeLessThan(40);
    expect(versions).toEqual([...versions].sort((a, b) => (a ?? 0) - (b ?? 0)));
  });
});
