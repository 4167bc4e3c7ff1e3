/** One window of load. Latencies in nanoseconds. */
export interface WindowResult {
  readonly requests: number;
  readonly errors: number;
  readonly durationNs: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** sha256 of every distinct body seen, hexadecimal: one where all were equal. */
  readonly bodies: readonly string[];
  /** The local and remote address of each connection used, as `ss` prints them. */
  readonly connections: readonly (readonly [local: string, remote: string])[];
}

/**
 * The value at or below which `fraction` of the samples lie (nearest rank: never an invented value between two). The samples must be
 * sorted. `NaN` where there are none.
 */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1))
    throw new RangeError(`a fraction lies between 0 and 1, not at ${fraction}`);
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] as number;
}

/** The middle one, or the mean of the two in the middle. `NaN` for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export interface Summary {
  readonly windows: number;
  readonly requests: number;
  readonly errors: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Medians over the windows of one mode, so that one window that was disturbed does not decide. */
export function summarise(windows: readonly WindowResult[]): Summary {
  const middle = (pick: (window: WindowResult) => number): number => median(windows.map(pick));
  return {
    windows: windows.length,
    requests: windows.reduce((sum, window) => sum + window.requests, 0),
    errors: windows.reduce((sum, window) => sum + window.errors, 0),
    requestsPerSecond: middle((window) => (window.requests * 1e9) / window.durationNs),
    p50: middle((window) => window.p50),
    p95: middle((window) => window.p95),
    p99: middle((window) => window.p99),
  };
}

/**
 * The order in which windows of several modes run: each round once through all of them, every other round backwards, so that a drift of
 * the machine falls on all alike.
 */
export function interleave<T>(modes: readonly T[], rounds: number): T[] {
  return Array.from({ length: rounds }, (_, round) =>
    round % 2 === 0 ? modes : [...modes].reverse(),
  ).flat();
}
