export type Summary = { count: number; median: number; p95: number; max: number };

/** The smallest value that at least `share` of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Undefined when there is nothing to summarise: no measurement is not a measurement of 0. */
export function summarise(values: readonly number[]): Summary | undefined {
  const [median, p95, max] = [0.5, 0.95, 1].map((share) => percentile(values, share));
  if (median === undefined || p95 === undefined || max === undefined) return undefined;
  return { count: values.length, median, p95, max };
}
