import type { Column } from "../cli/output/table.ts";
import { interleave, type LoadRequest, type Summary, summarise, type WindowResult } from "./lab/index.ts";
import type { Stage } from "./stage.ts";
import { microseconds, perSecond, ratio } from "./units.ts";

/** One way for a request to travel. `enter` makes it so for new connections. */
export interface Mode {
  readonly name: string;
  readonly enter: () => void | Promise<void>;
  readonly request: LoadRequest;
}

export interface Measured {
  readonly mode: Mode;
  readonly windows: readonly WindowResult[];
  readonly summary: Summary;
}

/** Runs windows of all modes in turn, each with connections of its own. */
export async function measure(stage: Stage, modes: readonly Mode[], rounds: number): Promise<Measured[]> {
  const windows = new Map<Mode, WindowResult[]>(modes.map((mode) => [mode, []]));
  for (const mode of interleave(modes, rounds)) {
    await mode.enter();
    windows.get(mode)?.push(await stage.client.window(mode.request));
  }
  return modes.map((mode) => {
    const own = windows.get(mode) as WindowResult[];
    return { mode, windows: own, summary: summarise(own) };
  });
}

const right = (title: string): Column => ({ title, align: "right" });

/** Latency and throughput with their ratios to the first mode. */
export function latencyTable(measured: readonly Measured[]): { columns: Column[]; rows: string[][] } {
  const base = measured[0]?.summary;
  const columns = [
    { title: "PATH" },
    right("P50"),
    right("P95"),
    right("P99"),
    right("REQUESTS"),
    right("P50"),
    right("P99"),
    right("REQUESTS"),
  ];
  const rows = measured.map(({ mode, summary }) => [
    mode.name,
    microseconds(summary.p50),
    microseconds(summary.p95),
    microseconds(summary.p99),
    perSecond(summary.requestsPerSecond),
    ratio(summary.p50, base?.p50 ?? 0),
    ratio(summary.p99, base?.p99 ?? 0),
    ratio(summary.requestsPerSecond, base?.requestsPerSecond ?? 0),
  ]);
  return { columns, rows };
}
