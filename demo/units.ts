/** 81322 ns → `81 µs`. */
export function microseconds(nanoseconds: number): string {
  return Number.isNaN(nanoseconds) ? "-" : `${Math.round(nanoseconds / 1000)} µs`;
}

/** How often `base` fits: `0.71x`. */
export function ratio(value: number, base: number): string {
  return base > 0 && Number.isFinite(value) ? `${(value / base).toFixed(2)}x` : "-";
}

export function bytes(count: number | bigint): string {
  const value = Number(count);
  for (const [unit, size] of [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const) {
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`;
  }
  return `${value} B`;
}

export function perSecond(rate: number): string {
  return `${Math.round(rate)}/s`;
}
