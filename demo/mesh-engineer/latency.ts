import type { Stage } from "../stage.ts";
import { latencyTable, type Measured, measure } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { paths } from "./paths.ts";

const PLAN = { rounds: 5, budgetMs: 30_000 };
const WINDOW_MS = 900;

/** Interleaved windows of every path: percentiles, requests per second, ratios. */
export async function latency(stage: Stage, mesh: MeshOnStage): Promise<Measured[]> {
  const { narrator, assertions } = stage;
  narrator.chapter("Latency: interleaved windows of each path, 4 connections, answers of 1 KiB");
  const measured = await measure(stage.client, paths(stage, mesh, "answer", WINDOW_MS), PLAN);
  const { columns, rows } = latencyTable(measured);
  narrator.table(columns, rows);
  narrator.say(
    `  medians of ${measured[0]?.windows.length} windows each; the ratios on the right are to the first line, so the second line is the noise of this machine`,
  );
  const errors = measured.reduce((sum, { summary }) => sum + summary.errors, 0);
  const requests = measured.reduce((sum, { summary }) => sum + summary.requests, 0);
  assertions.claim(
    "no request failed on any path",
    errors === 0 && requests > 0,
    `${requests} requests, ${errors} errors`,
  );
  return measured;
}
