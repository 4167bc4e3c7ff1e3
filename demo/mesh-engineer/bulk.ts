import { median } from "../lab/index.ts";
import type { Stage } from "../stage.ts";
import { bytes, ratio } from "../units.ts";
import { measure } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { paths } from "./paths.ts";

const PLAN = { rounds: 3, budgetMs: 12_000 };
const WINDOW_MS = 700;

/** Large bodies over the same paths, shown as they come out. */
export async function bulk(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator } = stage;
  narrator.chapter("Bulk transfer: interleaved windows of each path, 2 connections, bodies of 16 MiB");
  const measured = await measure(stage.client, paths(stage, mesh, "bulk", WINDOW_MS), PLAN);
  const rates = measured.map(({ windows }) =>
    median(windows.map((window) => (window.bytes * 1e9) / window.durationNs)),
  );
  narrator.table(
    [{ title: "PATH" }, { title: "THROUGHPUT", align: "right" }, { title: "RATIO", align: "right" }],
    measured.map(({ mode }, i) => [
      mode.name,
      `${bytes(rates[i] ?? 0)}/s`,
      ratio(rates[i] ?? 0, rates[0] ?? 0),
    ]),
  );
  const [direct = 0, control = 0, shortcut = 0] = rates;
  narrator.say(`  ${verdict(shortcut / Math.min(direct, control))}`);
}

/** In words, by what was measured against the slower of the two direct paths: a loss beyond their noise is called one. */
export function verdict(toDirect: number): string {
  const claim =
    "no gain is claimed: beyond a budget of unanswered bytes the shortcut hands a connection back to TCP";
  if (toDirect > 0.9) return claim;
  return `${claim}.\n  Here bulk lost: for a workload that mostly moves bulk the shortcut is turned off, which is the line "mesh, shortcut off"`;
}
