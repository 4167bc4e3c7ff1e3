import { toJson } from "../output/json.ts";
import type { Colours } from "../output/tty.ts";
import { count, type Finding, type Report, type Status } from "./check.ts";

const MARK: Readonly<Record<Status, string>> = { ok: "√", warning: "‼", error: "×" };

function paint(status: Status, colours: Colours): string {
  const colour = { ok: colours.green, warning: colours.yellow, error: colours.red }[status];
  return colour(MARK[status]);
}

function findingLines(finding: Finding, colours: Colours): string[] {
  const detail = finding.detail === undefined ? "" : `: ${finding.detail}`;
  const lines = [`${paint(finding.status, colours)} ${finding.title}${detail}`];
  if (finding.status === "ok") return lines;
  if (finding.hint !== undefined) lines.push(`    ${finding.hint}`);
  if (finding.code !== undefined) lines.push(`    see: tsbpf explain ${finding.code}`);
  return lines;
}

export function renderText(report: Report, colours: Colours): string {
  const lines: string[] = [];
  for (const { name, findings } of report.categories) {
    lines.push(colours.bold(name), "-".repeat(name.length));
    for (const finding of findings) lines.push(...findingLines(finding, colours));
    lines.push("");
  }
  const [warnings, errors] = [count(report, "warning"), count(report, "error")];
  const mark = paint(errors > 0 ? "error" : "ok", colours);
  lines.push(
    `${mark} ${count(report, "ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${errors} failed`,
  );
  return `${lines.join("\n")}\n`;
}

/** The schema is in docs/cli.md. */
export function renderJson(report: Report): string {
  return `${toJson(
    {
      version: 1,
      ok: count(report, "error") === 0,
      categories: report.categories.map(({ name, findings }) => ({
        name,
        checks: findings.map(({ id, title, status, detail, hint, code }) => ({
          id,
          title,
          status,
          detail,
          hint,
          code,
        })),
      })),
    },
    2,
  )}\n`;
}
