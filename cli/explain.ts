import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../compiler/diagnostics/catalogue.ts";
import { packageRoot } from "../compiler/package-root.ts";
import { toJson } from "./output/json.ts";
import { formatTable } from "./output/table.ts";
import type { Colours } from "./output/tty.ts";
import { UsageError } from "./usage-error.ts";

/** The page of a code. `TSB1204`, `tsb1204` and `1204` are the same. */
export function explanation(text: string, colours: Colours): string {
  const code = normalise(text);
  const entry = catalogue.get(code);
  if (!entry) throw unknownCode(text, code);
  const path = join(packageRoot, "docs", "diagnostics", `${code}.md`);
  const page = existsSync(path) ? readFileSync(path, "utf8") : `# ${code}: ${entry.title}\n`;
  return highlight(page, colours);
}

export function listCodes(format: string): string {
  const entries = [...catalogue.values()];
  if (format === "json") return `${toJson({ version: 1, codes: entries }, 2)}\n`;
  if (format !== "text") throw new UsageError(`--format is text or json, not ${format}`);
  return `${formatTable(
    [{ title: "CODE" }, { title: "TITLE" }],
    entries.map(({ code, title }) => [code, title]),
  )}\n`;
}

function normalise(text: string): string {
  const upper = text.trim().toUpperCase();
  return /^\d{4}$/.test(upper) ? `TSB${upper}` : upper;
}

function unknownCode(text: string, code: string): UsageError {
  if (/^TS\d+$/.test(code)) {
    return new UsageError(
      `${code} is TypeScript's own`,
      "its message says it all; codes of tsbpf begin with TSB",
    );
  }
  const near = [...catalogue.keys()].filter((known) => differences(known, code) === 1);
  const help =
    near.length > 0 ? `did you mean ${near.slice(0, 3).join(", ")}?` : "tsbpf explain --list lists them all";
  return new UsageError(`there is no code ${text}`, help);
}

/** Positions that differ, for codes of one length. */
function differences(a: string, b: string): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return [...a].filter((character, i) => character !== b[i]).length;
}

/** Headings bold and code dim on a terminal; the Markdown as it is elsewhere. */
function highlight(page: string, colours: Colours): string {
  if (!colours.isColorSupported) return page;
  let inCode = false;
  return page
    .split("\n")
    .map((line) => {
      if (line.startsWith("```")) inCode = !inCode;
      else if (inCode) return colours.cyan(line);
      else if (line.startsWith("#")) return colours.bold(line);
      return line;
    })
    .join("\n");
}
