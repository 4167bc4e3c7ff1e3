import type { Column } from "../cli/output/table.ts";
import {
  interleave,
  type LoadGenerator,
  type LoadRequest,
  type Summary,
  summarise,
  type WindowResult,
} from "./lab/index.ts";
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

export interface Plan {
  readonly rounds: number;
  /** A slow machine makes fewer rounds: none is begun when this has passed. Each mode has one window in every round. */
  readonly budgetMs: number;
}

/** Runs windows of all modes in turn, each with connections of its own. */
export async function measure(
  client: Pick<LoadGenerator, "window">,
  modes: readonly Mode[],
  { rounds, budgetMs }: Plan,
): Promise<Measured[]> {
  const windows = new Map<Mode, WindowResult[]>(modes.map((mode) => [mode, []]));
  const start = performance.now();
  for (const [i, mode] of interleave(modes, rounds).entries()) {
    if (i > 0 && i % modes.length === 0 && performance.now() - start > budgetMs) break;
    await mode.enter();
    windows.get(mode)?.push(await client.window(mode.request));
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
