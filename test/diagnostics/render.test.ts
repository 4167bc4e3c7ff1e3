import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { displayLine } from "../../compiler/diagnostics/display-width.ts";
import { arrangeDiagnostics, maxDiagnostics } from "../../compiler/diagnostics/order.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { SourceText } from "../../compiler/diagnostics/source-text.ts";

const cwd = "/work";
const file = "/work/programs/count.bpf.ts";

/** One diagnostic on the first occurrence of `part`. */
function on(text: string, part: string, more: Partial<Diagnostic> = {}): [Diagnostic, Map<string, string>] {
  const start = text.indexOf(part);
  const span = { file, start, end: start + part.length };
  return [{ code: "TSB1204", severity: "error", message: "message", span, ...more }, new Map([[file, text]])];
}

function text(diagnostic: Diagnostic, sources: Map<string, string>): string {
  return renderDiagnostics([diagnostic], sources, "text", { cwd, color: false });
}

describe("text", () => {
  it("has the form of the language's description", () => {
    const lines = "\n".repeat(11);
    const [diagnostic, sources] = on(`${lines}  stats.packets += 1n;\n`, "stats", {
      message: "`stats` may be undefined here",
      label: "`flows.get` returns `FlowStats | undefined`",
      help: "guard it: `if (!stats) return;`",
    });
    expect(text(diagnostic, sources)).toBe(
      [
        "error[TSB1204]: `stats` may be undefined here",
        "  --> programs/count.bpf.ts:12:3",
        "   |",
        "12 |   stats.packets += 1n;",
        "   |   ^^^^^ `flows.get` returns `FlowStats | undefined`",
        "   = help: guard it: `if (!stats) return;`",
        "",
      ].join("\n"),
    );
  });

  it("shows further places, in their own files after the first", () => {
    const [diagnostic, sources] = on("const a = 1;\n\n\nuse(a);\n", "use", {
      label: "used here",
      labels: [
        { span: { file, start: 6, end: 7 }, message: "made here" },
        { span: { file: "/elsewhere/b.bpf.ts", start: 0, end: 3 }, message: "and there" },
      ],
      notes: ["one", "two\nlines"],
    });
    sources.set("/elsewhere/b.bpf.ts", "let b;");
    expect(text(diagnostic, sources)).toBe(
      [
        "error[TSB1204]: message",
        " --> programs/count.bpf.ts:4:1",
        "  |",
        "1 | const a = 1;",
        "  |       - made here",
        "...",
        "4 | use(a);",
        "  | ^^^ used here",
        " ::: /elsewhere/b.bpf.ts:1:1",
        "  |",
        "1 | let b;",
        "  | --- and there",
        "  = note: one",
        "  = note: two",
        "          lines",
        "",
      ].join("\n"),
    );
  });

  it("needs no source", () => {
    const bare: Diagnostic = { code: "TSB3001", severity: "error", message: "no clang", help: "install it" };
    expect(text(bare, new Map())).toBe("error[TSB3001]: no clang\n = help: install it\n");
  });

  it("underlines the first line of a span over several, and an end of file", () => {
    const [several, sources] = on("if (a) {\n  b;\n}\n", "{\n  b;\n}");
    expect(text(several, sources)).toContain("1 | if (a) {\n  |        ^\n");
    const end: Diagnostic = { ...several, span: { file, start: 99, end: 99 } };
    expect(text(end, sources)).toContain(" --> programs/count.bpf.ts:4:1\n");
  });

  it("shows what is around the place in a line of endless length", () => {
    const [diagnostic, sources] = on(`${"a".repeat(5000)} here ${"b".repeat(5000)}`, "here");
    const lines = text(diagnostic, sources).split("\n");
    expect(lines[3]).toMatch(/^1 \| …a+ here b+…$/);
    expect(lines[3]?.length).toBeLessThan(220);
    expect(lines[4]?.indexOf("^^^^")).toBe(lines[3]?.indexOf("here"));
  });

  it("lets no character of the source or a name drive the terminal", () => {
    const [diagnostic, sources] = on('const a = "\u001b[2J\u202e"; bad', "bad", {
      message: "\u001b]0;x\u0007",
    });
    const rendered = text(diagnostic, sources);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(rendered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(rendered).toContain("�");
  });

  it("keeps a message, a label and a file's name on their lines", () => {
    const odd = "/x/a\nerror[TSB0000]: forged\n.bpf.ts";
    const span = { file: odd, start: 0, end: 3 };
    const diagnostic = { code: "TSB1204", severity: "error", message: "a\nb", label: "c\nd", span } as const;
    const rendered = text(diagnostic, new Map([[odd, "bad"]]));
    expect(rendered.trimEnd().split("\n")).toHaveLength(5);
    expect(rendered).toContain("a�b");
  });

  it("colours on demand only", () => {
    const [diagnostic, sources] = on("a", "a");
    const coloured = renderDiagnostics([diagnostic], sources, "text", { cwd, color: true });
    expect(coloured).toContain("\u001b[31m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(text(diagnostic, sources));
  });
});

describe("columns", () => {
  it.each([
    ["tab", "\tx", "    x", 4],
    ["tab after text", "ab\tx", "ab  x", 4],
    ["wide", "漢x", "漢x", 2],
    ["combining", "e\u0301x", "e\u0301x", 1],
    ["emoji of several code points", "👩‍👧x", "👩‍👧x", 2],
    ["emoji by variation selector", "❤️x", "❤️x", 2],
    ["astral but narrow", "𝑎x", "𝑎x", 1],
  ])("%s", (_name, line, shown, cell) => {
    const display = displayLine(line);
    expect(display.text).toBe(shown);
    expect(display.cells[line.indexOf("x")]).toBe(cell);
  });
});

describe("positions", () => {
  it("count lines by every kind of line end", () => {
    const source = new SourceText("a\nb\r\nc\rd");
    expect(source.positionAt(0)).toEqual({ line: 1, column: 1 });
    expect(source.positionAt(2)).toEqual({ line: 2, column: 1 });
    expect(source.positionAt(5)).toEqual({ line: 3, column: 1 });
    expect(source.positionAt(7)).toEqual({ line: 4, column: 1 });
    expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(["a", "b", "c", "d", ""]);
  });

  it("stay inside the text", () => {
    expect(new SourceText("ab").positionAt(99)).toEqual({ line: 1, column: 3 });
    expect(new SourceText("").positionAt(-1)).toEqual({ line: 1, column: 1 });
  });
});

describe("json", () => {
  it("has every field always", () => {
    const [diagnostic, sources] = on("a\nbad == 1", "==", {
      fix: { title: "replace", edits: [{ span: { file, start: 6, end: 8 }, text: "===" }] },
    });
    const bare: Diagnostic = { code: "TSB3001", severity: "warning", message: "no clang" };
    const place = { file: "programs/count.bpf.ts", line: 2, column: 5, endLine: 2, endColumn: 7 };
    expect(JSON.parse(renderDiagnostics([diagnostic, bare], sources, "json", { cwd }))).toEqual({
      version: 1,
      errors: 1,
      warnings: 1,
      diagnostics: [
        {
          code: "TSB1204",
          severity: "error",
          message: "message",
          place,
          label: null,
          labels: [],
          notes: [],
          help: null,
          fix: { title: "replace", edits: [{ place, text: "===" }] },
        },
        {
          code: "TSB3001",
          severity: "warning",
          message: "no clang",
          place: null,
          label: null,
          labels: [],
          notes: [],
          help: null,
          fix: null,
        },
      ],
    });
  });
});

describe("github", () => {
  it("escapes what would end a property, a line or the command", () => {
    const odd = "/work/a,b:c%.bpf.ts";
    const diagnostic: Diagnostic = {
      code: "TSB1204",
      severity: "error",
      message: "50% of\n::error::it",
      span: { file: odd, start: 2, end: 3 },
      label: "here",
      help: "mend it",
    };
    expect(renderDiagnostics([diagnostic], new Map([[odd, "a\nb"]]), "github", { cwd })).toBe(
      "::error file=a%2Cb%3Ac%25.bpf.ts,line=2,endLine=2,col=1,endColumn=2,title=TSB1204::50%25 of%0A::error::it: here%0Ahelp: mend it\n",
    );
  });

  it("gives no columns for a range of lines", () => {
    const [diagnostic, sources] = on("a {\n}\n", "{\n}");
    expect(renderDiagnostics([diagnostic], sources, "github", { cwd })).toBe(
      "::error file=programs/count.bpf.ts,line=1,endLine=2,title=TSB1204::message\n",
    );
  });
});

describe("arrangement", () => {
  const at = (start: number, message = "m", severity: "error" | "warning" = "error"): Diagnostic => ({
    code: "TSB1204",
    severity,
    message,
    span: { file, start, end: start + 1 },
  });

  it("sorts by place and says each thing once", () => {
    expect(arrangeDiagnostics([at(5), at(1), at(5), at(5, "other")]).map((one) => one.span?.start)).toEqual([
      1, 5, 5,
    ]);
  });

  it("counts what it leaves out", () => {
    const many = Array.from({ length: maxDiagnostics + 3 }, (_, i) => at(i));
    const shown = arrangeDiagnostics(many);
    expect(shown).toHaveLength(maxDiagnostics + 1);
    expect(shown.at(-1)).toMatchObject({ code: "TSB1098", message: "3 more diagnostics are not shown" });
  });

  it("shows an error behind many warnings", () => {
    const many = [...Array.from({ length: 40 }, (_, i) => at(i, "w", "warning")), at(99, "e")];
    expect(arrangeDiagnostics(many).some(({ message }) => message === "e")).toBe(true);
  });
});
